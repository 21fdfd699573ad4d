/** Cells whose operands and result fit one WebAssembly value: an expression each. Semantics as in Yosys' simulation library. */

import binaryen from 'binaryen';
import { assertNever, InternalError } from '../../base/index.js';
import { cellGroups } from './cell-types.js';
import {
  type Cell,
  constantValue,
  extendOperand,
  type Operand,
  operandWidth,
  sliceOperand,
} from './design.js';
import { type Bits, bitsFor, type Emitter, type Expression, type Value } from './emitter.js';

/** The value of a narrow cell (`isNarrow`), memory reads excepted. */
export function narrowValue(e: Emitter, cell: Cell): Value {
  const group = cellGroups[cell.type];
  switch (group) {
    case 'bitwise':
      return bitwise(e, cell);
    case 'arithmetic':
      return arithmetic(e, cell);
    case 'reduce':
      return flag(e, cell, reduce(e, cell));
    case 'logic':
      return flag(e, cell, logic(e, cell));
    case 'compare':
      return flag(e, cell, compare(e, cell));
    case 'shift':
      return shift(e, cell);
    case 'divide':
      return divide(e, cell);
    case 'power':
      return power(e, cell);
    case 'select':
      return select(e, cell);
    case 'copy':
      return {
        expression: e.read(cell.a, bitsFor(cell.width), 'zero'),
        bits: bitsFor(cell.width),
        zero: true,
      };
    case 'memory':
    case undefined:
      throw new InternalError(`no narrow rule for ${cell.type}`);
    default:
      return assertNever(group, 'cell group');
  }
}

/** A one-bit result, zero-extended to the cell's width. */
function flag(e: Emitter, { width }: Cell, expression: Expression): Value {
  const bits = bitsFor(width);
  return { expression: e.convert(expression, 32, bits), bits, zero: true };
}

/** An operand cut or extended to the result's width; bits above it are zero if asked. */
function operand(e: Emitter, word: Operand, width: number, signed: boolean, zero: boolean): Expression {
  const bits = bitsFor(width);
  const own = operandWidth(word);
  if (own >= width)
    return e.read(own === width ? word : sliceOperand(word, 0, width), bits, zero ? 'zero' : 'any');
  if (!signed) return e.read(word, bits, 'zero');
  const extended = e.read(word, bits, 'sign');
  return zero ? e.mask(bits, width, extended) : extended;
}

const bothSigned = ({ aSigned, bSigned }: Cell) => aSigned && bSigned;

function bitwise(e: Emitter, cell: Cell): Value {
  const { width, type } = cell;
  const bits = bitsFor(width);
  const ops = e.ops(bits);
  if (type === '$not') {
    const a = operand(e, cell.a, width, cell.aSigned, false);
    return { expression: ops.xor(a, e.constant(bits, -1n)), bits, zero: width === bits };
  }
  const zero = type !== '$xnor' && type !== '$bweqx';
  const signed = bothSigned(cell);
  const a = operand(e, cell.a, width, signed, zero);
  const b = operand(e, cell.b, width, signed, zero);
  if (type === '$and') return { expression: ops.and(a, b), bits, zero };
  if (type === '$or') return { expression: ops.or(a, b), bits, zero };
  if (type === '$xor') return { expression: ops.xor(a, b), bits, zero };
  return { expression: ops.xor(ops.xor(a, b), e.constant(bits, -1n)), bits, zero: width === bits };
}

function arithmetic(e: Emitter, cell: Cell): Value {
  const { width, type } = cell;
  const bits = bitsFor(width);
  const ops = e.ops(bits);
  if (type === '$neg') {
    const a = operand(e, cell.a, width, cell.aSigned, false);
    return { expression: ops.sub(e.constant(bits, 0n), a), bits, zero: width === bits };
  }
  const signed = bothSigned(cell);
  const a = operand(e, cell.a, width, signed, false);
  const b = operand(e, cell.b, width, signed, false);
  const expression = type === '$add' ? ops.add(a, b) : type === '$sub' ? ops.sub(a, b) : ops.mul(a, b);
  return { expression, bits, zero: width === bits || fits(cell, signed) };
}

/** Whether an unsigned sum or product cannot leave the result's width. */
function fits({ type, a, b, width }: Cell, signed: boolean): boolean {
  if (signed || type === '$sub') return false;
  const [wa, wb] = [operandWidth(a), operandWidth(b)];
  return type === '$add' ? Math.max(wa, wb) < width : wa + wb <= width;
}

function reduce(e: Emitter, { a, type }: Cell): Expression {
  const width = operandWidth(a);
  const bits = bitsFor(width);
  const ops = e.ops(bits);
  const value = e.read(a, bits, 'zero');
  if (type === '$reduce_and') return ops.eq(value, e.constant(bits, (1n << BigInt(width)) - 1n));
  if (type === '$reduce_or' || type === '$reduce_bool') return e.isNonZero(bits, value);
  const parity = e.m.i32.and(e.convert(ops.popcnt(value), bits, 32), e.m.i32.const(1));
  return type === '$reduce_xor' ? parity : e.m.i32.eqz(parity);
}

