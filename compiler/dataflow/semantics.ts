/** Meaning of dataflow.ohm: one line of text to a {@link Line}. In: a line. Out: the line, or where and what was expected. */

import * as ohm from 'ohm-js';
import { addAffine, makeAffine } from './affine.js';
import { dataflowRecipe } from './grammar.generated.js';
import type { Item, LayerLine, Line, OperationLine, TensorLine, Text } from './line.js';
import type { Affine } from './types.js';

/** As ohm's own bundles make a grammar, which its types leave out. */
const { makeRecipe } = ohm as unknown as { readonly makeRecipe: (recipe: unknown) => ohm.Grammar };

const dataflowGrammar = makeRecipe(JSON.parse(dataflowRecipe));
const semantics = dataflowGrammar.createSemantics();

/** A line that does not parse: offset in the line and what would have been right there. */
export interface LineFault {
  readonly kind: 'fault';
  readonly offset: number;
  readonly expected: string;
}

export function parseLine(text: string): Line | LineFault {
  const match = dataflowGrammar.match(text, 'Line');
  return match.failed() ? describeFailure(match) : (semantics(match).line() as Line);
}

/** ohm's message is "Line 1, col 5: expected ...": the place is ours to say, the expectation is kept. */
function describeFailure(match: ohm.FailedMatchResult): LineFault {
  const expected = match.shortMessage.replace(/^Line \d+, col \d+: expected /, '');
  return { kind: 'fault', offset: match.getInterval().startIdx, expected };
}

const spanOfNode = (node: ohm.Node) => ({ start: node.source.startIdx, end: node.source.endIdx });
const textOf = (node: ohm.Node): Text => ({ text: node.sourceString, ...spanOfNode(node) });
const children = (node: ohm.Node): readonly ohm.Node[] => node.children;
const listed = (node: ohm.Node): readonly ohm.Node[] => node.asIteration().children;

semantics.addOperation<number>('number', {
  integer(sign, digits) {
    const size = Number(digits.sourceString);
    return sign.sourceString === '-' ? -size : size;
  },
});

/** Strings and names, without quotes and marks. */
semantics.addOperation<string>('decoded', {
  string(_open, _chars, _close) {
    return decodeString(this.sourceString);
  },
  tensorName(_percent, name) {
    return name.sourceString.startsWith('"') ? decodeString(name.sourceString) : name.sourceString;
  },
  Operator(name) {
    return name.sourceString.startsWith('"') ? decodeString(name.sourceString) : name.sourceString;
  },
  Value(_word, text) {
    return text.decoded() as string;
  },
});

/** JSON strings; an escape that JSON does not know stands for the character itself. */
function decodeString(source: string): string {
  try {
    return JSON.parse(source) as string;
  } catch {
    return source.slice(1, -1).replace(/\\(.)/g, '$1');
  }
}

semantics.addOperation<Affine>('affine', {
  Affine(sign, first, signs, rest) {
    let sum = signed(sign.sourceString, first);
    const operators = children(signs);
    for (const [index, term] of children(rest).entries()) {
      sum = addAffine(sum, signed(operators[index]!.sourceString, term));
    }
    return sum;
  },
  Term_product: (factor, _times, variable) =>
    makeAffine(0, [{ variable: variable.sourceString, coefficient: factor.number() as number }]),
  Term_flipped: (variable, _times, factor) =>
    makeAffine(0, [{ variable: variable.sourceString, coefficient: factor.number() as number }]),
  Term_constant: (constant) => constant.number() as number,
  Term_variable: (variable) => makeAffine(0, [{ variable: variable.sourceString, coefficient: 1 }]),
  Group: (_open, inner, _close) => inner.affine() as Affine,
  Single: (inner) => inner.affine() as Affine,
  Slot(_dot, inner) {
    return inner.ctorName === 'integer' ? (inner.number() as number) : (inner.affine() as Affine);
  },
});

function signed(sign: string, term: ohm.Node): Affine {
  const value = term.affine() as Affine;
  return sign === '-' ? negate(value) : value;
}

function negate(affine: Affine): Affine {
  if (typeof affine === 'number') return -affine || 0;
  return makeAffine(
    -affine.constant || 0,
    affine.terms.map((t) => ({ ...t, coefficient: -t.coefficient })),
  );
}

semantics.addOperation<readonly Affine[]>('values', {
  Values: (inner) => inner.values() as readonly Affine[],
  extents: (y, _x, x) => [Number(y.sourceString), Number(x.sourceString)],
  Range: (low, _dots, high) => [low.affine() as Affine, high.affine() as Affine],
  Tuple: (_open, first, _commas, rest, _close) => [first, ...children(rest)].map((n) => n.affine() as Affine),
  Single: (inner) => [inner.affine() as Affine],
  By: (_by, values) => values.values() as readonly Affine[],
});

