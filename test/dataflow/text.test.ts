import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderDiagnostic, unwrap } from '../../base/index.js';
import {
  type Dataflow,
  operationSyntax,
  parseDataflow,
  printDataflow,
  type Statement,
} from '../../compiler/dataflow/index.js';
import { type InstructionSpec, instructionSet } from '../../compiler/isa/index.js';
import { embedGrammar } from '../../scripts/embed-grammar.mjs';
import { runs } from '../isa/arbitraries.js';
import { dataflowArbitrary } from './arbitraries.js';

function withoutSpans(dataflow: Dataflow): Dataflow {
  const strip = ({ span: _, ...statement }: Statement): Statement =>
    statement.kind === 'loop' ? { ...statement, body: statement.body.map(strip) } : statement;
  const layers = dataflow.layers.map(({ span: _, ...rest }) => ({ ...rest, body: rest.body.map(strip) }));
  return { ...dataflow, layers };
}

describe('dataflow text', () => {
  it('law: parse(print(d)) = d', () => {
    fc.assert(
      fc.property(dataflowArbitrary, (dataflow) => {
        const text = printDataflow(dataflow);
        expect(withoutSpans(unwrap(parseDataflow(text)))).toEqual(dataflow);
      }),
      { numRuns: runs(200) },
    );
  });

  it('law: printing a parsed text gives its canonical form, which prints as itself', () => {
    const loose =
      'dataflow "a" on "m" # x\n\n\nlayer "l" from node "n" ("Conv") macs 0x10 -> %"y" {\n  for k in 0..3 {\n\tfill act[1:k*2 + 3 - k] rows 4 with 1 wait(store,load)   # y\n}\n}';
    const canonical =
      'dataflow "a" on "m"\n\n\nlayer "l" from node "n" (Conv) macs 16 -> %y {\n  for k in 0..3 {\n    fill act[1:3 + k] with 1 rows 4 wait(load, store)\n  }\n}\n';
    expect(printDataflow(unwrap(parseDataflow(loose)))).toBe(canonical);
    expect(printDataflow(unwrap(parseDataflow(canonical)))).toBe(canonical);
  });

  it('spans point at the line without its indentation', () => {
    const text =
      'dataflow "a" on "m"\nlayer "l" from node "n" (C) macs 0 -> %y {\n  sync.load wait(store)\n}\n';
    const [operation] = unwrap(parseDataflow(text)).layers[0]!.body;
    expect(operation!.span).toMatchObject({ line: 3, column: 3 });
    expect(text.slice(operation!.span!.start, operation!.span!.end)).toBe('sync.load wait(store)');
  });

  it('the syntax table covers every field of every instruction exactly once', () => {
    for (const spec of instructionSet as readonly InstructionSpec[]) {
      if (spec.mnemonic === 'end') continue;
      const syntax = operationSyntax[spec.mnemonic as keyof typeof operationSyntax];
      const head = syntax.head.flatMap((item) => {
        switch (item.kind) {
          case 'place':
            return item.slot === undefined ? [item.field] : [item.field, item.slot];
          case 'buffer':
            return [item.field, item.selector];
          case 'dram':
            return ['dram'];
          case 'assign':
            return [item.field];
          default:
            return [];
        }
      });
      const phrases = syntax.phrases.flatMap((phrase) => [...phrase.fields, ...(phrase.by ?? [])]);
      const covered = [...(syntax.suffix === undefined ? [] : [syntax.suffix]), ...head, ...phrases];
      expect(covered.sort(), spec.mnemonic).toEqual(spec.fields.map((f) => f.name).sort());
    }
  });

  it('grammar.generated.ts is fresh (node scripts/embed-grammar.mjs writes it)', () => {
    const read = (name: string) =>
      readFileSync(new URL(`../../compiler/dataflow/${name}`, import.meta.url), 'utf8');
    expect(read('grammar.generated.ts')).toBe(embedGrammar(read('dataflow.ohm')));
  });
});

const header = 'dataflow "a" on "m"\n';
const layer = (body: string) => `${header}layer "l" from node "n" (Conv) macs 1 -> %y {\n${body}\n}\n`;
const tensor = (rest: string) => `${header}tensor %t : ${rest}\n`;
const fill = 'fill act[0:0] with 0 rows 1';

/** Diagnostic code and a text that has this fault. */
const faults: readonly (readonly [string, string])[] = [
  ['syntax', layer('  load act[0:0 <- %x rows 1')],
  ['missing-header', 'layer "l" from node "n" (Conv) macs 1 -> %y {\n}\n'],
  ['missing-header', ''],
  ['misplaced', `${header}${fill}\n`],
  ['misplaced', `${header}}\n`],
  ['misplaced', header + header],
  ['misplaced', layer('  tensor %t : int8 bytes 4 in dram @ 0 kind input')],
  ['unclosed', `${header}layer "l" from node "n" (Conv) macs 1 -> %y {\n`],
  ['unknown-operation', layer('  jump act[0:0]')],
  ['unknown-name', layer('  pool.mean act[0:0] <- act[0:0] par[0]')],
  ['unknown-name', layer(`  ${fill} wait(dma)`)],
  ['unknown-name', tensor('int9 bytes 4 in dram @ 0 kind input')],
  ['unknown-name', tensor('int8 bytes 4 in dram @ 0 kind scratch')],
  ['operand', layer('  store act[0:0] <- %x rows 1')],
  ['operand', layer('  sync wait(load)')],
  ['operand', layer('  fill.fast act[0:0] with 0 rows 1')],
  ['operand', layer('  load wgt[0:0] <- %x rows 1')],
  ['missing-phrase', layer('  fill act[0:0] with 0')],
  ['duplicate-phrase', layer(`  ${fill} rows 2`)],
  ['duplicate-phrase', layer(`  ${fill} wait(store) wait(store)`)],
  ['unknown-phrase', layer(`  ${fill} clamp 0..1`)],
  ['arity', layer('  fill act[0:0] with 0 rows (1, 2)')],
  ['arity', layer(`  ${fill} runs 2 by (1, 2)`)],
  ['address', layer('  fill act[0:65536] with 0 rows 1')],
  [
    'duplicate-tensor',
    `${tensor('int8 bytes 4 in dram @ 0 kind input')}tensor %t : int8 bytes 4 in dram @ 0 kind input\n`,
  ],
  ['duplicate-variable', layer('  for i in 0..2 {\n    for i in 0..2 {\n    }\n  }')],
  ['loop-count', layer('  for i in 0..0 {\n  }')],
  ['tensor-shape', tensor('int8[1,2] blocked(4 pitch 4) bytes 4 in dram @ 0 kind input')],
];

describe('diagnostics of dataflow text', () => {
  it.each(faults.map(([code, text], index) => [code, index + 1, text] as const))(
    '%s (case %i)',
    (code, _, text) => {
      const { ok, diagnostics } = parseDataflow(text, 'bad.dataflow');
      expect(ok).toBe(false);
      expect(diagnostics.map((d) => d.code)).toContain(`dataflow/${code}`);
      expect(diagnostics.map(renderDiagnostic).join('\n')).toMatchSnapshot();
    },
  );

  it('every faulty line is reported at once', () => {
    expect(parseDataflow(layer('  jump\n  fill\n  load ]')).diagnostics).toHaveLength(3);
  });
});
