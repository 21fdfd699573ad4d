/** Memory reads, and the steps that change state or show it: registers, memory writes, outputs. All as statements. */

import {
  type Cell,
  constantValue,
  type Memory,
  type Operand,
  operandWidth,
  type Register,
  sliceOperand,
} from './design.js';
import { bitsFor, type Emitter, type Expression, type Value } from './emitter.js';
import { wordBytes } from './layout.js';
import { limbsOf, storeLimbs } from './wide.js';

/** Stores an operand at an address; wide ones limb by limb, through locals when `copied`. */
export function storeOperand(e: Emitter, address: number, operand: Operand, copied = false): Expression[] {
  const width = operandWidth(operand);
  if (width <= 64) return [e.store(address, width, narrowOperand(e, operand))];
  const limbs = Array.from({ length: limbsOf(width) }, (_, k) => e.limb(operand, k));
  if (!copied) return storeLimbs(e, address, width, limbs);
  const locals = limbs.map(() => e.local(64));
  const set = limbs.map((limb, k) => e.m.local.set(locals[k]!, limb));
  return [
    ...set,
    ...storeLimbs(
      e,
      address,
      width,
      locals.map((local) => e.get(local)),
    ),
  ];
}

function narrowOperand(e: Emitter, operand: Operand): Value {
  const width = operandWidth(operand);
  const bits = bitsFor(width);
  const exact = width === 8 || width === 16 || width === bits;
  return { expression: e.read(operand, bits, exact ? 'any' : 'zero'), bits, zero: !exact || width === bits };
}

export function commitRegister(e: Emitter, register: Register, address: number): Expression {
  const { m } = e;
  const { d, q, width, enable, reset } = register;
  const own = d.some((piece) => piece.kind !== 'constant' && piece.signal === q);
  const constant: Operand = [{ kind: 'constant', width, value: reset?.value ?? 0n }];
  const all = (statements: Expression[]) =>
    statements.length === 1 ? statements[0]! : m.block(null, statements);
  const next = () => all(storeOperand(e, address, d, own));
  const condition = enable && e.condition(enable.bit, enable.activeHigh);
  const enabled = (body: Expression) => (condition === undefined ? body : m.if(condition, body));
  if (!reset) return enabled(next());
  const cleared = e.condition(reset.bit, reset.activeHigh);
  const clear = all(storeOperand(e, address, constant));
  return reset.overEnable ? m.if(cleared, clear, enabled(next())) : enabled(m.if(cleared, clear, next()));
}

/** Where a memory lies: word i at `address + i * wordBytes(width)`. */
export interface MemoryPlace {
  readonly memory: Memory;
  readonly address: number;
}

/** Word index of an address, in a fresh i32 local, and whether it exists (undefined: always). */
function wordIndex(e: Emitter, { memory }: MemoryPlace, address: Operand) {
  const { m } = e;
  const width = operandWidth(address);
  const bits = bitsFor(width);
  const ops = e.ops(bits);
  const local = e.local(bits);
  const raw = e.read(address, bits, 'zero');
  const index = memory.base === 0 ? raw : ops.sub(raw, e.constant(bits, BigInt(memory.base)));
  const whole = memory.base === 0 && width < 32 && 2 ** width <= memory.size;
  const exists = () => ops.lt_u(e.get(local), e.constant(bits, BigInt(memory.size)));
  const stride = wordBytes(memory.width);
  const scaled = () => {
    const narrow = e.convert(e.get(local), bits, 32);
    if (stride === 1) return narrow;
    return (stride & (stride - 1)) === 0
      ? m.i32.shl(narrow, m.i32.const(Math.log2(stride)))
      : m.i32.mul(narrow, m.i32.const(stride));
  };
  return { set: m.local.set(local, index), exists: whole ? undefined : exists, offset: scaled };
}

/** A word of at most 64 bits; 0 where there is none. */
export function readNarrow(e: Emitter, cell: Cell, place: MemoryPlace): Value {
  const { m } = e;
  const { set, exists, offset } = wordIndex(e, place, cell.a);
  const bits = bitsFor(cell.width);
  const word = e.loadAt(offset(), place.address, 8 * wordBytes(cell.width), bits, false);
  const value = exists ? m.if(exists(), word, e.constant(bits, 0n)) : word;
  return { expression: e.block(bits, [set, value]), bits, zero: true };
}

