export { looksLikeCaffemodel, looksLikePrototxt } from './detect.js';
export { caffeMappings } from './layers.js';
export * from './read.js';
export { netParameter } from './schema.js';
