export * from './engine.js';
export { MatmulDatapath } from './matmul.js';
