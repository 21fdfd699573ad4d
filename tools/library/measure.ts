/**
 * `--measure`: the network on this computer with onnxruntime-node, an optional package that is loaded where it is asked for. In: the path of
 * an ONNX file (or an example), the imported network, a batch. Out: the measured row, and beside it a row of this computer as modelled.
 */

import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { DiagnosticError, elementCount, errorDiagnostic } from '../../base/index.js';
import type { Graph } from '../../compiler/graph/index.js';
import { deviceRow, networkKernels } from '../compare/index.js';
import type { ComparisonRecord } from '../report/index.js';
import { packageRoot, readUserFile } from './files.js';
import { thisComputer } from './this-computer.js';

/** Calls before the clock counts, and the least and most calls that it counts. */
const WARM_UP = 5;
const LEAST = 15;
const MOST = 200;
/** Seconds after which enough calls were counted. */
const ENOUGH = 3;

/** The part of onnxruntime-node's interface that a measurement needs. */
export interface Runtime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<Session>;
  };
  readonly Tensor: new (type: string, data: Float32Array | BigInt64Array, shape: readonly number[]) => object;
}

interface Session {
  readonly inputNames: readonly string[];
  run(feeds: Readonly<Record<string, object>>): Promise<unknown>;
}

/** @throws DiagnosticError for a network that onnxruntime does not read. */
export function requireMeasurable(network: string): string {
  const example = join(packageRoot(), 'examples', network, `${network}.onnx`);
  if (existsSync(example)) return example;
  if (network.endsWith('.onnx')) return network;
  throw new DiagnosticError([
    errorDiagnostic('measure/format', `onnxruntime reads ONNX files, and ${network} is none`, {
      where: { kind: 'option', option: '--measure' },
      hint: 'leave --measure out, or convert the network to ONNX with its framework’s exporter (tf2onnx, torch.onnx)',
    }),
  ]);
}

/** @throws DiagnosticError where onnxruntime-node is not installed, or refuses the network. */
export async function measuredRows(
  network: string,
  graph: Graph,
  options: { readonly batch?: number },
): Promise<ComparisonRecord[]> {
  const { batch = 1 } = options;
  const runtime = await loadRuntime();
  const seconds = await medianSeconds(runtime, readUserFile(requireMeasurable(network)), graph).catch(
    (error: unknown) => {
      throw refused(network, error);
    },
  );
  const kernels = networkKernels(graph, batch);
  const model = deviceRow(thisComputer(), kernels, batch, 'float32');
  const processors = cpus();
  return [
    {
      device: 'this-computer',
      kind: 'cpu',
      description: `${processors[0]?.model.trim() ?? 'unknown processor'}, ${processors.length} threads, onnxruntime`,
      latencySeconds: seconds.median,
      throughputPerSecond: batch / seconds.median,
      powerWatts: null,
      energyJoules: null,
      lowerBound: false,
      how: 'measured',
      type: 'float32',
      error: null,
      basis: `measured: median of ${seconds.calls} calls after ${WARM_UP} (middle half ${(1e3 * seconds.low).toPrecision(3)} to ${(1e3 * seconds.high).toPrecision(3)} ms), onnxruntime-node, its default threads, seeded inputs`,
      source: 'this run (measured)',
      known: 'measured',
    },
    model,
  ];
}

/** The name is a value: nothing resolves the package before it is asked for. @throws DiagnosticError where it is not installed. */
export async function loadRuntime(name = 'onnxruntime-node'): Promise<Runtime> {
  try {
    const loaded = (await import(name)) as { readonly default?: Runtime } & Runtime;
    return loaded.InferenceSession ? loaded : loaded.default!;
  } catch (error) {
    throw new DiagnosticError([
      errorDiagnostic('measure/runtime', `${name} is not installed, or does not run on this computer`, {
        where: { kind: 'option', option: '--measure' },
        hint: `npm install ${name} (beside systole, or globally with it); what went wrong: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`,
      }),
    ]);
  }
}

interface Timing {
  readonly median: number;
  /** First and third quartile. */
  readonly low: number;
  readonly high: number;
  readonly calls: number;
}

async function medianSeconds(runtime: Runtime, model: Uint8Array, graph: Graph): Promise<Timing> {
  const session = await runtime.InferenceSession.create(model, {
    graphOptimizationLevel: 'all',
    // Errors only: warnings about the file are the importer's business.
    logSeverityLevel: 3,
  });
  const feeds = Object.fromEntries(
    session.inputNames.map((name, index) => [name, inputTensor(runtime, graph, name, index)]),
  );
  for (let i = 0; i < WARM_UP; i++) await session.run(feeds);
  const times: number[] = [];
  for (let spent = 0; times.length < LEAST || (spent < ENOUGH && times.length < MOST); ) {
    const from = performance.now();
    await session.run(feeds);
    times.push((performance.now() - from) / 1e3);
    spent += times.at(-1)!;
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(share * (times.length - 1))]!;
  return { median: at(0.5), low: at(0.25), high: at(0.75), calls: times.length };
}

/** Values between 0 and 1, of no meaning; the shape is the imported network's. */
function inputTensor({ Tensor }: Runtime, graph: Graph, name: string, index: number): object {
  const { shape, element } = (graph.values.get(name) ?? graph.values.get(graph.inputs[index]!))!.type;
  const values = Float32Array.from(
    { length: elementCount(shape) },
    (_, i) => ((i * 2654435761) % 1000) / 1000,
  );
  if (element === 'float32') return new Tensor('float32', values, shape);
  if (element === 'int64') return new Tensor('int64', new BigInt64Array(values.length), shape);
  throw new Error(`the input ${name} is ${element}; float32 and int64 inputs are measured`);
}

function refused(network: string, error: unknown): DiagnosticError {
  const message = error instanceof Error ? error.message.split('\n')[0]! : String(error);
  return new DiagnosticError([
    errorDiagnostic('measure/run', `onnxruntime does not run ${network}: ${message}`, {
      where: { kind: 'option', option: '--measure' },
      hint: 'leave --measure out, or --batch where the file fixes its own batch',
    }),
  ]);
}
