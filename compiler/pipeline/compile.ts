/**
 * From a network graph and a machine to a program, in numbered phases. In: a float or quantised Graph, calibration samples.
 * Out: everything each phase made, so that a report can point back.
 */

import { type Diagnostic, fail, type Result, succeed, type Tensor } from '../../base/index.js';
import type { Machine } from '../../models/machine/index.js';
import { type Dataflow, type DataImage, verifyDataflow } from '../dataflow/index.js';
import type { Graph } from '../graph/index.js';
import type { Program } from '../isa/index.js';
import { lower } from '../lower/index.js';
import { runPasses } from '../passes/index.js';
import {
  bodyOf,
  importQuantized,
  isQuantized,
  type QuantizedNetwork,
  type QuantizeOptions,
  quantize,
} from '../quantize/index.js';
import { schedule } from '../schedule/index.js';
import { nothingToAccelerate } from './diagnostics.js';

export interface CompileOptions {
  /** Samples of the network's float inputs, by input name. Needed unless the network is already quantised. */
  readonly calibration?: readonly ReadonlyMap<string, Tensor>[];
  readonly quantization?: QuantizeOptions;
}

export interface Compiled {
  readonly machine: Machine;
  /** Phase 1: the network after the graph passes; float, or as its framework quantised it. */
  readonly network: Graph;
  /** Phase 2: the integer graph with its float ends. */
  readonly quantized: QuantizedNetwork;
  /** Phase 3: what the accelerator computes, int8 in and out. */
  readonly body: Graph;
  /** Phase 4. */
  readonly dataflow: Dataflow;
  readonly image: DataImage;
  /** Phase 6. */
  readonly program: Program;
  /** Warnings and notes of all phases. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Compiles a network for a machine.
 * @param graph from an importer; any float or quantised graph within the operator set.
 * @returns everything, or the diagnostics of the first phase that failed.
 */
export function compile(graph: Graph, machine: Machine, options: CompileOptions = {}): Result<Compiled> {
  // 1: fold what is constant, drop what does nothing at inference, merge batch normalisation and padding.
  const network = runPasses(graph);
  // 2: floats become integers, or a quantised network's own integers are kept.
  const quantized = toInteger(network, machine, options);
  if (!quantized.ok) return quantized;
  // 3: what stays on the host (float ends) is split off.
  const body = bodyOf(quantized.value);
  if (body.nodes.length === 0)
    return fail(
      nothingToAccelerate(
        graph.name,
        graph.nodes.map((node) => node.operator),
      ),
    );
  // 4: tiles, buffers, semaphores.
  const scheduled = schedule(body, machine);
  if (!scheduled.ok) return scheduled;
  const { dataflow, image } = scheduled.value;
  // 5: the schedule proves itself legal; a finding here is a bug of the scheduler, shown as it is.
  const faults = verifyDataflow(dataflow, machine);
  if (faults.some((d) => d.severity === 'error')) return { ok: false, diagnostics: faults };
  // 6: words and memory image.
  const program = lower(dataflow, machine, image);
  if (!program.ok) return program;
  const diagnostics = [...quantized.diagnostics, ...scheduled.diagnostics, ...faults, ...program.diagnostics];
  return succeed(
    {
      machine,
      network,
      quantized: quantized.value,
      body,
      dataflow,
      image,
      program: program.value,
      diagnostics,
    },
    diagnostics,
  );
}

function toInteger(network: Graph, machine: Machine, options: CompileOptions): Result<QuantizedNetwork> {
  if (isQuantized(network))
    return importQuantized(network, { multiplierBits: machine.requantization.multiplierBits });
  return quantize(network, options.calibration ?? [], {
    ...options.quantization,
    elements: machine.elements,
    multiplierBits: machine.requantization.multiplierBits,
  });
}
