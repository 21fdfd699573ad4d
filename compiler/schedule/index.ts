export { legalize } from './legalize/index.js';
export { type Schedule, schedule } from './schedule.js';
export { Synchronizer, type Touch } from './semaphores.js';
