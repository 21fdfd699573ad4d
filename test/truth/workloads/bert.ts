/**
 * Encoders of transformers at a number of tokens: BERT-Large with the two outputs of question answering, as MLPerf Inference defines it, BERT-Base
 * (J. Devlin et al., NAACL 2019) and ViT-B (A. Dosovitskiy et al., ICLR 2021).
 */

import { image, NetworkBuilder } from './builder.js';

interface Shape {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
}
const base = { layers: 12, hidden: 768, heads: 12 } as const;
const large = { layers: 24, hidden: 1024, heads: 16 } as const;

/** @param tokens 1 to 384. 12.6 M products a token and layer, and the attention. */
export function bertLarge(tokens: number) {
  return bert(large, tokens);
}

export function bertBase(tokens: number) {
  return bert(base, tokens);
}

/** 384 x 384 in patches of 32 x 32 (or other sizes), 1000 classes. */
export function visionTransformer(size = 384, patch = 32) {
  const net = new NetworkBuilder();
  const patches = net.convolution(image(size), base.hidden, { kernel: patch, stride: patch });
  encoders(net, base, patches.height * patches.width + 1);
  net.rows('normalisation', 1, base.hidden);
  net.matmul(1, 1000, base.hidden);
  return net.kernels;
}

function bert(shape: Shape, tokens: number) {
  const net = new NetworkBuilder();
  net.rows('movement', tokens, shape.hidden);
  net.rows('normalisation', tokens, shape.hidden);
  encoders(net, shape, tokens);
  net.matmul(tokens, 2, shape.hidden);
  return net.kernels;
}

function encoders(net: NetworkBuilder, shape: Shape, tokens: number): void {
  for (let layer = 0; layer < shape.layers; layer++) encoder(net, shape, tokens);
}

function encoder(net: NetworkBuilder, { hidden, heads }: Shape, tokens: number): void {
  const head = hidden / heads;
  net.matmul(tokens, 3 * hidden, hidden);
  net.matmul(tokens, tokens, head, { groups: heads, activations: true });
  net.rows('softmax', heads * tokens, tokens);
  net.matmul(tokens, head, tokens, { groups: heads, activations: true });
  net.matmul(tokens, hidden, hidden);
  residual(net, tokens, hidden);
  net.matmul(tokens, 4 * hidden, hidden);
  net.elementwise(tokens * 4 * hidden);
  net.matmul(tokens, hidden, 4 * hidden);
  residual(net, tokens, hidden);
}

function residual(net: NetworkBuilder, tokens: number, hidden: number): void {
  net.elementwise(tokens * hidden, 2);
  net.rows('normalisation', tokens, hidden);
}
