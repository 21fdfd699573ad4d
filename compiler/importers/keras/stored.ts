/**
 * Weights as Keras 3 (and tf.keras from 2.12 on) stores them: a group a layer, called after its class and numbered, its arrays called 0, 1,
 * .... In: an open HDF5 file and the model's layers. Out: the weights by layer and role.
 */

import { Dataset, Group } from 'jsfive';
import { type NamedWeight, namedWeight, type ReadingBudget } from './dataset.js';
import type { LayerSpec } from './topology.js';

/** Groups that hold the layers, newest first. */
const containers = ['layers', '_layer_checkpoint_dependencies'];

/** Roles of a layer's arrays, in the order in which Keras makes them. */
function rolesOf({ className, config }: LayerSpec): readonly string[] {
  const has = (flag: string) => (config[flag] ?? true) !== false;
  const optional = (flag: string, role: string) => (has(flag) ? [role] : []);
  const bias = optional('use_bias', 'bias');
  switch (className) {
    case 'BatchNormalization':
      return [...optional('scale', 'gamma'), ...optional('center', 'beta'), 'moving_mean', 'moving_variance'];
    case 'DepthwiseConv2D':
      return ['depthwise_kernel', ...bias];
    case 'SeparableConv1D':
    case 'SeparableConv2D':
      return ['depthwise_kernel', 'pointwise_kernel', ...bias];
    case 'LayerNormalization':
    case 'GroupNormalization':
      return [...optional('scale', 'gamma'), ...optional('center', 'beta')];
    case 'LSTM':
    case 'GRU':
    case 'SimpleRNN':
    case 'CuDNNLSTM':
    case 'CuDNNGRU':
      return ['kernel', 'recurrent_kernel', ...bias];
    case 'Normalization':
      return ['mean', 'variance', 'count'];
    case 'PReLU':
      return ['alpha'];
    case 'Embedding':
      return ['embeddings'];
    default:
      return ['kernel', ...bias];
  }
}

/** `LeakyReLU` is stored as leaky_re_lu. */
export function storedName(className: string): string {
  return className
    .replaceAll(/\W+/g, '')
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

export function storesByNumber(root: Group): boolean {
  return containers.some((name) => root.keys.includes(name));
}

/**
 * The weights of each layer that has any.
 * @throws Error when the file does not fit the model.
 */
export function numberedWeights(
  root: Group,
  layers: readonly LayerSpec[],
  budget: ReadingBudget,
): ReadonlyMap<string, readonly NamedWeight[]> {
  const held = groupOf(root, containers.find((name) => root.keys.includes(name))!);
  const groups = groupsOf(held, layers);
  return new Map([...groups].map(([layer, group]) => [layer.name, weightsOf(group, layer, budget)]));
}

/** The group of each layer that has one: called after its class, and numbered. */
function groupsOf(held: Group, layers: readonly LayerSpec[]): ReadonlyMap<LayerSpec, Group> {
  const used = new Map<string, number>();
  const groups = new Map<LayerSpec, Group>();
  for (const layer of layers) {
    const base = storedName(layer.className);
    const before = used.get(base);
    used.set(base, (before ?? -1) + 1);
    const name = before === undefined ? base : `${base}_${before + 1}`;
    if (!held.keys.includes(name)) continue;
    const group = groupOf(held, name);
    requireOwner(group, layer);
    groups.set(layer, group);
  }
  return groups;
}

/** Groups within that of a wrapper, and what the names of its weights begin with. */
const sides: readonly (readonly [string, string])[] = [
  ['layer', ''],
  ['forward_layer', 'forward_layer/'],
  ['backward_layer', 'backward_layer/'],
];

/** Names are roles; those of a model within the model begin with its layers' names, those of Bidirectional with the direction. */
function weightsOf(outer: Group, layer: LayerSpec, budget: ReadingBudget): readonly NamedWeight[] {
  const prefixed = (prefix: string, weights: readonly NamedWeight[]): readonly NamedWeight[] =>
    weights.map((weight) => ({ ...weight, name: `${prefix}${weight.name}` }));
  if (layer.model !== undefined) {
    if (!outer.keys.includes('layers')) return [];
    const groups = groupsOf(groupOf(outer, 'layers'), layer.model.layers);
    return [...groups].flatMap(([inner, group]) =>
      prefixed(`${inner.name}/`, weightsOf(group, inner, budget)),
    );
  }
  const [wrapped, second = wrapped] = layer.wrapped;
  if (wrapped !== undefined)
    return sides.flatMap(([key, prefix]) => {
      const inner = key === 'backward_layer' ? second! : wrapped;
      return outer.keys.includes(key) ? prefixed(prefix, weightsOf(groupOf(outer, key), inner, budget)) : [];
    });
  // Recurrent layers keep theirs in their cell.
  const group = outer.keys.includes('cell') ? groupOf(outer, 'cell') : outer;
  return group.keys.includes('vars') ? arraysOf(groupOf(group, 'vars'), layer, budget) : [];
}

/** Newer versions state which layer a group is of. */
function requireOwner(group: Group, layer: LayerSpec): void {
  const owner = group.keys.includes('vars') ? groupOf(group, 'vars').attrs.name : undefined;
  if (typeof owner === 'string' && owner.replace(/\0+$/, '') !== layer.name)
    throw new Error(`the weights of layer "${owner}" stand where those of "${layer.name}" should`);
}

function arraysOf(vars: Group, layer: LayerSpec, budget: ReadingBudget): readonly NamedWeight[] {
  const roles = rolesOf(layer);
  const numbers = vars.keys.filter((key) => vars.get(key) instanceof Dataset);
  if (numbers.length > 0 && numbers.length !== roles.length)
    throw new Error(`layer "${layer.name}" has ${numbers.length} arrays, not ${roles.join(', ')}`);
  return numbers.length === 0 ? [] : roles.map((role, at) => namedWeight(role, vars, String(at), budget));
}

function groupOf(parent: Group, name: string): Group {
  const found = parent.get(name);
  if (!(found instanceof Group)) throw new Error(`"${name}" is no group`);
  return found;
}
