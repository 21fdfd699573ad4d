/** Recurrent operators and attention. */

import type { Mapping, MappingTable, OnnxCall } from '../call.js';

/** Only the standard activation functions; a layout of batch first is transposed. */
function recurrent(operator: string, activations: readonly string[]): Mapping {
  return (call) => {
    const { attributes } = call;
    const direction = attributes.string('direction', 'forward');
    const count = direction === 'bidirectional' ? 2 : 1;
    const standard = Array.from({ length: count }, () => activations).flat();
    const given = attributes.strings('activations');
    if (given !== undefined && given.join() !== standard.join())
      attributes.refuse('activations', `are ${given.join(', ')}, not ${standard.join(', ')}`);
    for (const name of ['activation_alpha', 'activation_beta', 'clip'])
      if (attributes.has(name)) attributes.refuse(name, 'is not supported');
    if (attributes.int('layout', 0) !== 0) attributes.refuse('layout', 'is not 0');
    if (attributes.flag('input_forget', false)) attributes.refuse('input_forget', 'is set');
    const reset =
      operator === 'GRU' ? { linearBeforeReset: attributes.flag('linear_before_reset', false) } : {};
    call.emit(operator, call.node.input, {
      hidden: attributes.int('hidden_size', call.type(2).shape.at(-1) ?? 0),
      direction,
      ...reset,
    });
  };
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
  RNN: recurrent('RNN', ['Tanh']),
  GRU: recurrent('GRU', ['Sigmoid', 'Tanh']),
  LSTM: recurrent('LSTM', ['Sigmoid', 'Tanh', 'Tanh']),
  Attention: attention,
  RotaryEmbedding: rotary,
};
