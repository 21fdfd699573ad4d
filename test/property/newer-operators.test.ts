/**
 * Laws 1 and 2 on drawn float networks of operators that passes make of others: they reach the integer graph in forms that no integer network
 * would be drawn in. Settings: SYSTOLE_RUNS.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DiagnosticError, unwrap } from '../../base/index.js';
import { evaluateGraph, type Graph, GraphBuilder } from '../../compiler/graph/index.js';
import { initialDram } from '../../compiler/isa/index.js';
import { compile } from '../../compiler/pipeline/index.js';
import type { Machine } from '../../models/machine/index.js';
import { segmentInputs } from '../../tools/library/index.js';
import { machineOf } from '../schedule/networks.js';
import { randomTensor, sampleOf } from '../segments/networks.js';
import type { LawCase } from '../support/law-case.js';
import { sameCycles, sameValues } from '../support/laws.js';

const numRuns = Number(process.env.SYSTOLE_RUNS ?? 60);

const kinds = [
  'convTranspose',
  'resizeNearest',
  'resizeLinear',
  'maximum',
  'minimum',
  'difference',
  'prelu',
  'function',
  'product',
  'gate',
  'depthToSpace',
  'grouped',
  'shuffle',
  'plane',
  'lstm',
] as const;

interface Step {
  readonly kind: (typeof kinds)[number];
  /** An earlier picture, for operators of two operands. */
  readonly other: number;
  /** Sizes and functions: each operator takes what it needs of it. */
  readonly choice: number;
}

interface Plan {
  readonly channels: number;
  readonly side: number;
  readonly steps: readonly Step[];
}

const plans: fc.Arbitrary<Plan> = fc.record({
  channels: fc.constantFrom(2, 4, 6, 12),
  side: fc.constantFrom(3, 4, 6),
  steps: fc.array(fc.record({ kind: fc.constantFrom(...kinds), other: fc.nat(7), choice: fc.nat(11) }), {
    minLength: 1,
    maxLength: 5,
    size: 'max',
  }),
});

const machines = fc
  .record({
    rows: fc.constantFrom(4, 8),
    columns: fc.constantFrom(4, 8),
    lanes: fc.constantFrom(1, 2, 4),
    banks: fc.integer({ min: 3, max: 5 }),
    wgtRows: fc.constantFrom(128, 1024),
    dataflow: fc.constantFrom('weight-stationary' as const, 'output-stationary' as const),
  })
  .map(machineOf);

/** Every step takes a picture [1, C, S, S] and gives one. */
class Network {
  private readonly b = new GraphBuilder('newer');
  private readonly shape: readonly number[];
  private seed = 1;

  constructor(private readonly plan: Plan) {
    this.shape = [1, plan.channels, plan.side, plan.side];
  }

  build(): Graph {
    const pictures = [this.conv(this.b.input('x', { element: 'float32', shape: this.shape }))];
    for (const step of this.plan.steps)
      pictures.push(this.add(step, pictures.at(-1)!, pictures[step.other % pictures.length]!));
    this.b.output(pictures.at(-1)!);
    return this.b.build();
  }

  private floats(...shape: readonly number[]): string {
    this.seed++;
    return this.b.constant(`constant${this.seed}`, randomTensor(shape, this.seed));
  }

  private node(operator: string, inputs: readonly string[], attributes = {}): string {
    return this.b.node(operator, inputs, { attributes });
  }

  private conv(x: string, inputs = this.plan.channels, group = 1): string {
    const weights = this.floats(this.plan.channels, inputs / group, 3, 3);
    return this.node('Conv', [x, weights], { pads: [1, 1, 1, 1], group });
  }

  private halved(x: string): string {
    return this.node('MaxPool', [x], { kernel: [2, 2], strides: [2, 2] });
  }

  private doubled(x: string, attributes: object): string {
    const { channels, side } = this.plan;
    return this.halved(this.node('Resize', [x], { sizes: [1, channels, 2 * side, 2 * side], ...attributes }));
  }

