/** Names of weights. In: a name that a file gives an array. Out: its role in its layer, and whether it is of a layer. */

import type { NamedWeight } from './dataset.js';

/** Names of Keras 1, which end in W, U and b. Its `running_std` holds the variance. */
const oldRoles: Readonly<Record<string, string>> = {
  W: 'kernel',
  U: 'recurrent_kernel',
  b: 'bias',
  running_mean: 'moving_mean',
  running_std: 'moving_variance',
};

const oldEnding = /(?:^|_)([WUb](?:_[a-z])?|running_mean|running_std|gamma|beta)$/;

const leafOf = (name: string): string => name.replace(/:\d+$/, '').split('/').at(-1)!;

/** `conv/kernel:0` is a kernel, `convolution2d_1_W` too; `lstm_1_U_f` is `U_f`: Keras 1 keeps each gate apart. */
export function roleOf(name: string): string {
  const leaf = leafOf(name);
  const old = oldEnding.exec(leaf)?.[1];
  return old === undefined ? leaf : (oldRoles[old] ?? old);
}

/** Folders that a weight's name leads through. */
const foldersOf = (name: string): readonly string[] => name.split('/').slice(0, -1);

/** Of the weights of a model within a model, those of one of its layers. */
export function weightsWithin(all: readonly NamedWeight[], layer: string): readonly NamedWeight[] {
  const first = all.filter(({ name }) => foldersOf(name)[0] === layer);
  const found = first.length > 0 ? first : all.filter(({ name }) => isOf(name, layer));
  // Without the folders down to the layer, so that a model in this one finds its own layers.
  return found.map((weight) => ({ ...weight, name: behind(weight.name, layer) }));
}

function isOf(name: string, layer: string): boolean {
  const folders = foldersOf(name);
  const leaf = leafOf(name);
  if (folders.length > 0) return folders.includes(layer);
  return leaf.startsWith(`${layer}_`) && oldEnding.exec(leaf)?.index === layer.length;
}

function behind(name: string, layer: string): string {
  const at = foldersOf(name).indexOf(layer);
  return at < 0
    ? name
    : name
        .split('/')
        .slice(at + 1)
        .join('/');
}

/** The forward or the backward half of what a Bidirectional layer has. */
export function weightsOfSide(
  all: readonly NamedWeight[],
  side: 'forward' | 'backward',
): readonly NamedWeight[] {
  return all.filter(({ name }) => name.split('/').some((part) => part.startsWith(`${side}_`)));
}
