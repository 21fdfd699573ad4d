/** Written by `npm run fits`: constants of the model of power, and how far it is from devices or intensities that a fit did not see. Not edited by hand. */

export const boardPowerFitted = {
  activeShare: 0.1684,
  joulesPerOperation: 7.353e-13,
  joulesPerByte: 1.177e-10,
} as const;

export const systemPowerFitted = {
  idleShare: 0.01851,
  workShare: 0.9776,
  utilisationPower: 0.2895,
  hostShare: 0.8281,
  hostWorkShare: 0.316,
  serverWatts: 1,
  boardWatts: 0.1,
} as const;

/** Mean absolute error in percent. */
export const powerFitErrors = {
  board: { rows: 43, meanPercent: 3.13 },
  system: { rows: 506, meanPercent: 14.8 },
} as const;
