/**
 * A Dataflow as text: the canonical form that `parseDataflow` reads back. In: a Dataflow. Out: text, and the line of every
 * statement (lower's `lineOf`, the verifier's frames).
 */

import { InternalError } from '../../base/index.js';
import { actBank, actRow, type KeptResult, unitNames } from '../isa/index.js';
import { constantOf, formatAffine, makeAffine, plainNumber, termsOf } from './affine.js';
import { enumNames } from './operation.js';
import { bankSpan, type HeadItem, operationSyntax, type Phrase, type PlaceMemory } from './syntax.js';
import type { Affine, Dataflow, DataflowLayer, DataflowTensor, Operation, Statement } from './types.js';

export interface PrintedDataflow {
  readonly text: string;
  /** 1-based line on which a layer, loop or operation (by identity) starts. */
  readonly lineOf: ReadonlyMap<Statement | DataflowLayer | DataflowTensor, number>;
}

export function printDataflow(dataflow: Dataflow): string {
  return printWithLines(dataflow).text;
}

export function printWithLines(dataflow: Dataflow): PrintedDataflow {
  const printer = new Printer();
  printer.dataflow(dataflow);
  return { text: `${printer.lines.join('\n')}\n`, lineOf: printer.lineOf };
}

class Printer {
  readonly lines: string[] = [];
  readonly lineOf = new Map<Statement | DataflowLayer | DataflowTensor, number>();

  dataflow(d: Dataflow): void {
    this.lines.push(`dataflow ${quote(d.name)} on ${quote(d.machine)}`, '');
    for (const tensor of d.tensors) {
      this.lines.push(formatTensor(tensor));
      this.lineOf.set(tensor, this.lines.length);
    }
    for (const layer of d.layers) this.layer(layer);
  }

  private layer(layer: DataflowLayer): void {
    const { name, node, operator, macs, output, kept } = layer;
    const shown = /^[A-Za-z_]\w*$/.test(operator) && !/^(by|in)$/.test(operator) ? operator : quote(operator);
    const from = `from node ${quote(node)} (${shown})`;
    const place = kept === undefined ? '' : ` ${formatKept(kept)}`;
    this.lines.push('', `layer ${quote(name)} ${from} macs ${macs} -> ${formatName(output)}${place} {`);
    this.lineOf.set(layer, this.lines.length);
    this.body(layer.body, '  ');
    this.lines.push('}');
  }

  private body(body: readonly Statement[], indent: string): void {
    for (const statement of body) {
      if (statement.kind === 'operation') {
        this.lines.push(indent + formatOperation(statement));
        this.lineOf.set(statement, this.lines.length);
        continue;
      }
      this.lines.push(`${indent}for ${statement.variable} in 0..${statement.count} {`);
      this.lineOf.set(statement, this.lines.length);
      this.body(statement.body, `${indent}  `);
      this.lines.push(`${indent}}`);
    }
  }
}

const quote = (text: string): string => JSON.stringify(text);

function formatName(name: string): string {
  return /^[A-Za-z0-9_./-]+$/.test(name) ? `%${name}` : `%${quote(name)}`;
}

function formatKept({ address, pitch, blockRows, pictureRows }: KeptResult): string {
  return `kept act[${actBank(address)}:${actRow(address)}] pitch ${pitch} blocks ${blockRows} pictures ${pictureRows}`;
}

function formatTensor(tensor: DataflowTensor): string {
  const { layout } = tensor;
  const shape = layout
    ? `[${[layout.batch, layout.channels, layout.height, layout.width]}] ${layout.exchanged ? 'exchanged' : 'blocked'}(${layout.lanes} pitch ${layout.pitch})`
    : '';
  const place = `in dram @ 0x${tensor.address.toString(16)}`;
  const value = tensor.value === undefined ? '' : ` value ${quote(tensor.value)}`;
  const type = `${tensor.element}${shape}`;
  return `tensor ${formatName(tensor.name)} : ${type} bytes ${tensor.bytes} ${place} kind ${tensor.kind}${value}`;
}

