export { looksLikeCaffemodel, looksLikePrototxt } from './detect.js';
export * from './read.js';
export { netParameter } from './schema.js';
