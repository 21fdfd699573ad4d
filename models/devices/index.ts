export * from './roofline.js';
