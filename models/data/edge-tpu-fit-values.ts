/** Written by `npm run fits`: constants of the model of Edge TPUs, and how far it is from networks that a fit did not see. Not edited by hand. */

export const edgeTpuFitted = {
  productShare: 0.996,
  depthwiseShare: 1,
  activationBytesPerCycle: 92.8,
  linkShare: 0.8003,
  cacheShare: 0.8,
  callSeconds: 0.001171,
} as const;

/** Mean absolute error in percent, each network predicted by a fit to all the others. */
export const edgeTpuFitErrors = { rows: 14, meanPercent: 13.2 } as const;
