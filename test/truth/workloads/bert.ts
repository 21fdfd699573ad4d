/** BERT-Large with the two outputs of question answering, as MLPerf Inference defines it, at a number of tokens. */

import { NetworkBuilder } from './builder.js';

const LAYERS = 24;
const HIDDEN = 1024;
const HEADS = 16;

/** @param tokens 1 to 384. 12.6 M products a token and layer, and the attention. */
export function bertLarge(tokens: number) {
  const net = new NetworkBuilder();
  net.rows('movement', tokens, HIDDEN);
  net.rows('normalisation', tokens, HIDDEN);
  for (let layer = 0; layer < LAYERS; layer++) encoder(net, tokens);
  net.matmul(tokens, 2, HIDDEN);
  return net.kernels;
}

function encoder(net: NetworkBuilder, tokens: number): void {
  const head = HIDDEN / HEADS;
  net.matmul(tokens, 3 * HIDDEN, HIDDEN);
  net.matmul(tokens, tokens, head, { groups: HEADS, activations: true });
  net.rows('softmax', HEADS * tokens, tokens);
  net.matmul(tokens, head, tokens, { groups: HEADS, activations: true });
  net.matmul(tokens, HIDDEN, HIDDEN);
  residual(net, tokens);
  net.matmul(tokens, 4 * HIDDEN, HIDDEN);
  net.elementwise(tokens * 4 * HIDDEN);
  net.matmul(tokens, HIDDEN, 4 * HIDDEN);
  residual(net, tokens);
}

function residual(net: NetworkBuilder, tokens: number): void {
  net.elementwise(tokens * HIDDEN, 2);
  net.rows('normalisation', tokens, HIDDEN);
}
