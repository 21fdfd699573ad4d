/** The thread of an array helper: says that it is ready, then runs tiles for ever. */

import { parentPort, workerData } from 'node:worker_threads';
import { type SharedTiles, serveTiles } from '../../simulator/array/index.js';

const { shared, helper } = workerData as { readonly shared: SharedTiles; readonly helper: number };
parentPort?.postMessage('ready');
serveTiles(shared, helper);
