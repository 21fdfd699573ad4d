/** Written by `npm run fits`: constants of the model of GPUs, and how far it is from devices that a fit did not see. Not edited by hand. */

export const gpuFitted = {
  callSeconds: 0.00001098,
  kernelCycles: 1511,
  computeShare: 0.8495,
  sharedMemory: 0.9533,
  stepCycles: 149.1,
  fillSteps: 52.56,
  cacheBytesPerCycle: 147.9,
  vectorShare: 0.1809,
  joulesPerOperation: 6.383e-14,
} as const;

/** Mean absolute error in percent, each device predicted by a fit to all the others. */
export const gpuFitErrors = {
  offline: { rows: 141, meanPercent: 13.8 },
  singleStream: { rows: 78, meanPercent: 17.3 },
} as const;
