/** The SavedModel importer. In: the files of the folder. Out: a graph with the inputs and outputs of one signature, or diagnostics. */

import { collect, DiagnosticError, fail, type Result, unwrap } from '../../../base/index.js';
import type { Graph } from '../../graph/index.js';
import {
  decodeSavedModel,
  type MetaGraphDef,
  type SignatureDef,
  type TensorflowNode,
} from '../wire/index.js';
import { Checkpoint, type FileLookup, variableName } from './checkpoint.js';
import { brokenSavedModel, chooseSignature, emptySignature } from './diagnostics.js';
import { inlineFunctions } from './functions.js';
import { importNodes, type NamedTensor } from './nodes.js';
import { ordered, producer, sourceName } from './order.js';

export interface ImportSavedModelOptions {
  /** What graph and diagnostics call the network; default `network`. */
  readonly name?: string;
  /** Concrete shapes of the signature's inputs, in the file's layout. An unknown first extent is otherwise 1. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  /** The signature to read; default `serving_default`, or the only one. */
  readonly signature?: string;
}

const MODEL = 'saved_model.pb';
const VARIABLES = 'variables/variables';

const variableOperators: readonly string[] = ['VarHandleOp', 'VariableV2', 'Variable'];

/**
 * Reads a SavedModel: variables from its checkpoint, functions inlined, one signature.
 * @param files bytes by name in the folder: `saved_model.pb`, `variables/variables.index` and its shards. Never throws for bad files.
 */
export function importSavedModel(files: FileLookup, options: ImportSavedModelOptions = {}): Result<Graph> {
  const name = options.name ?? 'network';
  const bytes = files(MODEL);
  if (bytes === undefined) return fail(brokenSavedModel(MODEL, 'the file is missing'));
  return collect(() => {
    const graph = servingGraph(bytes);
    const signature = signatureOf(graph, options.signature);
    const { nodes, resolve } = inlineFunctions(graph.graph!, name);
    const outputs = named(signature.outputs).map((o) => ({ ...o, source: resolve(o.source) }));
    const needed = neededNodes(nodes, outputs);
    return unwrap(
      importNodes(withVariables(needed, files, name), {
        ...{ name, outputs, shapes: options.shapes ?? {}, inputs: named(signature.inputs) },
      }),
    );
  });
}

/** The graph with the tag `serve`, or the only one. */
function servingGraph(bytes: Uint8Array): MetaGraphDef {
  let graphs: readonly MetaGraphDef[];
  try {
    graphs = decodeSavedModel(bytes).metaGraphs;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DiagnosticError([brokenSavedModel(MODEL, reason)]);
  }
  const found = graphs.find(({ info }) => info?.tags.includes('serve')) ?? graphs[0];
  if ((found?.graph?.node.length ?? 0) === 0)
    throw new DiagnosticError([brokenSavedModel(MODEL, 'it holds no graph')]);
  return found!;
}

/** Signatures that run the network: all but what loads it. */
function signatureOf({ signatures }: MetaGraphDef, wanted: string | undefined): SignatureDef {
  const names = Object.keys(signatures).filter((name) => name !== '__saved_model_init_op');
  const chosen =
    wanted ??
    (names.includes('serving_default') ? 'serving_default' : names.length === 1 ? names[0] : undefined);
  if (chosen === undefined || !names.includes(chosen))
    throw new DiagnosticError([chooseSignature(MODEL, wanted, names)]);
  const signature = signatures[chosen]!;
  if (Object.keys(signature.outputs).length === 0) throw new DiagnosticError([emptySignature(MODEL, chosen)]);
  if (Object.hasOwn(signature.outputs, ''))
    throw new DiagnosticError([
      brokenSavedModel(MODEL, `an output of the signature "${chosen}" has no name`),
    ]);
  return signature;
}

function named(tensors: SignatureDef['inputs']): NamedTensor[] {
  return Object.entries(tensors).map(([name, info]) => ({ name, source: sourceName(info.name) }));
}

function neededNodes(
  nodes: readonly TensorflowNode[],
  outputs: readonly NamedTensor[],
): readonly TensorflowNode[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const wanted = outputs.flatMap(({ source }) => byName.get(producer(source)) ?? []);
  return ordered(wanted, byName);
}

/** Variables with the values of the checkpoint as their attribute `value`, which constants have too. */
function withVariables(
  nodes: readonly TensorflowNode[],
  files: FileLookup,
  network: string,
): readonly TensorflowNode[] {
  let checkpoint: Checkpoint | undefined;
  return nodes.map((node) => {
    if (!variableOperators.includes(node.op)) return node;
    checkpoint ??= new Checkpoint(files, VARIABLES);
    const shared = Object.hasOwn(node.attr, 'shared_name') ? node.attr.shared_name!.s : [];
    const name = variableName(node.name, new TextDecoder().decode(Uint8Array.from(shared)));
    const tensor = checkpoint.variable(name, network);
    const value = { list: null, s: [], i: 0, f: 0, b: false, type: 0, shape: null, tensor, func: null };
    return { ...node, attr: { ...node.attr, value } };
  });
}
