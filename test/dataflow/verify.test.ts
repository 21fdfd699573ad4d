import { describe, expect, it } from 'vitest';
import { renderDiagnostic, unwrap } from '../../base/index.js';
import { parseDataflow, verifyDataflow, verifyProgram } from '../../compiler/dataflow/index.js';
import type { Program } from '../../compiler/isa/index.js';
import { lower } from '../../compiler/lower/index.js';
import { tiny, tinyMachine, tinyText } from './tiny.js';

const machine = tinyMachine();

/** Loads and a matmul, a requantisation and a store, ordered: the parts that the cases break. */
const load = 'load act[0:0] <- %x rows 16';
const weights = 'load wgt[0] <- %w rows 4';
const parameters = 'load par[0] <- %p rows 2';
const matmul = 'matmul acc[0:0] = act[0:0] * wgt[0] pixels 2x4 by (4, 1)';
const requant = 'requant act[1:0].0 <- acc[0:0] par[0] slices 2 pixels 2x4 to 4';
const store = 'store %t <- act[1:0] rows 8';
const lines = (...list: string[]) => list.map((line) => `  ${line}`).join('\n');
const legal = lines(
  weights,
  parameters,
  `${load} signal(matmul)`,
  `${matmul} wait(load) signal(vector)`,
  `${requant} wait(matmul) signal(store)`,
  `${store} wait(vector)`,
);
const rescale = 'rescale act[1:0].0 <- act[0:0].0 par[0] slices 2 pixels 1x4 from 4 to 4';

/** Code, case, text; the first line of the rendered finding names the code. */
const cases: readonly (readonly [string, string, string])[] = [
  ['verify/unbound-variable', 'a variable of no loop', lines('fill act[0:i] with 0 rows 1')],
  ['verify/unknown-tensor', 'an undeclared tensor', lines('load act[0:0] <- %nothing rows 1')],
  ['isa/field-range', 'a field out of range', lines('fill act[0:0] with 200 rows 1')],
  ['isa/count-zero', 'no rows', lines('fill act[0:0] with 0 rows 0')],
  ['isa/own-unit', 'a unit waits for itself', lines('fill act[0:0] with 0 rows 1 wait(load)')],
  ['verify/bank', 'a bank too far', lines('fill act[3:0] with 0 rows 1')],
  ['verify/out-of-buffer', 'a row too far', lines('fill act[0:30] with 0 rows 1 runs 2 by 2')],
  [
    'verify/out-of-buffer',
    'only in the last iteration',
    lines('for i in 0..5 {', 'fill act[0:8*i] with 0 rows 8', '}'),
  ],
  ['verify/out-of-buffer', 'weights', lines('load wgt[30] <- %w rows 4')],
  ['verify/out-of-tensor', 'past the end of a tensor', lines('load act[0:0] <- %x + 4 rows 16')],
  ['verify/out-of-tensor', 'before a tensor', lines('load act[0:0] <- %w - 4 rows 1')],
  ['verify/dram-alignment', 'an address between rows', lines('load act[0:0] <- %x + 2 rows 1')],
  ['verify/dram-alignment', 'a stride between rows', lines('load act[0:0] <- %x rows 1 runs 2 by (1, 6)')],
  [
    'verify/store-target',
    'a store to a constant',
    lines('fill act[0:0] with 0 rows 1 signal(store)', 'store %w <- act[0:0] rows 1 wait(load)'),
  ],
  ['verify/slot', 'a slot too far', lines(requant.replace('].0', '].2'))],
  ['verify/slices', 'more slices than an acc row has', lines(requant.replace('slices 2', 'slices 3'))],
  ['verify/clamp', 'clamps the wrong way round', lines(`${requant} clamp 1..0`)],
  [
    'verify/in-place',
    'a row read and written',
    lines(parameters, `${load} signal(vector)`, `${rescale.replace('act[1:0]', 'act[0:3]')} wait(load)`),
  ],
  ['verify/unwritten', 'act never written', lines(`${weights} signal(matmul)`, `${matmul} wait(load)`)],
  ['verify/unwritten', 'accumulating into nothing', legal.replace('acc[0:0] =', 'acc[0:0] +=')],
  ['verify/unwritten-slot', 'one slot only', legal.replace('slices 2', 'slices 1')],
  ['verify/unwritten-dram', 'a tensor never stored', lines('load act[0:0] <- %t rows 1')],
  [
    'verify/unwritten-dram',
    'the other half of a tensor',
    `${legal}\n${lines('sync.store signal(load)', 'load act[2:0] <- %t + 28 rows 2 wait(store)')}`,
  ],
  [
    'verify/race',
    'a read that does not wait',
    legal.replace('act[1:0] rows 8 wait(vector)', 'act[1:0] rows 8').replace('signal(store)', ''),
  ],
  ['verify/race', 'an overwrite that does not wait', `${legal}\n${lines('fill act[0:3] with 0 rows 1')}`],
  ['verify/race', 'a load of what a store still writes', `${legal}\n${lines('load act[2:0] <- %t rows 8')}`],
  [
    'verify/port',
    'two readers of a bank',
    lines(
      `${load} signal(matmul, store)`,
      `${weights} signal(matmul)`,
      `${matmul} wait(load)`.replace('wait(load)', 'wait(load)'),
      'store %t <- act[0:8] rows 8 wait(load)',
    ),
  ],
  [
    'verify/port',
    'two writers of a bank',
    legal.replace(`  ${store}`, `  fill act[1:20] with 0 rows 1\n  ${store}`),
  ],
  ['verify/missing-signal', 'nobody signals', lines('sync.matmul wait(load)')],
  [
    'verify/deadlock',
    'a circle',
    lines('sync.matmul wait(vector) signal(vector)', 'sync.vector wait(matmul) signal(matmul)'),
  ],
  [
    'verify/queue-deadlock',
    'the queue is full before the signal is dispatched',
    lines(
      'for i in 0..5 {',
      'sync.matmul wait(load)',
      '}',
      'for i in 0..5 {',
      'sync.load signal(matmul)',
      '}',
    ),
  ],
  [
    'verify/semaphore-overflow',
    '256 signals before the first wait',
    lines(
      'for i in 0..300 {',
      'sync.load signal(matmul)',
      '}',
      'for i in 0..300 {',
      'sync.matmul wait(load)',
      '}',
    ),
  ],
  ['verify/leftover-semaphore', 'a signal too many', lines('sync.load signal(matmul)')],
  [
    'verify/too-long',
    'loops without end',
    lines('for i in 0..4000 {', 'for j in 0..4000 {', 'sync.load', '}', '}'),
  ],
];