function truth(e: Emitter, word: Operand): Expression {
  const width = operandWidth(word);
  const bits = bitsFor(width);
  const value = e.read(word, bits, 'zero');
  return width === 1 ? value : e.isNonZero(bits, value);
}

function logic(e: Emitter, { a, b, type }: Cell): Expression {
  if (type === '$logic_not') {
    const bits = bitsFor(operandWidth(a));
    return e.ops(bits).eqz(e.read(a, bits, 'zero'));
  }
  const [left, right] = [truth(e, a), truth(e, b)];
  return type === '$logic_and' ? e.m.i32.and(left, right) : e.m.i32.or(left, right);
}

function compare(e: Emitter, cell: Cell): Expression {
  const bits = bitsFor(Math.max(operandWidth(cell.a), operandWidth(cell.b)));
  const signed = bothSigned(cell);
  const upper = signed ? 'sign' : 'zero';
  const [a, b] = [e.read(cell.a, bits, upper), e.read(cell.b, bits, upper)];
  const ops = e.ops(bits);
  switch (cell.type) {
    case '$eq':
    case '$eqx':
      return ops.eq(a, b);
    case '$ne':
    case '$nex':
      return ops.ne(a, b);
    case '$lt':
      return signed ? ops.lt_s(a, b) : ops.lt_u(a, b);
    case '$le':
      return signed ? ops.le_s(a, b) : ops.le_u(a, b);
    case '$gt':
      return signed ? ops.gt_s(a, b) : ops.gt_u(a, b);
    default:
      return signed ? ops.ge_s(a, b) : ops.ge_u(a, b);
  }
}

/** The distance of a shift: a constant, or an expression that may be evaluated repeatedly. */
interface Distance {
  /** Unsigned amount as `bits`, only valid when `inside`. */
  readonly amount: () => Expression;
  /** Whether the amount is below `bits`, or undefined when it always is. */
  readonly inside: (() => Expression) | undefined;
}

function distanceOf(e: Emitter, word: Operand, bits: Bits): Distance {
  const width = operandWidth(word);
  const own = bitsFor(width);
  const read = () => e.read(word, own, 'zero');
  const amount = () => e.convert(read(), own, bits);
  if (2 ** Math.min(width, 31) <= bits) return { amount, inside: undefined };
  return { amount, inside: () => e.ops(own).lt_u(read(), e.constant(own, BigInt(bits))) };
}

function guarded(e: Emitter, bits: Bits, distance: Distance, value: Expression): Expression {
  return distance.inside ? e.m.select(distance.inside(), value, e.constant(bits, 0n)) : value;
}

function shift(e: Emitter, cell: Cell): Value {
  const { type, a, b, width } = cell;
  if (type === '$shl' || type === '$sshl') {
    const bits = bitsFor(width);
    const distance = distanceOf(e, b, bits);
    const value = e.ops(bits).shl(operand(e, a, width, cell.aSigned, false), distance.amount());
    return { expression: guarded(e, bits, distance, value), bits, zero: width === bits };
  }
  if (type === '$sshr' && cell.aSigned) return arithmeticShift(e, cell);
  if ((type === '$shift' || type === '$shiftx') && cell.bSigned) return signedShift(e, cell);
  const inner = Math.max(operandWidth(a), width);
  const bits = bitsFor(inner);
  const distance = distanceOf(e, b, bits);
  const word = operand(e, a, inner, cell.aSigned && type !== '$shiftx', true);
  return narrowed(
    e,
    cell,
    bits,
    inner,
    guarded(e, bits, distance, e.ops(bits).shr_u(word, distance.amount())),
  );
}

/** A value of `inner` significant bits cut to the cell's result. */
function narrowed(e: Emitter, { width }: Cell, from: Bits, inner: number, expression: Expression): Value {
  const bits = bitsFor(width);
  return { expression: e.convert(expression, from, bits), bits, zero: inner <= width };
}

/** Copies of the sign come in from the left: distances are cut to the widest that still matters. */
function arithmeticShift(e: Emitter, cell: Cell): Value {
  const inner = Math.max(operandWidth(cell.a), cell.width);
  const bits = bitsFor(inner);
  const distance = distanceOf(e, cell.b, bits);
  const most = e.constant(bits, BigInt(bits - 1));
  const amount = distance.inside ? e.m.select(distance.inside(), distance.amount(), most) : distance.amount();
  const value = e.ops(bits).shr_s(e.read(cell.a, bits, 'sign'), amount);
  return { ...narrowed(e, cell, bits, bits, value), zero: bits === cell.width };
}

