import { buffers } from './buffers.js';
import { checkStudy } from './check.js';

checkStudy(buffers);
