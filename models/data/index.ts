export * from './area-points.js';
export * from './devices.js';
export * from './energy-prices.js';
export * from './provenance.js';
export * from './sram-fit.js';
export * from './synthesis-point.js';
export * from './synthesis-points.js';
export * from './technology.js';
