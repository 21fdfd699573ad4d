export * from './activity.js';
export * from './toggles.js';