describe('verifyDataflow', () => {
  it('finds nothing in a legal dataflow', () => {
    expect(verifyDataflow(tiny(legal), machine)).toEqual([]);
  });

  it.each(cases)('%s: %s', (code, _, body) => {
    const text = tinyText(body);
    const dataflow = unwrap(parseDataflow(text, 'bad.dataflow'));
    const found = verifyDataflow(dataflow, machine, { file: 'bad.dataflow', text });
    expect(found.map((d) => d.code)).toContain(code);
    expect(found.map(renderDiagnostic).join('\n')).toMatchSnapshot();
  });

  it('shows the printed form where no text is given', () => {
    const found = verifyDataflow(tiny(lines('fill act[3:0] with 0 rows 1')), machine);
    expect(found.map(renderDiagnostic).join('\n')).toMatchSnapshot();
  });

  it('a deep queue lets the same program run', () => {
    const body = cases.find(([code]) => code === 'verify/queue-deadlock')![2];
    expect(verifyDataflow(tiny(body), tinyMachine({ queueDepth: 8 }))).toEqual([]);
  });

  it('300 signals are no overflow where the consumer keeps up', () => {
    const body = lines('for i in 0..300 {', 'sync.load signal(matmul)', 'sync.matmul wait(load)', '}');
    expect(verifyDataflow(tiny(body), machine)).toEqual([]);
  });

  it('missing vector functions', () => {
    const small = tinyMachine({ functions: ['pool'] });
    const body = lines(
      `${load} signal(vector)`,
      parameters,
      'add act[1:0] <- act[0:0] + act[0:4] par[0] slices 2 pixels 1x4 from (4, 4) to 4 wait(load)',
      `${rescale} lookup 1`,
    );
    const found = verifyDataflow(tiny(body), small).map(renderDiagnostic).join('\n');
    expect(found).toMatchSnapshot();
  });

  it('tensors: alignment, size, layout, overlap, range, result of a layer', () => {
    const declarations = [
      'tensor %a : int8[1,4,4,4] blocked(4 pitch 4) bytes 60 in dram @ 0x0 kind input',
      'tensor %b : int8[1,4,2,2] blocked(8 pitch 8) bytes 32 in dram @ 0x1000 kind input',
      'tensor %c : int8 bytes 8 in dram @ 0x1010 kind weights',
      'tensor %d : int8 bytes 8192 in dram @ 0xfffff000 kind weights',
    ].join('\n');
    expect(
      verifyDataflow(tiny('', declarations), machine).map(renderDiagnostic).join('\n'),
    ).toMatchSnapshot();
  });

  it('an output that is not stored completely is a warning', () => {
    const declarations = tinyText('')
      .replace('kind tensor', 'kind output')
      .split('\n')
      .slice(1, 7)
      .join('\n');
    const found = verifyDataflow(tiny(legal, declarations), machine);
    expect(found.map(renderDiagnostic).join('\n')).toMatchSnapshot();
    expect(found.map((d) => d.severity)).toEqual(['warning']);
  });

  describe('results that stay in act', () => {
    const unsaved = legal.split('\n').slice(0, -1).join('\n').replace('signal(store)', '');
    const text = (place: string, body = unsaved, shape = '[1,4,2,4] blocked(4 pitch 4)') =>
      tinyText(body)
        .replace('-> %t {', `-> %t kept ${place} {`)
        .replace('%t : int8[1,4,4,4] blocked(4 pitch 4)', `%t : int8${shape}`);
    const found = (source: string) =>
      verifyDataflow(unwrap(parseDataflow(source, 'kept.dataflow')), machine, {
        file: 'kept.dataflow',
        text: source,
      });

    it('need no store', () => {
      expect(found(text('act[1:0] pitch 4 blocks 8 pictures 8'))).toEqual([]);
    });

    it.each([
      ['verify/kept-unwritten', text('act[1:1] pitch 4 blocks 8 pictures 8')],
      ['verify/kept-unwritten', text('act[2:0] pitch 4 blocks 8 pictures 8')],
      ['verify/kept-range', text('act[1:25] pitch 4 blocks 8 pictures 8')],
      ['verify/kept-range', text('act[3:0] pitch 4 blocks 8 pictures 8')],
      ['verify/kept-range', text('act[1:0] pitch -4 blocks 8 pictures 8')],
      ['verify/kept-steps', text('act[1:0] pitch 3 blocks 8 pictures 8')],
      ['verify/kept-layout', text('act[1:0] pitch 4 blocks 8 pictures 8', unsaved, '')],
      [
        'verify/unwritten-dram',
        text('act[1:0] pitch 4 blocks 8 pictures 8', `${unsaved}\n${lines('load act[2:0] <- %t rows 8')}`),
      ],
    ])('%s (%#)', (code, source) => {
      expect(found(source).map((d) => d.code)).toContain(code);
      expect(found(source).map(renderDiagnostic).join('\n')).toMatchSnapshot();
    });
  });

  it('another machine', () => {
    const other = { ...tiny(''), machine: 'edge8' };
    expect(verifyDataflow(other, machine).map(renderDiagnostic)).toMatchSnapshot();
  });

  it('shows at most 64 findings and says how many more there are', () => {
    const body = Array.from({ length: 70 }, () => '  fill act[9:0] with 0 rows 1').join('\n');
    const found = verifyDataflow(tiny(body), machine);
    expect(found).toHaveLength(65);
    expect(renderDiagnostic(found.at(-1)!)).toMatchSnapshot();
  });
});

describe('verifyProgram', () => {
  const image = new Map([
    ['w', new Uint8Array(64)],
    ['p', new Uint8Array(40)],
  ]);
  const program = (body: string): Program => unwrap(lower(tiny(body), machine, image));

  it('finds nothing in a legal program', () => {
    expect(verifyProgram(program(legal), machine)).toEqual([]);
  });

  it.each(cases.filter(([code]) => code.startsWith('verify/') && !/unbound|unknown|too-long/.test(code)))(
    '%s: %s',
    (code, _, body) => {
      expect(verifyProgram(program(body), machine).map((d) => d.code)).toContain(code);
    },
  );

  it('names the instruction; end is there, and last', () => {
    const { instructions, ...rest } = program(lines('fill act[3:0] with 0 rows 1'));
    const end = instructions.at(-1)!;
    const found = [
      verifyProgram({ ...rest, instructions }, machine),
      verifyProgram({ ...rest, instructions: [] }, machine),
      verifyProgram({ ...rest, instructions: [end, end] }, machine),
    ];
    expect(found.flat().map(renderDiagnostic)).toMatchSnapshot();
  });
});
