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

/** Calls of float32 matrix products through a framework: NeuSight and DeepBench. */
export const gpuProductsFitted = {
  callSeconds: 0.00005378,
  callYearly: 0.2076,
  kernelSeconds: 0.00001002,
  computeShare: 1.068,
  memoryShare: 0.5334,
  fillSteps: 500,
  halfReuse: 3.943,
  olderShare: 0.8319,
  olderTransposedShare: 0.8753,
} as const;

/** Calls of float32 convolutions through a framework: NeuSight. */
export const gpuConvolutionsFitted = {
  callSeconds: 0.0002479,
  callYearly: 0.282,
  computeShare: 0.7654,
  memoryShare: 0.7572,
  fillSteps: 500,
  halfReuse: 0.1,
  olderShare: 0.8749,
  olderTransposedShare: 0.7,
  directShare: 1.2,
  winogradTwoShare: 0.805,
  winogradFourShare: 1.062,
} as const;

/** Mean absolute error in percent, each device predicted by a fit to all the others. */
export const gpuFitErrors = {
  offline: { rows: 141, meanPercent: 14 },
  singleStream: { rows: 78, meanPercent: 18.1 },
  products: { rows: 19341, meanPercent: 12.7 },
  convolutions: { rows: 14879, meanPercent: 21.4 },
} as const;
