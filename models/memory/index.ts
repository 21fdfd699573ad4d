export * from './sram.js';
