/** Every set of the truth suite, in the order of the page. */

import type { TruthSet } from '../truth-set.js';
import { arrayPowerRanking, arrayPowerSet } from './array-power.js';
import { deepbenchSet } from './deepbench.js';
import { vitisDpu } from './dpu.js';
import { coralEdgeTpu } from './edge-tpu.js';
import { eyeriss } from './eyeriss.js';
import { a100Matmul } from './gpu-matmul.js';
import { a100Rows } from './gpu-rows.js';
import { neusightConvolutionSet, neusightLinearSet } from './library.js';
import { mlperfOffline, mlperfSingleStream } from './mlperf.js';
import { ncnnArm } from './ncnn.js';
import { openvinoIntel } from './openvino.js';
import { ownRtl } from './own-rtl.js';
import { gpuPowerCurves } from './power-boards.js';
import { mlperfPower } from './power-systems.js';
import { scaleSim } from './scale-sim.js';
import { tpuV1Counters, tpuV1Cycles, tpuV1Exact } from './tpu-v1.js';
import { tpuV3 } from './tpu-v3.js';

export const truthSets: readonly TruthSet[] = [
  ownRtl,
  tpuV1Exact,
  tpuV1Counters,
  tpuV1Cycles,
  scaleSim,
  tpuV3,
  eyeriss,
  a100Matmul,
  a100Rows,
  neusightLinearSet,
  neusightConvolutionSet,
  deepbenchSet,
  mlperfOffline,
  mlperfSingleStream,
  openvinoIntel,
  ncnnArm,
  vitisDpu,
  coralEdgeTpu,
  mlperfPower,
  gpuPowerCurves,
  arrayPowerSet,
  arrayPowerRanking,
];
