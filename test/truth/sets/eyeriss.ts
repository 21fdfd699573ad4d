/** Eyeriss on AlexNet's convolutions: the published processing latency beside the row-stationary model. */

import {
  activeElements,
  type RowStationaryLayer,
  type RowStationaryMapping,
  rowStationaryCycles,
} from '../../../models/devices/index.js';
import { positive, type Tables } from '../tables.js';
import type { Findings, TruthSet } from '../truth-set.js';

const path = 'published/eyeriss_v1_alexnet.json';
/** 1 V. The network that delivers filters is 64 bits wide, words have 16. */
const chip = { clockHertz: 200e6, filterWordsPerCycle: 4 };

interface Mapped {
  readonly layer: RowStationaryLayer;
  readonly mapping: RowStationaryMapping;
}

/** AlexNet, four images; grouped layers see half the channels. Mappings: the paper's Table II, recalled. */
const alexnet: Readonly<Record<string, Mapped>> = {
  CONV1: {
    layer: { r: 11, s: 11, e: 55, f: 55, c: 3, m: 96, images: 4 },
    mapping: { strip: 7, p: 16, q: 1, r: 1, t: 2, n: 1 },
  },
  CONV2: {
    layer: { r: 5, s: 5, e: 27, f: 27, c: 48, m: 256, images: 4 },
    mapping: { strip: 27, p: 16, q: 2, r: 1, t: 1, n: 1 },
  },
  CONV3: {
    layer: { r: 3, s: 3, e: 13, f: 13, c: 256, m: 384, images: 4 },
    mapping: { strip: 13, p: 16, q: 4, r: 1, t: 4, n: 4 },
  },
  CONV4: {
    layer: { r: 3, s: 3, e: 13, f: 13, c: 192, m: 384, images: 4 },
    mapping: { strip: 13, p: 16, q: 3, r: 2, t: 2, n: 4 },
  },
  CONV5: {
    layer: { r: 3, s: 3, e: 13, f: 13, c: 192, m: 256, images: 4 },
    mapping: { strip: 13, p: 16, q: 3, r: 2, t: 2, n: 4 },
  },
};

export const eyeriss: TruthSet = {
  name: 'Eyeriss, AlexNet processing latency',
  unit: 'ms',
  measure: 'mean percent',
  target: 10,
  fit: 'none: chip and mappings as published',
  peer: 'products over active elements alone: 11.6 % mean',
  find,
};

function find(tables: Tables): Findings {
  const rows = tables.json(path).filter(({ layer }) => String(layer) in alexnet);
  const points = rows.map((row) => {
    const { layer, mapping } = alexnet[String(row.layer)]!;
    return {
      label: `${row.layer} (${activeElements(layer, mapping)} elements)`,
      published: positive(path, row, 'processing_latency_ms'),
      predicted: (rowStationaryCycles(layer, mapping, chip) / chip.clockHertz) * 1e3,
    };
  });
  return {
    points,
    notes: [
      'Per-layer rows of the table and the mappings are recalled, not read; totals are read. The time that the chip waits for DRAM besides',
      "(the table's total latency is 10 % longer) is not modelled: the paper does not say what of its loads is hidden.",
    ],
  };
}
