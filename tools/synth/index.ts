export * from './diagnostics.js';
export * from './liberty.js';
export * from './nextpnr-report.js';
export { openClockGates, plainNames, readStaLog } from './opensta.js';
export { complaint, findInPath } from './process.js';
export * from './request.js';
export * from './synthesize.js';
export { hasYowasp } from './yowasp.js';
