/** Written by `npm run fits`: constants of the model of GPUs, and how far it is from devices that a fit did not see. Not edited by hand. */

export const gpuFitted = {
  callSeconds: 0.00003367,
  kernelCycles: 1174,
  computeShare: 0.8536,
  sharedMemory: 1.417,
  stepCycles: 126.2,
  fillSteps: 67.12,
  cacheBytesPerCycle: 151.6,
  vectorShare: 0.1462,
  joulesPerOperation: 2.714e-15,
} as const;

/** Mean absolute error in percent, each device predicted by a fit to all the others. */
export const gpuFitErrors = {
  offline: { rows: 141, meanPercent: 16.4 },
  singleStream: { rows: 78, meanPercent: 17.2 },
} as const;
