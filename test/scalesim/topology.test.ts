/** SCALE-Sim topologies: what is read, what is refused and where, and that the network has the products that SCALE-Sim counts. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderDiagnostic, unwrap } from '../../base/index.js';
import { evaluateGraph, graphMacs } from '../../compiler/graph/index.js';
import {
  importTopology,
  layerProduct,
  looksLikeTopology,
  outputExtents,
  overhang,
  readTopology,
  type TopologyLayer,
} from '../../compiler/importers/scalesim/index.js';
import { scaleSimOutputExtent } from '../../models/analytic/index.js';
import { syntheticSamples } from '../../tools/library/index.js';
import { topologyCsv } from '../../tools/scalesim/index.js';

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
const bytes = (text: string) => new TextEncoder().encode(text);
const head =
  'Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,';

/** Diagnostics as text, notes and errors. */
function said(text: string): string {
  return readTopology(text, 'net.csv').diagnostics.map(renderDiagnostic).join('\n');
}

describe('a topology of convolutions', () => {
  it('has the layers of its rows: comments, blank rows, either stride, depthwise by name', () => {
    const { kind, layers } = unwrap(readTopology(fixture('small.csv'), 'small.csv'));
    expect(kind).toBe('convolution');
    expect(layers.map(({ name, operator, line }) => [name, operator, line])).toEqual([
      ['Conv1', 'convolution', 3],
      ['Conv2', 'convolution', 6],
      ['DP3', 'depthwise', 7],
      ['FC', 'convolution', 8],
    ]);
    expect(layers[0]).toMatchObject({ strideHeight: 2, strideWidth: 2, channels: 3, filters: 8 });
    expect(layers[1]).toMatchObject({ strideHeight: 1, strideWidth: 2 });
  });

  it('says what it did with what is no topology’s, once a column', () => {
    const text = said(fixture('small.csv'));
    expect(text).toContain('column "column 11" is none of a topology’s and is ignored');
    expect(text).toContain('DP3 is depthwise, as SCALE-Sim takes layers with DP in their name: 8 channels');
    expect(text).toContain('the last windows of Conv1 reach over the input’s end');
  });

  it('is a network with an input, weights and an output a row, and SCALE-Sim’s count of products', () => {
    const graph = unwrap(importTopology(bytes(fixture('small.csv')), { name: 'small.csv' }));
    expect(graph.inputs).toEqual(['Conv1.in', 'Conv2.in', 'DP3.in', 'FC.in']);
    expect(graph.outputs.map((name) => graph.values.get(name)!.type.shape)).toEqual([
      [1, 8, 4, 5],
      [1, 12, 4, 3],
      [1, 8, 4, 4],
      [1, 10, 1, 1],
    ]);
    expect(graphMacs(graph)).toBe(4 * 5 * 27 * 8 + 4 * 3 * 72 * 12 + 4 * 4 * 9 * 8 + 16 * 10);
  });

  it('has weights that keep the variance of its inputs, so that the stated range fits', () => {
    const graph = unwrap(importTopology(bytes(`${head}\nA, 24, 24, 3, 3, 16, 32, 1,\n`)));
    const values = evaluateGraph(graph, syntheticSamples(graph, 1)[0]!, { keep: 'all' });
    const { data } = values.get('A')!;
    const squares = Array.from(data as Float32Array, (value) => value * value);
    expect(squares.reduce((sum, square) => sum + square, 0) / squares.length).toBeCloseTo(1, 0);
  });

  it('takes another batch by --shape, and nothing else', () => {
    const text = bytes(`${head}\nA, 4, 4, 3, 3, 2, 3, 1,\n`);
    const shape = (shapes: Record<string, number[]>) => importTopology(text, { name: 'n', shapes });
    expect(unwrap(shape({ 'A.in': [5, 2, 4, 4] })).values.get('A')!.type.shape).toEqual([5, 3, 2, 2]);
    expect(shape({ 'A.in': [5, 2, 4, 5] }).diagnostics[0]!.code).toBe('scalesim/shape');
    expect(shape({ 'B.in': [5, 2, 4, 4] }).diagnostics[0]!.code).toBe('scalesim/stray-shape');
  });
});

