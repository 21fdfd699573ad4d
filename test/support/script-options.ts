/** Options of the scripts that people run: a wrong one gets a line, not a stack trace. */

import { type ParseArgsConfig, parseArgs } from 'node:util';

/** What `parseArgs` makes of the command line; ends the process with status 2 and a line on standard error where it refuses. */
export function scriptOptions<T extends NonNullable<ParseArgsConfig['options']>>(
  options: T,
): ReturnType<typeof parseArgs<{ options: T }>>['values'] {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const known = Object.keys(options).map((name) => `--${name}`);
    process.stderr.write(`${(error as Error).message.split('\n')[0]}\nthere are ${known.join(', ')}\n`);
    process.exit(2);
  }
}

/** A whole number of at least `least` that an option states; ends the process with status 2 where it is none. */
export function wholeNumber(option: string, text: string, least = 0): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least && text.trim() !== '') return value;
  process.stderr.write(`--${option} takes a whole number of at least ${least}, not "${text}"\n`);
  process.exit(2);
}
