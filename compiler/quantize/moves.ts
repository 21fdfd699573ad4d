/** Moves of integers that keep their scale: slices, joins, borders. In and out: names of integer values. */

import { tensor } from '../../base/index.js';
import type { Node } from '../graph/index.js';
import type { Emission } from './emission.js';
import type { ActivationScale } from './types.js';

/** Positions start, start + step, ... of an axis. */
export interface Run {
  readonly start: number;
  readonly count: number;
  readonly step: number;
}

/** Emits moves in front of a node; every result has the scale of what is moved. */
export class Moves {
  constructor(
    private readonly emission: Emission,
    private readonly node: Node,
    private readonly scale: ActivationScale,
  ) {}

  shape(value: string): readonly number[] {
    return this.emission.shapeOf(value);
  }

  /** The stated positions of some axes; the value itself where they are all that it has. */
  slice(value: string, runs: ReadonlyMap<number, Run>): string {
    const shape = this.shape(value);
    const cut = [...runs].filter(([axis, r]) => r.start !== 0 || r.step !== 1 || r.count !== shape[axis]);
    if (cut.length === 0) return value;
    return this.add('Slice', 'part', value, {
      starts: cut.map(([, r]) => r.start),
      ends: cut.map(([, r]) => r.start + (r.count - 1) * r.step + 1),
      axes: cut.map(([axis]) => axis),
      steps: cut.map(([, r]) => r.step),
    });
  }

  /** One value after another along an axis. */
  join(values: readonly string[], axis: number): string {
    return values.length === 1 ? values[0]! : this.add('Concat', 'join', values, { axis });
  }

  /** Parts as the phases of rows and columns. */
  interleave(parts: readonly string[], strides: readonly [number, number]): string {
    return parts.length === 1 ? parts[0]! : this.add('IntegerInterleave', 'phases', parts, { strides });
  }

  /** Entries of an axis in the stated order: runs of it one after another, or picked channels. */
  pick(value: string, axis: number, positions: readonly number[]): string {
    const runs = ascendingRuns(positions);
    if (axis !== 1 || runs.length === 1)
      return this.join(
        runs.map((run) => this.slice(value, new Map([[axis, run]]))),
        axis,
      );
    const data = BigInt64Array.from(positions, BigInt);
    const indices = this.emission.constant(
      `${this.node.name}.channels`,
      tensor('int64', [positions.length], data),
    );
    return this.add('Gather', 'channels', [value, indices], { axis: 1 });
  }

  add(
    operator: string,
    suffix: string,
    input: string | readonly string[],
    attributes: Node['attributes'],
  ): string {
    return this.emission.helper(operator, { node: this.node, suffix, input, scale: this.scale }, attributes);
  }
}

/** Positions as runs of equal steps above 0, each as long as it can be. */
export function ascendingRuns(positions: readonly number[]): readonly Run[] {
  const runs: Run[] = [];
  for (let at = 0; at < positions.length; ) {
    const start = positions[at]!;
    const step = (positions[at + 1] ?? start) - start;
    let count = 1;
    if (step > 0) while (positions[at + count] === start + count * step) count++;
    runs.push({ start, count, step: count > 1 ? step : 1 });
    at += count;
  }
  return runs;
}
