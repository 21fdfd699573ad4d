/**
 * Cells with an operand or a result wider than 64 bits: statements over 64-bit limbs in linear memory. In: a cell, the
 * address of its result when that is wide. Out: statements, and the value when the result is narrow.
 */

import binaryen from 'binaryen';
import { assertNever, InternalError } from '../../base/index.js';
import { cellGroups } from './cell-types.js';
import { type Cell, extendOperand, type Operand, operandWidth, sliceOperand } from './design.js';
import { bitsFor, type Emitter, type Expression, type Value } from './emitter.js';
import { bothSigned } from './narrow.js';

export interface WideTarget {
  /** Address of the result when it is wide, else unused. */
  readonly address: number;
  /** A fresh zero word of so many limbs. */
  readonly scratch: (limbs: number) => number;
}

export interface WideResult {
  readonly statements: readonly Expression[];
  readonly value?: Value;
}

export const limbsOf = (width: number) => Math.ceil(width / 64);

/** Distances beyond this shift everything out; far from overflow in the helper's arithmetic. */
const FAR = 1n << 40n;

export function wideCell(e: Emitter, cell: Cell, target: WideTarget): WideResult {
  const group = cellGroups[cell.type];
  switch (group) {
    case 'bitwise':
      return fromLimbs(e, cell, target, bitwiseLimbs(e, cell));
    case 'copy':
      return fromLimbs(e, cell, target, limbs(e, cell.a));
    case 'select':
      return select(e, cell, target);
    case 'arithmetic':
      return cell.type === '$mul' ? multiply(e, cell, target) : addition(e, cell, target);
    case 'reduce':
    case 'logic':
      return flag(e, cell, target, test(e, cell));
    case 'compare':
      return compare(e, cell, target);
    case 'shift':
      return shift(e, cell, target);
    case 'divide':
      return divide(e, cell, target);
    case 'power':
    case 'memory':
    case undefined:
      throw new InternalError(`no wide rule for ${cell.type}`);
    default:
      return assertNever(group, 'cell group');
  }
}

function limbs(e: Emitter, operand: Operand): Expression[] {
  return Array.from({ length: limbsOf(operandWidth(operand)) }, (_, k) => e.limb(operand, k));
}

/** Stores limbs, the top one masked, or returns the only one as the value. */
function fromLimbs(
  e: Emitter,
  { width }: Cell,
  target: WideTarget,
  values: readonly Expression[],
): WideResult {
  if (width <= 64) {
    const bits = bitsFor(width);
    return {
      statements: [],
      value: { expression: e.convert(values[0]!, 64, bits), bits, zero: width === bits },
    };
  }
  return { statements: storeLimbs(e, target.address, width, values) };
}

export function storeLimbs(
  e: Emitter,
  address: number,
  width: number,
  values: readonly Expression[],
): Expression[] {
  return values
    .slice(0, limbsOf(width))
    .map((value, k) => e.storeLimb(address + 8 * k, e.mask(64, Math.min(64, width - 64 * k), value)));
}

function flag(e: Emitter, { width }: Cell, target: WideTarget, result: Expression): WideResult {
  const bits = bitsFor(width);
  if (width <= 64)
    return { statements: [], value: { expression: e.convert(result, 32, bits), bits, zero: true } };
  return { statements: [e.storeLimb(target.address, e.m.i64.extend_u(result))] };
}

function bitwiseLimbs(e: Emitter, cell: Cell): Expression[] {
  const { i64 } = e.m;
  const signed = cell.type === '$not' ? cell.aSigned : bothSigned(cell);
  const a = limbs(e, extendOperand(cell.a, cell.width, signed));
  if (cell.type === '$not') return a.map((limb) => i64.xor(limb, i64.const(-1n)));
  const b = limbs(e, extendOperand(cell.b, cell.width, signed));
  return a.map((limb, k) => {
    if (cell.type === '$and') return i64.and(limb, b[k]!);
    if (cell.type === '$or') return i64.or(limb, b[k]!);
    if (cell.type === '$xor') return i64.xor(limb, b[k]!);
    return i64.xor(i64.xor(limb, b[k]!), i64.const(-1n));
  });
}

