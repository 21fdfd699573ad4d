/** A small VCD reader. In: text. Out: every signal's value in every cycle, as bits (`0`, `1`, `x`), by path below `u_core`. */

export interface Waves {
  /** Bits of each signal by path. */
  readonly bits: ReadonlyMap<string, number>;
  /** Values in one cycle after another: those that hold before the next rising edge of the clock. */
  readonly cycles: readonly ReadonlyMap<string, string>[];
}

/** @param wanted paths to keep; left out, all. @throws Error where the text is no VCD. */
export function readVcd(text: string, wanted?: ReadonlySet<string>): Waves {
  const { paths, bits, body } = readHeader(text);
  const values = new Map<string, string>();
  const cycles: Map<string, string>[] = [];
  let before = new Map<string, string>();
  let last = -1;
  for (const line of body) {
    if (line === '' || line.startsWith('$')) continue;
    if (line.startsWith('#')) {
      const time = Number(line.slice(1));
      if (!(time > last)) throw new Error(`time ${time} after ${last}`);
      last = time;
      before = new Map(values);
      continue;
    }
    const match = /^(?:b([01xz]+) |([01xz]))(\S+)$/.exec(line);
    if (!match) throw new Error(`not a value change: ${line}`);
    const names = paths.get(match[3]!);
    if (!names) throw new Error(`undeclared identifier ${match[3]}`);
    for (const name of names) {
      if (wanted && !wanted.has(name)) continue;
      const value = extend(match[1] ?? match[2]!, bits.get(name)!);
      if (name === 'clk_i' && value === '1' && values.get(name) !== '1') cycles.push(before);
      values.set(name, value);
    }
  }
  return { bits, cycles: [...cycles.slice(1), values] };
}

/** Short values are extended to the left by zeros, or by x if they start with it. */
function extend(value: string, bits: number): string {
  if (value.length > bits) throw new Error(`${value} does not fit ${bits} bits`);
  return value.padStart(bits, /[xz]/.test(value[0]!) ? value[0]! : '0');
}

function readHeader(text: string) {
  const end = text.indexOf('$enddefinitions');
  if (end < 0) throw new Error('no $enddefinitions');
  const paths = new Map<string, string[]>();
  const bits = new Map<string, number>();
  const scopes: string[] = [];
  for (const [, keyword, rest] of text.slice(0, end).matchAll(/\$(scope|upscope|var)\s+(.*?)\s*\$end/g)) {
    const words = rest!.trim().split(/\s+/);
    if (keyword === 'scope') scopes.push(words[1]!);
    else if (keyword === 'upscope') scopes.pop();
    else {
      const below = scopes.slice(scopes.indexOf('u_core') + 1);
      const path = [...below, words[3]!].join('.');
      if (!scopes.includes('u_core')) continue;
      paths.set(words[2]!, [...(paths.get(words[2]!) ?? []), path]);
      bits.set(path, Number(words[1]));
    }
  }
  if (scopes.length > 0) throw new Error(`open scope ${scopes.join('.')}`);
  return { paths, bits, body: text.slice(text.indexOf('\n', end) + 1).split('\n') };
}
