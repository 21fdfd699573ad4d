/** Recurrent operators and attention. */

import type { AttributeRecord, Mapping, MappingTable, OnnxCall } from '../call.js';

/** Where a recurrent node applies a function: to its gates, to new values, to the LSTM's cell state on its way out. */
type Role = 'gate' | 'new' | 'out';

interface Applied {
  readonly operator: string;
  /** Of a hard sigmoid, clamp(slope x + 1/2, 0, 1). */
  readonly slope?: number;
}

/** Functions without numbers of their own, by their names in small letters: ONNX compares them so. */
const plain: Readonly<Record<string, string>> = {
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
  relu: 'Relu',
  softsign: 'Softsign',
  softplus: 'Softplus',
};

/** Functions that take a number of `activation_alpha`, and what it is where none is given. */
const alphas: Readonly<Record<string, number>> = {
  ...{ elu: 1, hardsigmoid: 0.2, leakyrelu: 0.01, thresholdedrelu: 1, scaledtanh: 1, affine: 1 },
};
/** Likewise of `activation_beta`. */
const betas: Readonly<Record<string, number>> = { hardsigmoid: 0.5, scaledtanh: 1, affine: 0 };

/** Of a single-precision number, the digits that it was written with. */
const short = (value: number): number => Number(value.toPrecision(6));

/** The functions of a recurrent node's roles; those of two directions must be the same. */
function functionsOf(
  { attributes }: OnnxCall,
  roles: readonly Role[],
  directions: number,
): readonly Applied[] {
  const defaults: Readonly<Record<Role, string>> = { gate: 'Sigmoid', new: 'Tanh', out: 'Tanh' };
  const standard = Array.from({ length: directions }, () => roles.map((role) => defaults[role])).flat();
  const given = attributes.strings('activations') ?? standard;
  if (given.length !== standard.length)
    attributes.refuse('activations', `has ${given.length} functions, not ${standard.length}`);
  const numbers = {
    alpha: [...(attributes.floats('activation_alpha') ?? [])],
    beta: [...(attributes.floats('activation_beta') ?? [])],
  };
  const applied = given.map((name, i): Applied => {
    const key = name.toLowerCase();
    const role = roles[i % roles.length]!;
    const take = (list: number[], table: typeof alphas) => (key in table ? (list.shift() ?? table[key]!) : 0);
    const [alpha, beta] = [take(numbers.alpha, alphas), take(numbers.beta, betas)];
    if (Object.hasOwn(plain, key)) return { operator: plain[key]! };
    if (key === 'elu' && alpha === 1) return { operator: 'Elu' };
    if (key === 'affine' && alpha === 1 && beta === 0) return { operator: 'Identity' };
    if (key === 'hardsigmoid' && beta === 0.5 && role === 'gate')
      return { operator: 'Sigmoid', slope: alpha };
    return attributes.refuse(
      'activations',
      `has ${name} for its ${role} function${key in alphas ? ` (alpha ${short(alpha)}, beta ${short(beta)})` : ''}, which is not supported there`,
    );
  });
  const key = (part: number) => JSON.stringify(applied.slice(part * roles.length, (part + 1) * roles.length));
  if (key(0) !== key(directions - 1))
    attributes.refuse('activations', `are ${given.join(', ')}: others backwards than forwards`);
  return applied.slice(0, roles.length);
}

/** A layout with samples in front is transposed. */
function recurrent(operator: string, roles: readonly Role[]): Mapping {
  return (call) => {
    const { attributes } = call;
    const direction = attributes.string('direction', 'forward');
    const functions = functionsOf(call, roles, direction === 'bidirectional' ? 2 : 1);
    const of = (role: Role) => functions[roles.indexOf(role)];
    if (attributes.has('clip')) attributes.refuse('clip', 'is not supported');
    if (attributes.flag('input_forget', false)) attributes.refuse('input_forget', 'is set');
    const samplesFirst = attributes.int('layout', 0) !== 0;
    const settings = {
      hidden: attributes.int('hidden_size', call.type(2).shape.at(-1) ?? 0),
      direction,
      newFunction: of('new')!.operator,
      ...(of('gate') && { gateFunction: of('gate')!.operator, hardSlope: of('gate')!.slope ?? 0 }),
      ...(of('out') && { outFunction: of('out')!.operator }),
      ...(operator === 'GRU' && { linearBeforeReset: attributes.flag('linear_before_reset', false) }),
    };
    if (samplesFirst) emitSamplesFirst(call, operator, settings);
    else call.emit(operator, call.node.input, settings);
  };
}

/** X [N, T, I], states [N, D, H] and Y [N, T, D, H] instead of [T, N, I], [D, N, H] and [T, D, N, H]. */
function emitSamplesFirst(call: OnnxCall, operator: string, settings: AttributeRecord): void {
  const turned = (name: string) => call.intermediate('Transpose', [name], { perm: [1, 0, 2] });
  const inputs = call.node.input.map((name, i) =>
    [0, 5, 6].includes(i) && name !== '' ? turned(name) : name,
  );
  const count = operator === 'LSTM' ? 3 : 2;
  const [y, ...states] = call.intermediates(operator, inputs, settings, count);
  call.answer(0, 'Transpose', [y!], { perm: [2, 0, 1, 3] });
  for (const [i, state] of states.entries()) call.answer(i + 1, 'Transpose', [state], { perm: [1, 0, 2] });
}

function attention(call: OnnxCall): void {
  const { attributes } = call;
  attributes.ignore('softmax_precision');
  call.emit('Attention', call.node.input, {
    heads: attributes.int('q_num_heads', 0),
    kvHeads: attributes.int('kv_num_heads', 0),
    scale: attributes.float('scale', 0),
    softcap: attributes.float('softcap', 0),
    causal: attributes.flag('is_causal', false),
    scoresAs: attributes.int('qk_matmul_output_mode', 0),
  });
}

function rotary(call: OnnxCall): void {
  const { attributes } = call;
  call.emit('RotaryEmbedding', call.node.input, {
    heads: attributes.int('num_heads', 0),
    interleaved: attributes.flag('interleaved', false),
    size: attributes.int('rotary_embedding_dim', 0),
  });
}

export const sequenceMappings: MappingTable = {
  RNN: recurrent('RNN', ['new']),
  GRU: recurrent('GRU', ['gate', 'new']),
  LSTM: recurrent('LSTM', ['gate', 'new', 'out']),
  Attention: attention,
  RotaryEmbedding: rotary,
};