describe('a topology of matrix products', () => {
  it('is read with batch and sparsity columns of either version', () => {
    const { kind, layers } = unwrap(readTopology(fixture('products.csv'), 'products.csv'));
    expect(kind).toBe('product');
    expect(layers.map(layerProduct)).toEqual([
      { m: 5, n: 7, k: 9 },
      { m: 5, n: 9, k: 7 },
      { m: 12, n: 10, k: 20 },
    ]);
    expect(layers.map(({ copies }) => copies)).toEqual([2, 1, 1]);
    const graph = unwrap(importTopology(bytes(fixture('products.csv'))));
    expect(graph.nodes.map(({ name }) => name)).toEqual(['QK.0', 'QK.1', 'PV', 'Dense']);
    expect(graphMacs(graph)).toBe(2 * 5 * 7 * 9 + 5 * 9 * 7 + 12 * 10 * 20);
  });

  it('is read with Windows line ends and without a comma at the end', () => {
    const { layers } = unwrap(readTopology('Layer,M,N,K\r\nQ,1024,64,32\r\n', 'a.csv'));
    expect(layers.map(layerProduct)).toEqual([{ m: 1024, n: 64, k: 32 }]);
  });
});

describe('faults are located', () => {
  it.each([
    ['a file without header', 'Conv1, 9, 9, 3, 3, 3, 8, 1,\n', ['scalesim/header', 'net.csv:1:1']],
    ['another table', 'unique_layer_index,count,names\n0,1,Conv1\n', ['scalesim/header', 'net.csv:1:1']],
    ['an empty file', '', ['scalesim/no-layers']],
    ['a header alone', `${head}\n\n`, ['scalesim/no-layers']],
    [
      'missing columns',
      `${head}\nA, 9, 9, 3, 3, 3, 8,\n`,
      ['scalesim/columns', 'net.csv:2:1', 'has 7 values'],
    ],
    [
      'a word',
      `${head}\nA, 9, nine, 3, 3, 3, 8, 1,\n`,
      ['scalesim/number', 'net.csv:2:7', 'IFMAP width is "nine"'],
    ],
    ['zero', `${head}\nA, 9, 9, 3, 3, 0, 8, 1,\n`, ['scalesim/number', 'net.csv:2:16', 'channels is "0"']],
    ['a fraction', `${head}\nA, 9, 9, 3, 3, 3, 8, 1.5,\n`, ['scalesim/number', 'net.csv:2:22']],
    ['a huge extent', `${head}\nA, 9, 9999999, 3, 3, 3, 8, 1,\n`, ['scalesim/number', 'net.csv:2:7']],
    [
      'a filter larger than its input',
      `${head}\nA, 2, 9, 3, 3, 3, 8, 1,\n`,
      ['scalesim/filter', 'net.csv:2:10'],
    ],
    [
      'a wide filter',
      `${head}\nA, 9, 2, 3, 3, 3, 8, 1,\n`,
      ['scalesim/filter', 'net.csv:2:13', 'width of 3'],
    ],
    ['no name', `${head}\n, 9, 9, 3, 3, 3, 8, 1,\n`, ['scalesim/name', 'net.csv:2:1']],
    [
      'sparse convolutions',
      `${head}\nA, 9, 9, 3, 3, 3, 8, 1, 2:4,\n`,
      ['scalesim/sparsity', 'net.csv:2:25', '2:4 sparse'],
    ],
    [
      'sparse products',
      'L,M,N,K,Sparsity\nA, 9, 9, 3, 1:4\n',
      ['scalesim/sparsity', 'net.csv:2:13', '1:4 sparse'],
    ],
    ['no ratio', `${head}\nA, 9, 9, 3, 3, 3, 8, 1, 4:2,\n`, ['scalesim/sparsity', '"4:2" is no sparsity']],
  ])('%s', (_, text, expected) => {
    expect(readTopology(text, 'net.csv').ok).toBe(false);
    const shown = said(text);
    for (const part of expected) expect(shown).toContain(part);
    expect(shown).toContain('hint: ');
  });

  it('all at once', () => {
    const text = `${head}\nA, x, 9, 3, 3, 3, 8, 1,\nB, 9, 9, 3, 3, 3, 8, y,\n`;
    expect(readTopology(text, 'net.csv').diagnostics.map(({ code }) => code)).toEqual([
      'scalesim/number',
      'scalesim/number',
    ]);
  });

  it('a layer of another’s name gets one of its own, with a warning', () => {
    const text = `${head}\nA, 9, 9, 3, 3, 3, 8, 1,\nA, 9, 9, 3, 3, 3, 8, 1,\n`;
    expect(unwrap(readTopology(text, 'net.csv')).layers.map(({ name }) => name)).toEqual(['A', 'A_2']);
    expect(said(text)).toContain('a layer before is called A: this one is A_2');
  });

  it('a topology beyond what memory takes is refused, not tried', () => {
    const text = `${head}\nA, 1024, 1024, 1024, 1024, 1024, 1024, 1,\n`;
    expect(importTopology(bytes(text)).diagnostics[0]!.code).toBe('scalesim/size');
  });
});

