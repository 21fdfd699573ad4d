/**
 * The phases that no machine changes, once: graph passes and calibration. In: a network graph and samples. Out: plain data that a
 * search over machines keeps (and may write to a file or hand to other threads), and integers for any element widths from it.
 */

import { type Result, succeed, type Tensor } from '../../base/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Graph } from '../graph/index.js';
import {
  expandOperators,
  flattenProducts,
  fuseFunctions,
  fuseShuffles,
  runPasses,
  shortenMoves,
  unrollRecurrent,
} from '../passes/index.js';
import {
  type Calibration,
  calibrate,
  importQuantized,
  isQuantized,
  type QuantizedNetwork,
  type QuantizeOptions,
  quantizeCalibrated,
  type Range,
  type Refused,
  statedCalibration,
} from '../quantize/index.js';
import { refusedProduct, type ScheduleOptions } from '../schedule/index.js';

export interface CompileOptions {
  /** Samples of the network's float inputs, by input name. Needed unless the network is already quantised, or `range` is stated. */
  readonly calibration?: readonly ReadonlyMap<string, Tensor>[];
  /** What every float value of the network is taken to span, instead of running it: of networks whose values mean nothing. */
  readonly range?: Range;
  readonly quantization?: QuantizeOptions;
  /** How mappings are decided. */
  readonly schedule?: ScheduleOptions;
}

/** A network after phase 1, with what the samples say of it. */
export interface PreparedNetwork {
  readonly network: Graph;
  /** Absent where the network came with integers of its own. */
  readonly calibration?: Calibration;
  /** What suits the machine, of a network that came with integers. */
  readonly form?: NetworkForm;
  /** As calibrated with. */
  readonly quantization?: QuantizeOptions;
}

/** Which operators a network is put in terms of; what a machine lacks, the host does. */
export interface NetworkForm {
  /** Functions of one value are one node, hence one look-up table. */
  readonly tables: boolean;
  /** Products of two activations have no host between them. */
  readonly products: boolean;
  /** Operators are made of pools, sums and depthwise convolutions. */
  readonly expanded: boolean;
}

/** What suits a machine that has everything. */
const fullForm: NetworkForm = { tables: true, expanded: true, products: true };

/** What suits a machine. */
export function formFor(machine: Machine): NetworkForm {
  const { elements, vector } = machine;
  const tables = elements.activationBits <= 8 && vector.functions.includes('lookup');
  const parts = (['pool', 'add', 'depthwise'] as const).every((name) => vector.functions.includes(name));
  return { tables, expanded: tables && parts, products: refusedProduct(machine) === undefined };
}

/**
 * Phase 1, and of phase 2 what runs the network.
 * @param graph from an importer.
 * @param form that of machines with tables and all functions when absent.
 */
export function prepare(
  graph: Graph,
  options: CompileOptions = {},
  form: NetworkForm = fullForm,
): Result<PreparedNetwork> {
  // 1: fold what is constant, drop what does nothing at inference, merge batch normalisation and padding; products of rows.
  const folded = runPasses(graph);
  if (isQuantized(folded)) return succeed({ network: folded, form });
  // Functions after expansions, which leave some to fuse and hide none.
  const shuffled = fuseShuffles.run(folded);
  const unrolled = form.expanded && form.products ? unrollRecurrent.run(shuffled) : shuffled;
  const expanded = form.expanded ? expandOperators.run(unrolled) : unrolled;
  const flat = flattenProducts.run(form.tables ? fuseFunctions.run(expanded) : expanded);
  // Products of rows behind a recurrent layer read its rows as they are.
  const network = unrolled === shuffled ? flat : shortenMoves.run(flat);
  const { quantization = {} } = options;
  const calibration = options.range
    ? succeed(statedCalibration(network, options.range))
    : calibrate(network, options.calibration ?? [], quantization);
  if (!calibration.ok) return calibration;
  return succeed({ network, calibration: calibration.value, quantization });
}

/** The rest of phase 2, for a machine: its element widths and requantiser matter, nothing else of it. */
export function integersFor(
  { network, calibration, quantization, form }: PreparedNetwork,
  machine: Pick<Machine, 'elements' | 'requantization'>,
  refused: Refused = new Map(),
): Result<QuantizedNetwork> {
  const { multiplierBits } = machine.requantization;
  const { elements } = machine;
  if (calibration === undefined)
    return importQuantized(network, {
      ...{ multiplierBits, refused, weightBits: elements.weightBits, ...(form && { form }) },
      activationBits: elements.activationBits,
    });
  return quantizeCalibrated(network, calibration, { ...quantization, elements, multiplierBits, refused });
}
