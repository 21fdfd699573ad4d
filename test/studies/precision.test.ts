import { checkStudy } from './check.js';
import { precision } from './precision.js';

checkStudy(precision);