/** A signed distance: negative ones shift left. */
function signedShift(e: Emitter, cell: Cell): Value {
  const { m } = e;
  const inner = Math.max(operandWidth(cell.a), cell.width);
  const bits = bitsFor(inner);
  const word = () => operand(e, cell.a, inner, cell.aSigned && cell.type === '$shift', true);
  const local = e.local(64);
  const set = m.local.set(local, e.read(cell.b, 64, 'sign'));
  const get = () => e.get(local);
  const zero = () => m.i64.const(0n);
  const amount = (value: Expression) => e.convert(value, 64, bits);
  const right = m.select(
    m.i64.lt_s(get(), m.i64.const(BigInt(bits))),
    e.ops(bits).shr_u(word(), amount(get())),
    e.constant(bits, 0n),
  );
  const left = m.select(
    m.i64.gt_s(get(), m.i64.const(BigInt(-bits))),
    e.ops(bits).shl(word(), amount(m.i64.sub(zero(), get()))),
    e.constant(bits, 0n),
  );
  const value = e.block(bits, [set, m.if(m.i64.lt_s(get(), zero()), left, right)]);
  return { ...narrowed(e, cell, bits, bits, value), zero: false };
}

/** Division by zero is x in Verilog, so 0 here. */
function divide(e: Emitter, cell: Cell): Value {
  const { m } = e;
  const signed = bothSigned(cell);
  const upper = signed ? 'sign' : 'zero';
  const [a, b] = [e.local(64), e.local(64)];
  const quotient = cell.type === '$div';
  const [x, y] = [() => e.get(a), () => e.get(b)];
  const { div_s, div_u, rem_s, rem_u } = m.i64;
  const regular = signed
    ? quotient
      ? div_s(x(), y())
      : rem_s(x(), y())
    : quotient
      ? div_u(x(), y())
      : rem_u(x(), y());
  // -2^63 / -1 would trap: dividing by -1 is negation.
  const safe =
    signed && quotient
      ? m.if(m.i64.eq(y(), m.i64.const(-1n)), m.i64.sub(m.i64.const(0n), x()), regular)
      : regular;
  const value = e.block(64, [
    m.local.set(a, e.read(cell.a, 64, upper)),
    m.local.set(b, e.read(cell.b, 64, upper)),
    m.if(m.i64.eqz(y()), m.i64.const(0n), safe),
  ]);
  return narrowed(e, { ...cell }, 64, 64, value);
}

/** Largest constant exponent that is unrolled. */
const MOST_UNROLLED = 16n;

/** Small constant exponents as products; others by squaring, at run time. */
function power(e: Emitter, cell: Cell): Value {
  const bits = bitsFor(cell.width);
  const ops = e.ops(bits);
  const exponent = constantValue(cell.b);
  const negative =
    exponent !== undefined && cell.bSigned && exponent >> BigInt(operandWidth(cell.b) - 1) === 1n;
  if (exponent === undefined || negative || exponent > MOST_UNROLLED) return powerAtRunTime(e, cell);
  let result = e.constant(bits, 1n);
  for (let i = 0n; i < exponent; i++) {
    result = ops.mul(result, operand(e, cell.a, cell.width, cell.aSigned, false));
  }
  return { expression: result, bits, zero: cell.width === bits };
}

function powerAtRunTime(e: Emitter, { a, b, width, aSigned, bSigned }: Cell): Value {
  const { m } = e;
  const [base, exponent] = [
    e.read(a, 64, aSigned ? 'sign' : 'zero'),
    e.read(b, 64, bSigned ? 'sign' : 'zero'),
  ];
  const minus = e.constant(64, aSigned ? -1n : 1n);
  const call = m.call('power', [base, exponent, minus, m.i32.const(bSigned ? 1 : 0)], binaryen.i64);
  const bits = bitsFor(width);
  return { expression: e.convert(call, 64, bits), bits, zero: width === 64 };
}

function select(e: Emitter, cell: Cell): Value {
  const { a, b, s, width, type } = cell;
  const bits = bitsFor(width);
  const ops = e.ops(bits);
  const word = (operand: Operand) => e.read(operand, bits, 'zero');
  if (type === '$mux') {
    const choice = e.m.select(e.read(s, 32, 'zero'), word(b), word(a));
    return { expression: choice, bits, zero: true };
  }
  if (type === '$bwmux') {
    // a ^ ((a ^ b) & s), with a read twice: it is never folded here, as it is read from places.
    const expression = ops.or(
      ops.and(word(b), word(s)),
      ops.and(word(a), ops.xor(word(s), e.constant(bits, -1n))),
    );
    return { expression, bits, zero: true };
  }
  let result = word(a);
  const count = operandWidth(s);
  for (let i = count - 1; i >= 0; i--) {
    const chosen = word(sliceOperand(b, i * width, width));
    result = e.m.select(e.read(sliceOperand(s, i, 1), 32, 'zero'), chosen, result);
  }
  return { expression: result, bits, zero: true };
}

/** Used by wide cells as well. */
export { bothSigned, extendOperand };