const options = { numRuns: Number(process.env.SYSTOLE_RUNS ?? 100) };
const extent = fc.integer({ min: 1, max: 40 });

const drawnLayers = fc
  .tuple(
    fc.constantFrom('convolution', 'depthwise', 'product'),
    fc.array(fc.tuple(extent, extent, extent, extent, extent, extent), { minLength: 1, maxLength: 5 }),
  )
  .map(([operator, rows]) =>
    rows.map(
      ([height, width, high, wide, channels, filters], i): TopologyLayer => ({
        name: `${operator === 'depthwise' ? 'DP' : 'L'}${i}`,
        operator,
        inputHeight: operator === 'product' ? height : Math.max(height, high),
        inputWidth: operator === 'product' ? 1 : Math.max(width, wide),
        filterHeight: operator === 'product' ? 1 : high,
        filterWidth: operator === 'product' ? 1 : wide,
        channels,
        filters,
        strideHeight: operator === 'product' ? 1 : 1 + (i % 3),
        strideWidth: operator === 'product' ? 1 : 1 + ((i + channels) % 3),
        copies: operator === 'product' ? 1 + (i % 2) : 1,
        line: i + 2,
      }),
    ),
  );

describe('laws of topologies', () => {
  it('writing a topology and reading it again gives the same layers', () => {
    const law = fc.property(drawnLayers, (layers) => {
      const kind = layers[0]!.operator === 'product' ? 'product' : 'convolution';
      const text = topologyCsv({ kind, layers });
      expect(looksLikeTopology(bytes(text))).toBe(true);
      expect(unwrap(readTopology(text, 'drawn.csv'))).toEqual({ kind, layers });
    });
    fc.assert(law, options);
  });

  it('outputs have SCALE-Sim’s extents, and the network as many products as SCALE-Sim counts', () => {
    const law = fc.property(drawnLayers, (layers) => {
      for (const layer of layers) {
        const { height, width } = outputExtents(layer);
        expect(height).toBe(scaleSimOutputExtent(layer.inputHeight, layer.filterHeight, layer.strideHeight));
        expect(width).toBe(scaleSimOutputExtent(layer.inputWidth, layer.filterWidth, layer.strideWidth));
        expect(overhang(layer).height).toBeLessThan(layer.strideHeight);
      }
      const kind = layers[0]!.operator === 'product' ? 'product' : 'convolution';
      const graph = unwrap(importTopology(bytes(topologyCsv({ kind, layers }))));
      const macs = layers.map((layer) => {
        const { m, n, k } = layerProduct(layer);
        return m * n * k * (layer.operator === 'depthwise' ? layer.channels : layer.copies);
      });
      expect(graphMacs(graph)).toBe(macs.reduce((sum, count) => sum + count, 0));
    });
    fc.assert(law, options);
  });
});
