export * from './bert.js';
export * from './builder.js';
export * from './mobilenet.js';
export * from './resnet.js';