  private add({ kind, choice }: Step, x: string, y: string): string {
    const { channels, side } = this.plan;
    switch (kind) {
      case 'convTranspose': {
        const kernel = 2 + (choice % 3);
        const pad = kernel === 4 ? 1 : 0;
        const group = [1, 2, channels][choice % 3]!;
        const weights = this.floats(channels, channels / group, kernel, kernel);
        const up = this.node('ConvTranspose', [x, weights], {
          strides: [2, 2],
          pads: [pad, pad, pad, pad],
          group,
        });
        const extent = 2 * side;
        return this.halved(
          this.node('Slice', [up], { starts: [0, 0], ends: [extent, extent], axes: [2, 3] }),
        );
      }
      case 'resizeNearest':
        return this.doubled(x, { mode: 'nearest', coordinateMode: 'asymmetric', nearestMode: 'floor' });
      case 'resizeLinear':
        return this.doubled(x, { mode: 'linear', coordinateMode: 'half_pixel' });
      case 'maximum':
        return this.node('Max', [x, y]);
      case 'minimum':
        return this.node('Min', [x, y]);
      case 'difference':
        return this.node('Sub', [this.conv(x), y]);
      case 'prelu':
        return this.node('PRelu', [x, this.floats(channels, 1, 1)]);
      case 'function':
        return this.node(['Silu', 'Gelu', 'HardSwish', 'Mish', 'Tanh', 'Elu'][choice % 6]!, [x]);
      case 'product':
        return this.node('Mul', [x, y]);
      case 'gate': {
        const mean = this.node('GlobalAveragePool', [y]);
        const gate = this.node('Conv', [mean, this.floats(channels, channels, 1, 1)]);
        return this.node('Mul', [x, this.node('Sigmoid', [gate])]);
      }
      case 'depthToSpace': {
        const wide = this.node('Conv', [x, this.floats(4 * channels, channels, 1, 1)]);
        return this.halved(
          this.node('DepthToSpace', [wide], { blockSize: 2, mode: choice % 2 ? 'CRD' : 'DCR' }),
        );
      }
      case 'grouped':
        return this.conv(x, channels, [2, channels / 2, channels][choice % 3]);
      case 'shuffle': {
        const apart = this.node('Reshape', [x], { shape: [1, 2, channels / 2, side, side] });
        const turned = this.node('Transpose', [apart], { perm: [0, 2, 1, 3, 4] });
        return this.node('Reshape', [turned], { shape: this.shape });
      }
      case 'plane': {
        const wide = this.node('Resize', [x], { mode: 'nearest', sizes: [1, channels, 6 * side, 6 * side] });
        return this.node('Add', [x, this.node('Mul', [y, this.node('GlobalAveragePool', [wide])])]);
      }
      case 'lstm':
        return this.recurrent(x);
    }
  }

  /** The first three rows of a picture as steps. */
  private recurrent(x: string): string {
    const { channels, side } = this.plan;
    const rows = this.node('Slice', [x], { starts: [0], ends: [3], axes: [2] });
    const turned = this.node('Transpose', [rows], { perm: [2, 0, 1, 3] });
    const steps = this.node('Reshape', [turned], { shape: [3, 1, channels * side] });
    const hidden = channels;
    const weights = [this.floats(1, 4 * hidden, channels * side), this.floats(1, 4 * hidden, hidden)];
    this.b.node('LSTM', [steps, ...weights], {
      attributes: { hidden },
      outputs: [`y${this.seed}`, `h${this.seed}`],
    });
    const gate = this.node('Reshape', [`h${this.seed}`], { shape: [1, hidden, 1, 1] });
    return this.node('Mul', [x, gate]);
  }
}

/** The segments of a compiled network, each with what it really gets. */
function casesOf(graph: Graph, machine: Machine): readonly LawCase[] {
  const calibration = [sampleOf(graph, 1), sampleOf(graph, 2)];
  const compiled = unwrap(compile(graph, machine, { calibration }));
  const inputs = segmentInputs(compiled, sampleOf(graph, 7));
  return compiled.segments.map(({ program, body }, i) => ({
    machine,
    graph: body,
    program,
    dram: initialDram(program, inputs[i]!),
    reference: evaluateGraph(body, inputs[i]!, { keep: 'all' }),
  }));
}

describe('operators made of others', () => {
  it('laws 1 and 2: drawn networks of them store what the integer graph evaluates to, in the predicted cycles', () => {
    const seen = new Map<string, number>();
    let refused = 0;
    fc.assert(
      fc.property(machines, plans, (machine, plan) => {
        const graph = new Network(plan).build();
        try {
          for (const subject of casesOf(graph, machine)) {
            sameValues(subject);
            sameCycles(subject);
          }
          for (const { kind } of plan.steps) seen.set(kind, (seen.get(kind) ?? 0) + 1);
        } catch (error) {
          if (!(error instanceof DiagnosticError)) throw error;
          expect(error.diagnostics.map(({ code }) => code)).toContain('schedule/buffer-too-small');
          refused++;
        }
      }),
      { numRuns },
    );
    if (numRuns >= 60) expect([...kinds].filter((kind) => !seen.has(kind))).toEqual([]);
    expect(refused).toBeLessThan(numRuns / 4);
  });
});
