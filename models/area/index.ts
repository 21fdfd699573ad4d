export * from './area.js';
export * from './block-rams.js';
export * from './clock.js';
export * from './errors.js';
export * from './features.js';
export * from './least-squares.js';
export { countNames, hasMappedModel, machineOfPoint, modelledAs } from './mapped.js';
export * from './power.js';
export * from './predict.js';
