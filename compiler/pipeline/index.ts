export * from './compile.js';
export * from './diagnostics.js';
export * from './operators-page.js';
