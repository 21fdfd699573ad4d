export * from './compile.js';
export * from './compiled.js';
export * from './diagnostics.js';
export * from './operators-page.js';
export * from './prepare.js';
export { compileSegment } from './segment.js';
