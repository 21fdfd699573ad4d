/** Written by `npm run fits`: constants of the model of DPUs, and how far it is from boards that a fit did not see. Not edited by hand. */

export const dpuFitted = {
  productShare: 0.8,
  depthwiseShare: 0.5,
  engineBytesPerCycle: 16,
  memoryShare: 0.5,
  layerCycles: 1000,
  callCycles: 100000,
  imageCycles: 10,
  scoreCycles: 10,
} as const;

/** Mean absolute error in percent, each board predicted by a fit to all the others. */
export const dpuFitErrors = { rows: 0, meanPercent: 0 } as const;