/** One operation as one line, without indentation. */
export function formatOperation(operation: Operation): string {
  const syntax = operationSyntax[operation.mnemonic];
  const suffix = syntax.suffix === undefined ? '' : `.${enumName(operation, syntax.suffix)}`;
  const parts = [
    `${operation.mnemonic}${suffix}`,
    ...syntax.head.map((item) => formatHead(item, operation)),
    ...syntax.phrases.map((phrase) => formatPhrase(phrase, operation)),
    formatMask('wait', operation),
    formatMask('signal', operation),
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function fieldOf(operation: Operation, field: string): Affine {
  const value = operation.fields[field];
  if (value === undefined) throw new InternalError(`${operation.mnemonic} has no field ${field}`);
  return value;
}

function enumName(operation: Operation, field: string): string {
  const index = plainNumber(fieldOf(operation, field));
  const name = index === undefined ? undefined : enumNames(operation.mnemonic, field)[index];
  if (name === undefined)
    throw new InternalError(`${field} of ${operation.mnemonic} is no constant of its enum`);
  return name;
}

function formatHead(item: HeadItem, operation: Operation): string {
  switch (item.kind) {
    case 'symbol':
      return item.text;
    case 'assign': {
      const flag = fieldOf(operation, item.field);
      const constant = plainNumber(flag);
      return constant === 0 ? '=' : constant === 1 ? '+=' : `=(${formatAffine(flag)})`;
    }
    case 'dram':
      return formatReference(operation);
    case 'place': {
      const slot = item.slot === undefined ? '' : formatSlot(fieldOf(operation, item.slot));
      return formatPlace(item.memory, fieldOf(operation, item.field)) + slot;
    }
    case 'buffer':
      return formatPlace(enumName(operation, item.selector) as PlaceMemory, fieldOf(operation, item.field));
  }
}

function formatReference({ dram, mnemonic }: Operation): string {
  if (!dram) throw new InternalError(`${mnemonic} has no DRAM reference`);
  const offset = formatAffine(dram.offset);
  if (offset === '0') return formatName(dram.tensor);
  const joined = offset.startsWith('-') ? ` - ${offset.slice(1)}` : ` + ${offset}`;
  return formatName(dram.tensor) + joined;
}

/** `act[i:11 + 8*j]`: whole banks of the constant and of every term before the colon, what is left after it. */
function formatPlace(memory: PlaceMemory, address: Affine): string {
  const span = bankSpan(memory);
  const constant = constantOf(address);
  if (span === 0 || constant < 0) return `${memory}[${formatAffine(address)}]`;
  const terms = termsOf(address).map((t) => ({ ...t, banks: Math.round(t.coefficient / span) }));
  const bank = makeAffine(
    Math.floor(constant / span),
    terms.map(({ variable, banks }) => ({ variable, coefficient: banks })),
  );
  const row = makeAffine(
    constant % span,
    terms.map(({ variable, coefficient, banks }) => ({ variable, coefficient: coefficient - banks * span })),
  );
  return `${memory}[${formatAffine(bank)}:${formatAffine(row)}]`;
}

function formatSlot(slot: Affine): string {
  const constant = plainNumber(slot);
  return constant === undefined ? `.(${formatAffine(slot)})` : `.${constant}`;
}

function formatPhrase(phrase: Phrase, operation: Operation): string {
  const values = phrase.fields.map((field) => fieldOf(operation, field));
  const by = (phrase.by ?? []).map((field) => fieldOf(operation, field));
  const moves = by.some((value) => plainNumber(value) !== 0);
  const standard = values.every((value, index) => plainNumber(value) === phrase.defaults?.[index]);
  if (phrase.defaults && standard && !moves) return '';
  return `${phrase.word} ${formatValues(values, phrase.form)}${moves ? ` by ${formatValues(by)}` : ''}`;
}

function formatValues(values: readonly Affine[], form?: Phrase['form']): string {
  const texts = values.map(formatAffine);
  if (values.length === 1) return texts[0]!;
  if (form === 'range') return texts.join('..');
  if (form === 'extents' && texts.every((text) => /^[1-9]\d*$/.test(text))) return texts.join('x');
  return `(${texts.join(', ')})`;
}

function formatMask(which: 'wait' | 'signal', operation: Operation): string {
  const units = unitNames.filter((unit) => operation[which].includes(unit));
  return units.length === 0 ? '' : `${which}(${units.join(', ')})`;
}
