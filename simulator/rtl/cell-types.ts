/** The cells that the simulator knows, one line each: what drives them apart in scheduling and code generation. */

/** How a cell computes: the group of the code generator that implements it. */
export type CellGroup =
  | 'bitwise'
  | 'arithmetic'
  | 'reduce'
  | 'logic'
  | 'compare'
  | 'shift'
  | 'divide'
  | 'power'
  | 'select'
  | 'memory'
  | 'copy';

export const cellGroups: Readonly<Record<string, CellGroup>> = {
  $not: 'bitwise',
  $and: 'bitwise',
  $or: 'bitwise',
  $xor: 'bitwise',
  $xnor: 'bitwise',
  $bweqx: 'bitwise',
  $add: 'arithmetic',
  $sub: 'arithmetic',
  $mul: 'arithmetic',
  $neg: 'arithmetic',
  $reduce_and: 'reduce',
  $reduce_or: 'reduce',
  $reduce_bool: 'reduce',
  $reduce_xor: 'reduce',
  $reduce_xnor: 'reduce',
  $logic_not: 'logic',
  $logic_and: 'logic',
  $logic_or: 'logic',
  $eq: 'compare',
  $ne: 'compare',
  $eqx: 'compare',
  $nex: 'compare',
  $lt: 'compare',
  $le: 'compare',
  $gt: 'compare',
  $ge: 'compare',
  $shl: 'shift',
  $sshl: 'shift',
  $shr: 'shift',
  $sshr: 'shift',
  $shift: 'shift',
  $shiftx: 'shift',
  $div: 'divide',
  $mod: 'divide',
  $pow: 'power',
  $mux: 'select',
  $bwmux: 'select',
  $pmux: 'select',
  $memrd: 'memory',
  $copy: 'copy',
};

/** Cells that only rename bits; they vanish while the design is read. */
export const wiringCells: ReadonlySet<string> = new Set(['$pos', '$buf', '$slice', '$concat', '$connect']);

/** Cells that compute nothing that anything reads. */
export const ignoredCells: ReadonlySet<string> = new Set([
  '$scopeinfo',
  '$print',
  '$check',
  '$assert',
  '$assume',
  '$cover',
  '$live',
  '$fair',
]);

export const latchCells: ReadonlySet<string> = new Set(['$dlatch', '$adlatch', '$dlatchsr', '$sr']);

/** Registers and the options that the letters in their names stand for. */
export const registerCells: ReadonlySet<string> = new Set([
  '$dff',
  '$dffe',
  '$sdff',
  '$sdffe',
  '$sdffce',
  '$adff',
  '$adffe',
  '$aldff',
  '$aldffe',
  '$dffsr',
  '$dffsre',
]);
