export { legalize } from './legalize/index.js';
export type { LayerMapping, MappingChoice } from './mapping.js';
export { refusedOperand, refusedProduct } from './product.js';
export { type Schedule, type ScheduleOptions, schedule } from './schedule.js';
export { Synchronizer, type Touch } from './semaphores.js';