function select(e: Emitter, cell: Cell, target: WideTarget): WideResult {
  const { a, b, s, width, type } = cell;
  const { m } = e;
  if (type === '$bwmux') {
    const [x, y, choice, inverse] = [limbs(e, a), limbs(e, b), limbs(e, s), limbs(e, s)];
    const mixed = x.map((limb, k) =>
      m.i64.or(m.i64.and(limb, m.i64.xor(inverse[k]!, m.i64.const(-1n))), m.i64.and(y[k]!, choice[k]!)),
    );
    return fromLimbs(e, cell, target, mixed);
  }
  if (width <= 64) throw new InternalError('a narrow selection is not wide');
  const store = (operand: Operand) => m.block(null, storeLimbs(e, target.address, width, limbs(e, operand)));
  let result = store(a);
  for (let i = operandWidth(s) - 1; i >= 0; i--) {
    const chosen = store(sliceOperand(b, i * width, width));
    result = m.if(e.read(sliceOperand(s, i, 1), 32, 'zero'), chosen, result);
  }
  return { statements: [result] };
}

/** Limbs of a + b, a - b or 0 - a in locals, over `width` bits. */
function sums(e: Emitter, cell: Pick<Cell, 'type' | 'a' | 'b'>, width: number, signed: boolean) {
  const { m } = e;
  const statements: Expression[] = [];
  const subtract = cell.type !== '$add';
  const zero: Operand = [{ kind: 'constant', width, value: 0n }];
  const left = cell.type === '$neg' ? zero : extendOperand(cell.a, width, signed);
  const right = extendOperand(cell.type === '$neg' ? cell.a : cell.b, width, signed);
  const carry = e.local(64);
  const results: number[] = [];
  for (let k = 0; k < limbsOf(width); k++) {
    const [x, sum, result] = [e.local(64), e.local(64), e.local(64)];
    const [gx, gs, gr] = [() => e.get(x), () => e.get(sum), () => e.get(result)];
    const step = subtract ? m.i64.sub : m.i64.add;
    const first = k === 0;
    statements.push(m.local.set(x, e.limb(left, k)), m.local.set(sum, step(gx(), e.limb(right, k))));
    statements.push(m.local.set(result, first ? gs() : step(gs(), e.get(carry))));
    // A sum that is less than a term, or a difference that is more, carried.
    const out = subtract ? m.i64.gt_u(gs(), gx()) : m.i64.lt_u(gs(), gx());
    const again = subtract ? m.i64.gt_u(gr(), gs()) : m.i64.lt_u(gr(), gs());
    statements.push(m.local.set(carry, m.i64.extend_u(first ? out : m.i32.or(out, again))));
    results.push(result);
  }
  return { statements, results };
}

function addition(e: Emitter, cell: Cell, target: WideTarget): WideResult {
  const signed = cell.type === '$neg' ? cell.aSigned : bothSigned(cell);
  const { statements, results } = sums(e, cell, cell.width, signed);
  const stored = fromLimbs(
    e,
    cell,
    target,
    results.map((local) => e.get(local)),
  );
  if (stored.value === undefined) return { statements: [...statements, ...stored.statements] };
  return { statements, value: stored.value };
}

function test(e: Emitter, { type, a, b }: Cell): Expression {
  const { m } = e;
  const any = (operand: Operand) => m.i64.ne(fold(limbs(e, operand), m.i64.or), m.i64.const(0n));
  const width = operandWidth(a);
  switch (type) {
    case '$reduce_or':
    case '$reduce_bool':
      return any(a);
    case '$logic_not':
      return m.i32.eqz(any(a));
    case '$logic_and':
      return m.i32.and(any(a), any(b));
    case '$logic_or':
      return m.i32.or(any(a), any(b));
    case '$reduce_and': {
      const full = limbs(e, a).map((limb, k) => {
        const bits = BigInt(Math.min(64, width - 64 * k));
        return m.i64.eq(limb, m.i64.const(BigInt.asIntN(64, (1n << bits) - 1n)));
      });
      return fold(full, m.i32.and);
    }
    default: {
      const parity = m.i32.wrap(m.i64.and(m.i64.popcnt(fold(limbs(e, a), m.i64.xor)), m.i64.const(1n)));
      return type === '$reduce_xor' ? parity : m.i32.eqz(parity);
    }
  }
}

