/**
 * The naive twin of the array with its edges: every register of `pe_array.v` as a number, every delay line as a list, one
 * cycle a call. In: what the edges show in a cycle. Out: registers, and toggles counted by comparing all of them. It shares no code
 * with the engine.
 */

import { perRegisterClass, type RegisterClass, type Toggles } from '../../models/activity/index.js';

export interface Edges {
  readonly activations: readonly number[];
  readonly weights: readonly number[];
  readonly write: boolean;
}

const grid = (rows: number, columns: number) =>
  Array.from({ length: rows }, () => new Array<number>(columns).fill(0));
/** Delay lines of depth 0, 1, ... */
const lines = (count: number) =>
  Array.from({ length: count }, (_, depth) => new Array<number>(depth).fill(0));

interface State {
  readonly weight: number[][];
  readonly activation: number[][];
  readonly product: number[][];
  readonly sum: number[][];
  readonly writeEnable: number[][];
  readonly activationSkew: number[][];
  readonly writeSkew: number[][];
  readonly weightSkew: number[][];
  /** Line c has depth c; it stands for column C-1-c. */
  readonly sumAlignment: number[][];
}

export class ArrayTwin {
  private state: State;
  readonly toggles: Record<RegisterClass, number> = perRegisterClass(() => 0);

  constructor(
    private readonly rows: number,
    private readonly columns: number,
    private readonly sumBits: number,
  ) {
    const elements = () => grid(rows, columns);
    this.state = {
      weight: elements(),
      activation: elements(),
      product: elements(),
      sum: elements(),
      writeEnable: elements(),
      activationSkew: lines(rows),
      writeSkew: [new Array<number>(rows - 1).fill(0)],
      weightSkew: lines(columns),
      sumAlignment: lines(columns),
    };
  }

  cycle(edges: Edges): void {
    const next = this.next(edges);
    for (const name of Object.keys(next) as (keyof State)[]) {
      const bits = this.bits(name);
      next[name].forEach((row, r) => {
        row.forEach((value, c) => {
          this.toggles[name] += ones((value ^ this.state[name][r]![c]!) & (2 ** bits - 1));
        });
      });
    }
    this.state = next;
  }

  private bits(name: keyof State): number {
    if (name === 'sum' || name === 'sumAlignment') return this.sumBits;
    if (name === 'product') return 16;
    return name === 'writeEnable' || name === 'writeSkew' ? 1 : 8;
  }

  private next({ activations, weights, write }: Edges): State {
    const { rows, columns, state } = this;
    /** What a line of this depth gives now, and its contents in the next cycle. */
    const end = (line: readonly number[], input: number) => line.at(-1) ?? input;
    const shift = (line: readonly number[], input: number) =>
      line.length === 0 ? [] : [input, ...line.slice(0, -1)];
    const enables = [Number(write), ...state.writeSkew[0]!];
    const next: State = {
      weight: grid(rows, columns),
      activation: grid(rows, columns),
      product: grid(rows, columns),
      sum: grid(rows, columns),
      writeEnable: grid(rows, columns),
      activationSkew: state.activationSkew.map((line, r) => shift(line, activations[r]!)),
      writeSkew: [enables.slice(0, -1)],
      weightSkew: state.weightSkew.map((line, c) => shift(line, weights[c]!)),
      sumAlignment: state.sumAlignment.map((line, depth) =>
        shift(line, state.sum[rows - 1]![columns - 1 - depth]!),
      ),
    };
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        const west = c === 0 ? end(state.activationSkew[r]!, activations[r]!) : state.activation[r]![c - 1]!;
        const enable = c === 0 ? enables[r]! : state.writeEnable[r]![c - 1]!;
        const weight = state.weight[r]![c]!;
        next.activation[r]![c] = west;
        next.writeEnable[r]![c] = enable;
        next.product[r]![c] = west * weight;
        next.sum[r]![c] = (r === 0 ? 0 : state.sum[r - 1]![c]!) + state.product[r]![c]!;
        next.weight[r]![c] = enable ? end(state.weightSkew[c]!, weights[c]!) : weight;
      }
    }
    return next;
  }
}

function ones(value: number): number {
  let count = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** One matmul instruction as its edges see it: when tiles start, docs/microarchitecture.md section 3 says. */
export interface Streams {
  /** [tile][vector][lane] and [tile][row][column]. */
  readonly acts: readonly (readonly (readonly number[])[])[];
  readonly weights: readonly (readonly (readonly number[])[])[];
}

/**
 * What the edges show, cycle by cycle, for instructions one after another; between rows an edge keeps what it showed. @param stages
 * registers of a multiplier.
 */
export function edgesOf(
  { rows, columns }: { readonly rows: number; readonly columns: number },
  work: readonly Streams[],
  stages = 1,
): Edges[][] {
  let activations: readonly number[] = new Array<number>(rows).fill(0);
  let weights: readonly number[] = new Array<number>(columns).fill(0);
  return work.map((streams) => {
    const [tiles, vectors] = [streams.acts.length, streams.acts[0]!.length];
    const period = Math.max(vectors, rows, 2);
    const start = 2;
    const cycles = start + (tiles - 1) * period + vectors + rows + columns - 1 + stages;
    return Array.from({ length: cycles }, (_, cycle) => {
      const at = (from: number) => [Math.floor((cycle - from) / period), (cycle - from) % period] as const;
      const [tile, n] = at(start);
      activations = streams.acts[tile]?.[n] ?? activations;
      const [weightTile, row] = at(start - 1);
      weights = streams.weights[weightTile]?.[row] ?? weights;
      return { activations, weights, write: row === 0 && streams.weights[weightTile] !== undefined };
    });
  });
}

/** @returns the toggles of each instruction. */
export function runTwin(twin: ArrayTwin, edges: readonly (readonly Edges[])[]): Toggles[] {
  return edges.map((cycles) => {
    const before = { ...twin.toggles };
    for (const cycle of cycles) twin.cycle(cycle);
    return perRegisterClass((name) => twin.toggles[name] - before[name]);
  });
}