/** A wide word, copied to `target`. */
export function readWide(e: Emitter, cell: Cell, place: MemoryPlace, target: number): Expression[] {
  const { m } = e;
  const { set, exists, offset } = wordIndex(e, place, cell.a);
  const base = e.local(32);
  const count = limbsOf(cell.width);
  const load = (k: number) => m.i64.load(place.address + 8 * k, 1, e.get(base));
  const copy = [
    m.local.set(base, offset()),
    ...storeLimbs(
      e,
      target,
      64 * count,
      Array.from({ length: count }, (_, k) => load(k)),
    ),
  ];
  if (!exists) return [set, ...copy];
  const clear = storeLimbs(
    e,
    target,
    64 * count,
    Array.from({ length: count }, () => m.i64.const(0n)),
  );
  return [set, m.if(exists(), m.block(null, copy), m.block(null, clear))];
}

/** All write ports of a memory, in order. */
export function commitMemory(e: Emitter, place: MemoryPlace): Expression[] {
  const { m } = e;
  return place.memory.writes.flatMap(({ address, data, enable }) => {
    const runs = enableRuns(enable);
    if (runs.length === 0) return [];
    const { set, exists, offset } = wordIndex(e, place, address);
    const base = e.local(32);
    // One bit for the whole word: nothing is done without it.
    const shared = runs.every(({ bit }) => sameBit(bit, runs[0]!.bit)) ? runs[0]!.bit : undefined;
    const stores = runs.flatMap((run) => writeRun(e, place, base, data, run, shared === undefined));
    // A write counts as a change: what was there is not looked at.
    const noted = e.watch ? [e.note(e.watch.local, m.i32.const(1))] : [];
    const body = [m.local.set(base, offset()), ...stores, ...noted];
    const write = exists ? [set, m.if(exists(), m.block(null, body))] : [set, ...body];
    if (shared === undefined || constantValue(shared) !== undefined) return write;
    return [m.if(e.read(shared, 32, 'zero'), m.block(null, write))];
  });
}

/** Neighbouring bits under one enable. */
interface EnableRun {
  readonly low: number;
  readonly width: number;
  readonly bit: Operand;
}

function enableRuns(enable: Operand): EnableRun[] {
  const runs: EnableRun[] = [];
  const width = operandWidth(enable);
  for (let low = 0; low < width; low++) {
    const bit = sliceOperand(enable, low, 1);
    const last = runs.at(-1);
    if (last && sameBit(last.bit, bit)) runs[runs.length - 1] = { ...last, width: last.width + 1 };
    else runs.push({ low, width: 1, bit });
  }
  return runs.filter(({ bit }) => constantValue(bit) !== 0n);
}

function sameBit([a]: Operand, [b]: Operand): boolean {
  if (a!.kind === 'constant' || b!.kind === 'constant')
    return a!.kind === b!.kind && (a as { value: bigint }).value === (b as { value: bigint }).value;
  return a!.signal === b!.signal && a!.offset === b!.offset;
}

/** Writes the bits of a run: whole bytes where it can, else bits under a mask. */
function writeRun(
  e: Emitter,
  place: MemoryPlace,
  base: number,
  data: Operand,
  run: EnableRun,
  guarded: boolean,
): Expression[] {
  const { width } = place.memory;
  const end = run.low + run.width;
  const stores: Expression[] = [];
  let low = run.low;
  while (low < end) {
    const [part, store] = nextStore(
      e,
      place,
      base,
      data,
      low,
      end === width ? 8 * wordBytes(width) : end,
      end,
    );
    stores.push(store);
    low += part;
  }
  if (!guarded || constantValue(run.bit) !== undefined) return stores;
  return [e.m.if(e.read(run.bit, 32, 'zero'), e.m.block(null, stores))];
}

/** The widest store at bit `low` that stays below `limit` bits of storage; data end at `end`. */
function nextStore(
  e: Emitter,
  place: MemoryPlace,
  base: number,
  data: Operand,
  low: number,
  limit: number,
  end: number,
): [number, Expression] {
  const at = place.address + (low >> 3);
  for (const size of [64, 32, 16, 8]) {
    if ((low & 7) !== 0 || low + size > limit) continue;
    const part = Math.min(size, end - low);
    const bits = size === 64 ? 64 : 32;
    const expression = e.read(sliceOperand(data, low, part), bits, 'zero');
    return [part, e.storeAt(e.get(base), at, size, { expression, bits, zero: true })];
  }
  // Part of a byte: read, mask, write.
  const skip = low & 7;
  const part = Math.min(8 - skip, end - low);
  const mask = ((1 << part) - 1) << skip;
  const { i32 } = e.m;
  const old = i32.and(i32.load8_u(at, 1, e.get(base)), i32.const(~mask & 0xff));
  const bits = e.shiftLeft(32, e.read(sliceOperand(data, low, part), 32, 'zero'), skip);
  return [part, i32.store8(at, 1, e.get(base), i32.or(old, bits))];
}
