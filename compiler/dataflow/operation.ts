/**
 * One parsed operation line against the syntax table. In: an {@link OperationLine}. Out: an Operation with every field, or
 * diagnostics (all that the line has).
 */

import type { Diagnostic, Place, SourceSpan } from '../../base/index.js';
import { specOf, type UnitName, unitNames } from '../isa/index.js';
import { addAffine, makeAffine, plainNumber, termsOf } from './affine.js';
import * as diagnostics from './diagnostics.js';
import type { Item, LineSpan, OperationLine } from './line.js';
import { bankSpan, type HeadItem, type OperationSyntax, operationSyntax, type Phrase } from './syntax.js';
import type { Affine, DramReference, Operation } from './types.js';

type PhraseItem = Extract<Item, { kind: 'phrase' }>;

const mnemonics = Object.keys(operationSyntax) as Operation['mnemonic'][];

/** The values of a named enum field of an operation. */
export function enumNames(mnemonic: Operation['mnemonic'], field: string): readonly string[] {
  return specOf[mnemonic].fields.find((f) => f.name === field)?.names ?? [];
}

/** Places of the line's parts, and where faults are collected. */
export interface LineContext {
  readonly at: (span: LineSpan) => Place;
  readonly faults: Diagnostic[];
  readonly span: SourceSpan;
}

export function buildOperation(line: OperationLine, context: LineContext): Operation | undefined {
  const mnemonic = mnemonics.find((name) => name === line.mnemonic.text);
  if (!mnemonic) {
    context.faults.push(
      diagnostics.unknownOperation(line.mnemonic.text, mnemonics, context.at(line.mnemonic)),
    );
    return undefined;
  }
  const before = context.faults.length;
  const operation = new OperationBuilder(mnemonic, line, context).build();
  return context.faults.length === before ? operation : undefined;
}

class OperationBuilder {
  private readonly fields: Record<string, Affine> = {};
  private readonly masks: Partial<Record<'wait' | 'signal', readonly UnitName[]>> = {};
  private readonly syntax: OperationSyntax;
  private dram: DramReference | undefined;

  constructor(
    private readonly mnemonic: Operation['mnemonic'],
    private readonly line: OperationLine,
    private readonly context: LineContext,
  ) {
    this.syntax = operationSyntax[mnemonic];
  }

  build(): Operation {
    this.readSuffix();
    const items = this.line.items;
    if (this.readHead(items)) {
      this.readRest(items.slice(this.syntax.head.length));
      this.fillDefaults();
    }
    return {
      kind: 'operation',
      mnemonic: this.mnemonic,
      wait: this.masks.wait ?? [],
      signal: this.masks.signal ?? [],
      fields: this.inTableOrder(),
      ...(this.dram ? { dram: this.dram } : {}),
      span: this.context.span,
    };
  }

  private inTableOrder(): Record<string, Affine> {
    const names = specOf[this.mnemonic].fields.map((f) => f.name).filter((name) => name in this.fields);
    return Object.fromEntries(names.map((name) => [name, this.fields[name]!]));
  }

  private fault(make: (where: Place) => Diagnostic, span: LineSpan): void {
    this.context.faults.push(make(this.context.at(span)));
  }

  private readSuffix(): void {
    const { suffix } = this.syntax;
    const given = this.line.suffix;
    if (suffix === undefined) {
      if (given) this.fault((w) => diagnostics.wrongOperand(this.mnemonic, 'no suffix', w), given);
      return;
    }
    const names = enumNames(this.mnemonic, suffix);
    const index = given ? names.indexOf(given.text) : -1;
    if (index >= 0) this.fields[suffix] = index;
    else if (given) this.fault((w) => diagnostics.unknownName(`a ${suffix}`, given.text, names, w), given);
    else {
      const expected = `.${names.join(' or .')} after its name`;
      this.fault((w) => diagnostics.wrongOperand(this.mnemonic, expected, w), this.line.mnemonic);
    }
  }

  private readHead(items: readonly Item[]): boolean {
    for (const [index, head] of this.syntax.head.entries()) {
      const item = items[index];
      if (item && this.matchHead(head, item)) continue;
      const last = items.at(-1) ?? this.line.mnemonic;
      const span = item ?? { start: last.end, end: last.end };
      this.fault((w) => diagnostics.wrongOperand(this.mnemonic, describeHead(head), w), span);
      return false;
    }
    return true;
  }