function fold(values: readonly Expression[], join: (a: Expression, b: Expression) => Expression): Expression {
  return values.reduce((a, b) => join(a, b));
}

function compare(e: Emitter, cell: Cell, target: WideTarget): WideResult {
  const { m } = e;
  const signed = bothSigned(cell);
  const width = Math.max(operandWidth(cell.a), operandWidth(cell.b));
  const [a, b] = [extendOperand(cell.a, width, signed), extendOperand(cell.b, width, signed)];
  if (/eq|ne/.test(cell.type)) {
    const other = limbs(e, b);
    const differences = limbs(e, a).map((limb, k) => m.i64.xor(limb, other[k]!));
    const differ = m.i64.ne(fold(differences, m.i64.or), m.i64.const(0n));
    return flag(e, cell, target, cell.type.startsWith('$eq') ? m.i32.eqz(differ) : differ);
  }
  // One bit of headroom makes the difference's sign the answer, signed or not.
  const swapped = cell.type === '$gt' || cell.type === '$le';
  const room = 64 * limbsOf(width + 1);
  const difference = { type: '$sub', a: swapped ? cell.b : cell.a, b: swapped ? cell.a : cell.b };
  const { statements, results } = sums(e, difference, room, signed);
  const less = m.i64.lt_s(e.get(results.at(-1)!), m.i64.const(0n));
  const result = flag(e, cell, target, cell.type === '$le' || cell.type === '$ge' ? m.i32.eqz(less) : less);
  return { ...result, statements: [...statements, ...result.statements] };
}

/** Puts an operand, extended to whole limbs, into memory. */
function materialize(e: Emitter, operand: Operand, count: number, signed: boolean, target: WideTarget) {
  const address = target.scratch(count);
  const extended = extendOperand(operand, 64 * count, signed);
  return { address, statements: storeLimbs(e, address, 64 * count, limbs(e, extended)) };
}

/** Loads the result of a helper, cut to the cell's width. */
function fromMemory(e: Emitter, cell: Cell, target: WideTarget, address: number): WideResult {
  const count = limbsOf(cell.width);
  const loaded = Array.from({ length: count }, (_, k) => e.load(address + 8 * k, 64, 64, false));
  return fromLimbs(e, cell, target, loaded);
}

function shift(e: Emitter, cell: Cell, target: WideTarget): WideResult {
  const { m } = e;
  const { type, width } = cell;
  const left = type === '$shl' || type === '$sshl';
  const arithmetic = type === '$sshr' && cell.aSigned;
  const signed = cell.aSigned && type !== '$shiftx';
  const inner = left ? width : Math.max(operandWidth(cell.a), width);
  const count = limbsOf(inner);
  // Copies of the sign reach to `inner`; beyond come zeros, or for arithmetic shifts more copies.
  const word = extendOperand(cell.a, inner, signed);
  const source = materialize(e, word, count, arithmetic, target);
  const result = target.scratch(limbsOf(width));
  const top = sliceOperand(word, inner - 1, 1);
  const fill = arithmetic ? m.i64.sub(m.i64.const(0n), e.read(top, 64, 'zero')) : m.i64.const(0n);
  const amount = distance(e, cell.b, cell.bSigned && (type === '$shift' || type === '$shiftx'));
  const call = m.call(
    'shift',
    [
      m.i32.const(result),
      m.i32.const(limbsOf(width)),
      m.i32.const(source.address),
      m.i32.const(count),
      left ? m.i64.sub(m.i64.const(0n), amount) : amount,
      fill,
    ],
    binaryen.none,
  );
  const out = fromMemory(e, cell, target, result);
  return { ...out, statements: [...source.statements, call, ...out.statements] };
}

