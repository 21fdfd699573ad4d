/** The output stage that every requantising integer operator shares: its attributes and its meaning. */

import { clamp, type ElementType, integerBits, integerRange, scaleRounded } from '../../../base/index.js';
import { type Attributes, type AttributeTable, numberAttribute, numbersAttribute } from '../attributes.js';
import { refuse } from '../operator.js';

/** Attributes of the output stage; see integer.md. */
export const requantizeAttributes: AttributeTable = {
  multiplier: numbersAttribute('fixed-point multipliers, one per output channel or one for all'),
  shift: numbersAttribute('right shifts, 1 to 63, as many as multipliers'),
  zeroPoint: numberAttribute('added after scaling'),
  min: numberAttribute('lower clamp'),
  max: numberAttribute('upper clamp'),
  table: numbersAttribute('256 results by clamped value + 128; absent: none', []),
};

/** Takes an accumulator of channel `c` to an output element. */
export type OutputStage = (accumulator: number, channel: number) => number;

/** The output stage of a node. Refuses lists that do not fit `channels`. */
export function outputStage(attributes: Attributes): OutputStage {
  const multiplier = attributes.numbers('multiplier');
  const shift = attributes.numbers('shift');
  const table = attributes.numbers('table');
  const [zeroPoint, min, max] = [
    attributes.number('zeroPoint'),
    attributes.number('min'),
    attributes.number('max'),
  ];
  const shared = multiplier.length === 1;
  return (accumulator, channel) => {
    const at = shared ? 0 : channel;
    const scaled = scaleRounded(accumulator, { multiplier: multiplier[at]!, shift: shift[at]! });
    const value = clamp(zeroPoint + scaled, min, max);
    return table.length === 0 ? value : table[value + 128]!;
  };
}

/** Types of activations and of weights. */
export const integerElements: readonly ElementType[] = ['int4', 'int8', 'int16'];

/** Refuses attributes that do not describe an output stage for `channels` channels of `element`. */
export function requireOutputStage(attributes: Attributes, channels: number, element: ElementType): void {
  const multiplier = attributes.numbers('multiplier');
  const shift = attributes.numbers('shift');
  if (multiplier.length !== 1 && multiplier.length !== channels)
    refuse(`${multiplier.length} multipliers do not fit ${channels} channels`);
  if (shift.length !== multiplier.length)
    refuse(`${shift.length} shifts, but ${multiplier.length} multipliers`);
  if (multiplier.some((m) => !Number.isInteger(m) || m < 0 || m >= 2 ** 31))
    refuse('a multiplier is outside 0 to 2^31 - 1');
  if (shift.some((s) => !Number.isInteger(s) || s < 1 || s > 63)) refuse('a shift is outside 1 to 63');
  const table = attributes.numbers('table');
  if (table.length !== 0 && table.length !== 256) refuse(`the table has ${table.length} entries, not 256`);
  const [min, max] = [attributes.number('min'), attributes.number('max')];
  const range = integerRange(integerBits(element));
  if (min < range.min || max > range.max || min > max)
    refuse(`the clamp ${min} to ${max} is not inside ${range.min} to ${range.max}`);
  if (table.length !== 0 && integerBits(element) > 8) refuse(`a table has too few entries for ${element}`);
}
