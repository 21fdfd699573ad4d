export * from './bench.js';
export * from './emit.js';
export * from './fields.js';
export * from './parameters.js';
export * from './scripts.js';
export { cellTemplates, toolVersion } from './templates.generated.js';
