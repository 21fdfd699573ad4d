/**
 * A 1 x 1 convolution with its activations at rest in the array (exchange.ts). In: the layer, its weights and scales, views of its exchanged
 * tensors. Out: its plan, chosen as a convolution's (conv-plan.ts) whose pixels are output channels and whose channels are pixels, and operations.
 */

import type { Place } from '../../base/index.js';
import { bufferRowFormat } from '../../models/machine/index.js';
import type { Node } from '../graph/index.js';
import { emitConv } from './conv.js';
import { type ConvPlan, convFinalists, planConv } from './conv-plan.js';
import { type ChannelParameter, type ConvWeights, packStreamedWeights } from './pack.js';
import type { Session } from './session.js';
import { declareParameters, declareTable, outputFields } from './stage.js';
import type { TensorView } from './tensors.js';
import { type Geometry, pointWindow } from './window.js';

export interface ExchangedConv {
  readonly node: Node;
  readonly where: Place;
  /** Views of exchanged tensors. */
  readonly input: TensorView;
  readonly output: TensorView;
  readonly weights: ConvWeights;
  readonly parameters: readonly ChannelParameter[];
}

/** Emits the layer. @returns the plan that was taken. */
export function emitExchangedConv(session: Session, layer: ExchangedConv): ConvPlan {
  const { machine, tensors } = session;
  const { node, where, input, output, weights } = layer;
  const rows = output.width;
  const streamed = tensors.constant(
    'weights',
    `${node.name}_weights`,
    session.once('weights', () => packStreamedWeights(machine, weights, rows)),
  );
  const geometry: Geometry = {
    input: streamedView(
      streamed,
      { channels: weights.inputs, rows, ...bufferRowFormat(machine, 'act') },
      machine.array.rows,
    ),
    output,
    window: pointWindow,
    exchanged: true,
  };
  const finalists = session.once('finalists', () =>
    convFinalists(machine, geometry, planConv(machine, geometry, where)),
  );
  const plan = session.choose(finalists);
  const table = declareTable(session, node, where);
  const parameters = declareParameters(session, node.name, rowEntries(layer, machine.vector.lanes));
  const stage = outputFields(session, layer, table);
  emitConv(session, { geometry, plan, padValue: 0, weights: input.tensor, parameters, stage });
  return plan;
}

/** Weights as a line of pixels, one an output channel. */
function streamedView(
  tensor: string,
  { channels, rows, pitch }: { readonly channels: number; readonly rows: number; readonly pitch: number },
  lanes: number,
): TensorView {
  const blocks = Math.ceil(channels / lanes);
  const place = { first: 0, batchRows: blocks * rows, blockRows: rows, yRows: rows, xRows: 1, pitch };
  return { tensor, batch: 1, channels, blocks, height: 1, width: rows, ...place };
}

/** Every lane of a parameter row has its channel's entry; channels past the last give the zero point. */
function rowEntries({ parameters, output }: ExchangedConv, lanes: number): readonly ChannelParameter[] {
  const none: ChannelParameter = { bias: 0, multiplier: 0, shift: 1 };
  return Array.from({ length: output.width * lanes }, (_, i) => parameters[Math.floor(i / lanes)] ?? none);
}
