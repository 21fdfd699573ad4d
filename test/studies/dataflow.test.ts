import { checkStudy } from './check.js';
import { dataflow } from './dataflow.js';

checkStudy(dataflow);
