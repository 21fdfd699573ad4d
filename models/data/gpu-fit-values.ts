/** Written by `npm run fits`: constants of the model of GPUs, and how far it is from devices that a fit did not see. Not edited by hand. */

export const gpuFitted = {
  callSeconds: 0.00003644,
  kernelCycles: 1628,
  computeShare: 0.8394,
  sharedMemory: 0.9168,
  stepCycles: 125.2,
  fillSteps: 55.95,
  cacheBytesPerCycle: 161.4,
  vectorShare: 0.1804,
  joulesPerOperation: 6.269e-14,
} as const;

/** Mean absolute error in percent, each device predicted by a fit to all the others. */
export const gpuFitErrors = {
  offline: { rows: 141, meanPercent: 13.6 },
  singleStream: { rows: 78, meanPercent: 17.3 },
} as const;
