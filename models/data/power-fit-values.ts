/** Written by `npm run fits`: constants of the models of power, and how far they are from devices or intensities that a fit did not see. Not edited by hand. */

export const boardPowerFitted = {
  activeShare: 0.2,
  joulesPerOperation: 8e-13,
  joulesPerByte: 8e-11,
} as const;

export const systemPowerFitted = {
  idleShare: 0.2,
  workShare: 0.7,
  utilisationPower: 0.4,
  hostShare: 0.3,
  hostWorkShare: 0.2,
  serverWatts: 60,
  boardWatts: 4,
} as const;

/** Mean absolute error in percent. */
export const powerFitErrors = {
  board: { rows: 0, meanPercent: 0 },
  system: { rows: 0, meanPercent: 0 },
} as const;