function distance(e: Emitter, operand: Operand, signed: boolean): Expression {
  const { m } = e;
  const width = operandWidth(operand);
  if (signed && width <= 64) return e.read(operand, 64, 'sign');
  if (width < 40) return e.read(operand, 64, 'zero');
  const high = limbs(e, sliceOperand(operand, 40, width - 40));
  const low = e.read(sliceOperand(operand, 0, 40), 64, 'zero');
  return m.select(m.i64.eqz(fold(high, m.i64.or)), low, m.i64.const(FAR));
}

function multiply(e: Emitter, cell: Cell, target: WideTarget): WideResult {
  const count = limbsOf(cell.width);
  const signed = bothSigned(cell);
  const a = materialize(e, cell.a, count, signed, target);
  const b = materialize(e, cell.b, count, signed, target);
  const product = target.scratch(count);
  const { m } = e;
  const parameters = [product, a.address, b.address, count].map((value) => m.i32.const(value));
  const call = m.call('multiply', parameters, binaryen.none);
  const out = fromMemory(e, cell, target, product);
  return { ...out, statements: [...a.statements, ...b.statements, call, ...out.statements] };
}

/** Magnitudes divided without sign; the quotient is negative when the signs differ, the remainder as the dividend. */
function divide(e: Emitter, cell: Cell, target: WideTarget): WideResult {
  const { m } = e;
  const signed = bothSigned(cell);
  const count = limbsOf(Math.max(operandWidth(cell.a), operandWidth(cell.b), cell.width) + 1);
  const a = magnitude(e, cell.a, count, signed, target);
  const b = magnitude(e, cell.b, count, signed, target);
  const [quotient, remainder] = [target.scratch(count), target.scratch(count)];
  const parameters = [quotient, remainder, a.address, b.address, count].map((value) => m.i32.const(value));
  const call = m.call('divide', parameters, binaryen.none);
  const sign = cell.type === '$div' ? m.i64.xor(e.get(a.sign), e.get(b.sign)) : e.get(a.sign);
  const chosen = cell.type === '$div' ? quotient : remainder;
  const result = e.local(64);
  const negated = conditionalNegation(
    e,
    Array.from({ length: count }, (_, k) => e.load(chosen + 8 * k, 64, 64, false)),
    result,
  );
  const out = fromLimbs(
    e,
    cell,
    target,
    negated.locals.map((local) => e.get(local)),
  );
  const statements = [
    ...a.statements,
    ...b.statements,
    call,
    m.local.set(result, sign),
    ...negated.statements,
  ];
  return { ...out, statements: [...statements, ...out.statements] };
}

function magnitude(e: Emitter, operand: Operand, count: number, signed: boolean, target: WideTarget) {
  const { m } = e;
  const sign = e.local(64);
  const top = sliceOperand(operand, operandWidth(operand) - 1, 1);
  const mask = signed ? m.i64.sub(m.i64.const(0n), e.read(top, 64, 'zero')) : m.i64.const(0n);
  const word = limbs(e, extendOperand(operand, 64 * count, signed));
  const negated = conditionalNegation(e, word, sign);
  const address = target.scratch(count);
  const values = negated.locals.map((local) => e.get(local));
  const statements = [
    m.local.set(sign, mask),
    ...negated.statements,
    ...storeLimbs(e, address, 64 * count, values),
  ];
  return { address, sign, statements };
}

/** (x ^ mask) - mask limb by limb: -x where the local `mask` is all ones, x where it is 0. */
function conditionalNegation(e: Emitter, word: readonly Expression[], mask: number) {
  const { m } = e;
  const carry = e.local(64);
  const statements = [m.local.set(carry, m.i64.and(e.get(mask), m.i64.const(1n)))];
  const locals = word.map((limb) => {
    const local = e.local(64);
    statements.push(
      m.local.set(local, m.i64.add(m.i64.xor(limb, e.get(mask)), e.get(carry))),
      m.local.set(carry, m.i64.extend_u(m.i32.and(m.i64.eqz(e.get(local)), m.i32.wrap(e.get(carry))))),
    );
    return local;
  });
  return { statements, locals };
}
