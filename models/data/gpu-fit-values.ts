/** Written by `npm run fits`: constants of the model of GPUs, and how far it is from devices that a fit did not see. Not edited by hand. */

export const gpuFitted = {
  callSeconds: 0.00002568,
  kernelCycles: 1527,
  computeShare: 0.8507,
  sharedMemory: 0.7793,
  stepCycles: 148,
  fillSteps: 50.55,
  cacheBytesPerCycle: 157.4,
  vectorShare: 0.1762,
} as const;

/** Mean absolute error in percent, each device predicted by a fit to all the others. */
export const gpuFitErrors = {
  offline: { rows: 141, meanPercent: 14 },
  singleStream: { rows: 78, meanPercent: 18.1 },
} as const;