  private matchHead(head: HeadItem, item: Item): boolean {
    switch (head.kind) {
      case 'symbol':
        return item.kind === 'symbol' && item.text === head.text;
      case 'assign':
        if (item.kind !== 'assign') return false;
        this.fields[head.field] = item.flag;
        return true;
      case 'dram':
        if (item.kind !== 'reference') return false;
        this.dram = { tensor: item.tensor, offset: item.offset };
        return true;
      case 'place':
        if (item.kind !== 'place' || item.memory !== head.memory) return false;
        if ((item.slot === undefined) !== (head.slot === undefined)) return false;
        this.fields[head.field] = this.address(item);
        if (head.slot !== undefined) this.fields[head.slot] = item.slot!;
        return true;
      case 'buffer': {
        if (item.kind !== 'place' || item.slot !== undefined) return false;
        const buffer = enumNames(this.mnemonic, head.selector).indexOf(item.memory);
        if (buffer < 0) return false;
        this.fields[head.selector] = buffer;
        this.fields[head.field] = this.address(item);
        return true;
      }
    }
  }

  /** bank:row as one number; a plain address stands as it is. */
  private address(item: Extract<Item, { kind: 'place' }>): Affine {
    if (item.bank === undefined) return item.row;
    const span = bankSpan(item.memory);
    const row = plainNumber(item.row);
    if (span === 0)
      this.fault(
        (w) => diagnostics.wrongOperand(this.mnemonic, `${item.memory}[row] without a bank`, w),
        item,
      );
    else if (row !== undefined && (row < 0 || row >= span))
      this.fault((w) => diagnostics.rowInBank(row, span, w), item);
    return addAffine(scaleAffine(item.bank, span), item.row);
  }

  private readRest(items: readonly Item[]): void {
    for (const item of items) {
      if (item.kind === 'mask') this.readMask(item);
      else if (item.kind === 'phrase') this.readPhrase(item);
      else
        this.fault(
          (w) => diagnostics.wrongOperand(this.mnemonic, 'a phrase, wait(...) or signal(...)', w),
          item,
        );
    }
  }

  private readMask(item: Extract<Item, { kind: 'mask' }>): void {
    if (this.masks[item.which]) {
      this.fault((w) => diagnostics.duplicatePhrase(this.mnemonic, item.which, w), item);
    }
    for (const unit of item.units.filter((u) => !isUnit(u.text))) {
      this.fault((w) => diagnostics.unknownName('a unit', unit.text, unitNames, w), unit);
    }
    const names = item.units.map((unit) => unit.text);
    this.masks[item.which] = unitNames.filter((name) => names.includes(name));
  }

  private readPhrase(item: PhraseItem): void {
    const word = item.word.text;
    const phrase = this.syntax.phrases.find((p) => p.word === word);
    if (!phrase) {
      const known = this.syntax.phrases.map((p) => p.word);
      this.fault((w) => diagnostics.unknownPhrase(this.mnemonic, word, known, w), item.word);
      return;
    }
    if (phrase.fields[0]! in this.fields) {
      this.fault((w) => diagnostics.duplicatePhrase(this.mnemonic, word, w), item);
    }
    this.assign(phrase.fields, item.values, { word, part: 'values', span: item });
    const by = phrase.by ?? [];
    if (item.by) this.assign(by, item.by, { word, part: 'by', span: item });
    else for (const field of by) this.fields[field] = 0;
  }

  private assign(
    fields: readonly string[],
    values: readonly Affine[],
    { word, part, span }: { word: string; part: 'values' | 'by'; span: LineSpan },
  ): void {
    if (fields.length !== values.length) {
      const fault = { word, part, given: values.length, needed: fields.length };
      this.fault((w) => diagnostics.phraseArity(fault, w), span);
    }
    for (const [index, field] of fields.entries()) this.fields[field] = values[index] ?? 0;
  }

  private fillDefaults(): void {
    for (const phrase of this.syntax.phrases) {
      if (phrase.fields[0]! in this.fields) continue;
      if (phrase.defaults) this.useDefaults(phrase, phrase.defaults);
      else this.fault((w) => diagnostics.missingPhrase(this.mnemonic, phrase.word, w), this.line.mnemonic);
    }
  }

  private useDefaults(phrase: Phrase, defaults: readonly number[]): void {
    for (const [index, field] of phrase.fields.entries()) this.fields[field] = defaults[index]!;
    for (const field of phrase.by ?? []) this.fields[field] = 0;
  }
}

function scaleAffine(affine: Affine, factor: number): Affine {
  if (typeof affine === 'number') return affine * factor;
  const terms = termsOf(affine).map((t) => ({ ...t, coefficient: t.coefficient * factor }));
  return makeAffine(affine.constant * factor, terms);
}

function isUnit(name: string): name is UnitName {
  return (unitNames as readonly string[]).includes(name);
}

function describeHead(head: HeadItem): string {
  switch (head.kind) {
    case 'symbol':
      return head.text;
    case 'assign':
      return '= or +=';
    case 'dram':
      return '%tensor + offset';
    case 'place':
      return `${head.memory}[...]${head.slot === undefined ? '' : '.slot'}`;
    case 'buffer':
      return 'act[...], wgt[...], par[...] or lut[...]';
  }
}
