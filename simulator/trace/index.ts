export * from './place.js';
export * from './timeline.js';
export * from './waits.js';
