/** Written by `npm run fits`: constants of the model of Edge TPUs, and how far it is from networks that a fit did not see. Not edited by hand. */

export const edgeTpuFitted = {
  productShare: 0.6,
  depthwiseShare: 0.3,
  activationBytesPerCycle: 32,
  linkShare: 0.9,
  cacheShare: 0.9,
  callSeconds: 0.0005,
} as const;

/** Mean absolute error in percent, each network predicted by a fit to all the others. */
export const edgeTpuFitErrors = { rows: 0, meanPercent: 0 } as const;
