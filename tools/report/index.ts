export * from './devices.js';
export * from './explain-text.js';
export * from './format.js';
export * from './layer-figures.js';
export * from './record.js';
export * from './synthesis.js';
export * from './synthesis-text.js';
export * from './text.js';
