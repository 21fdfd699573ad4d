/** Written by `npm run fits`: constants of the model of DPUs, and how far it is from boards that a fit did not see. Not edited by hand. */

export const dpuFitted = {
  productShare: 0.8607,
  depthwiseShare: 0.5675,
  engineBytesPerCycle: 36.24,
  memoryShare: 0.6665,
  layerCycles: 2025,
  callCycles: 529800,
  imageCycles: 1.733,
  scoreCycles: 13.83,
} as const;

/** Mean absolute error in percent, each board predicted by a fit to all the others. */
export const dpuFitErrors = { rows: 427, meanPercent: 15.8 } as const;
