export { looksLikeTfjs } from './manifest.js';
export * from './read.js';