semantics.addOperation<Item>('item', {
  Item: (inner) => inner.item() as Item,
  Mask(which, _open, units, _close) {
    const name = which.sourceString as 'wait' | 'signal';
    return { kind: 'mask', which: name, units: listed(units).map(textOf), ...spanOfNode(this) };
  },
  Place(memory, _open, address, _close, slot) {
    const [slotNode] = children(slot);
    const parts = address.address() as { bank?: Affine; row: Affine };
    return {
      kind: 'place',
      memory: memory.sourceString as 'act',
      ...parts,
      ...(slotNode ? { slot: slotNode.affine() as Affine } : {}),
      ...spanOfNode(this),
    };
  },
  Reference(tensor, signs, terms) {
    const operators = children(signs);
    const parts = children(terms).map((term, index) => signed(operators[index]!.sourceString, term));
    const offset = parts.reduce<Affine>(addAffine, 0);
    return { kind: 'reference', tensor: tensor.decoded() as string, offset, ...spanOfNode(this) };
  },
  Assign_add(_sign) {
    return { kind: 'assign', flag: 1, ...spanOfNode(this) };
  },
  Assign_flag(_sign, flag) {
    return { kind: 'assign', flag: flag.affine() as Affine, ...spanOfNode(this) };
  },
  Assign_set(_sign) {
    return { kind: 'assign', flag: 0, ...spanOfNode(this) };
  },
  Symbol(text) {
    return { kind: 'symbol', text: text.sourceString, ...spanOfNode(this) };
  },
  Phrase(word, values, by) {
    const [byNode] = children(by);
    return {
      kind: 'phrase',
      word: textOf(word),
      values: values.values() as readonly Affine[],
      ...(byNode ? { by: byNode.values() as readonly Affine[] } : {}),
      ...spanOfNode(this),
    };
  },
});

semantics.addOperation<{ readonly bank?: Affine; readonly row: Affine }>('address', {
  Address_pair: (bank, _colon, row) => ({ bank: bank.affine() as Affine, row: row.affine() as Affine }),
  Address_plain: (row) => ({ row: row.affine() as Affine }),
});

semantics.addOperation<Line>('line', {
  Line: (inner) => inner.line() as Line,
  Header: (_dataflow, name, _on, machine) => ({
    kind: 'header',
    name: name.decoded() as string,
    machine: machine.decoded() as string,
  }),
  Tensor(
    _tensor,
    name,
    _colon,
    element,
    layout,
    _bytes,
    bytes,
    _in,
    _dram,
    _at,
    address,
    _kind,
    segment,
    value,
  ) {
    const [layoutNode] = children(layout);
    const [valueNode] = children(value);
    const line: TensorLine = {
      kind: 'tensor',
      name: { ...textOf(name), text: name.decoded() as string },
      element: textOf(element),
      bytes: bytes.number() as number,
      address: address.number() as number,
      segment: textOf(segment),
      ...(layoutNode ? { layout: layoutNode.layout() as NonNullable<TensorLine['layout']> } : {}),
      ...(valueNode ? { value: valueNode.decoded() as string } : {}),
    };
    return line;
  },
  Layer(_layer, name, _from, _node, node, _open, operator, _close, _macs, macs, _to, output, kept, _brace) {
    const line: LayerLine = {
      kind: 'layer',
      name: name.decoded() as string,
      node: node.decoded() as string,
      operator: operator.decoded() as string,
      macs: macs.number() as number,
      output: { ...textOf(output), text: output.decoded() as string },
      ...(kept.numChildren > 0 && { kept: kept.child(0).kept() as NonNullable<LayerLine['kept']> }),
    };
    return line;
  },
  Loop: (_for, variable, _in, _zero, _dots, count, _brace) => ({
    kind: 'loop',
    variable: textOf(variable),
    count: count.number() as number,
  }),
  Close: (_brace) => ({ kind: 'close' }),
  Blank: (_empty) => ({ kind: 'blank' }),
  Operation(mnemonic, suffix, items) {
    const [suffixNode] = children(suffix);
    const line: OperationLine = {
      kind: 'operation',
      mnemonic: textOf(mnemonic),
      items: children(items).map((item) => item.item() as Item),
      ...(suffixNode ? { suffix: textOf(suffixNode.children[1]!) } : {}),
    };
    return line;
  },
});

semantics.addOperation<NonNullable<LayerLine['kept']>>('kept', {
  Kept: (
    _kept,
    _act,
    _open,
    bank,
    _colon,
    row,
    _close,
    _pitch,
    pitch,
    _blocks,
    blocks,
    _pictures,
    pictures,
  ) => ({
    bank: bank.number() as number,
    row: row.number() as number,
    pitch: pitch.number() as number,
    blockRows: blocks.number() as number,
    pictureRows: pictures.number() as number,
  }),
});

semantics.addOperation<NonNullable<TensorLine['layout']>>('layout', {
  Layout: (_open, shape, _close, order, _open2, lanes, _pitch, pitch, _close2) => ({
    shape: listed(shape).map((extent) => extent.number() as number),
    exchanged: order.sourceString === 'exchanged',
    lanes: lanes.number() as number,
    pitch: pitch.number() as number,
  }),
});
