/**
 * The naive twin of the verifier: slow and obvious. Order by transitive closure, deadlock by trying every interleaving,
 * footprints by walking every loop. For the small machine of tiny.ts and the instructions that `randomProgram` makes.
 */

import { type Instruction, unitIndex, unitOf } from '../../compiler/isa/index.js';

const SLOTS = 2;
const LANES_ROWS = 4;

interface Touch {
  readonly reads: ReadonlySet<string>;
  readonly writes: ReadonlySet<string>;
}

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const unit = (instruction: Instruction): number => unitIndex[unitOf(instruction)!];

/** Every act slot `act/bank/row/slot`, row `wgt/0/row/0` or byte group `dram/0/byte/0` that an instruction touches. */
function touch(instruction: Instruction): Touch {
  const reads = new Set<string>();
  const writes = new Set<string>();
  const row = (set: Set<string>, address: number) => {
    for (const s of range(SLOTS)) set.add(`act/${address >>> 16}/${address & 0xffff}/${s}`);
  };
  switch (instruction.mnemonic) {
    case 'fill':
      for (const r of range(instruction.fields.rows)) row(writes, instruction.fields.address + r);
      break;
    case 'load':
    case 'store': {
      const f = instruction.fields;
      for (const run of range(f.runs)) {
        for (const r of range(f.rows)) {
          const buffer = f.address + run * f.runStride + r;
          const dram = `dram/0/${f.dram + run * f.runDramStride + 4 * r}/0`;
          if (instruction.mnemonic === 'store') {
            writes.add(dram);
            row(reads, buffer);
          } else {
            reads.add(dram);
            if (instruction.fields.buffer === 0) row(writes, buffer);
            else writes.add(`${['', 'wgt', 'par', 'lut'][instruction.fields.buffer]}/0/${buffer}/0`);
          }
        }
      }
      break;
    }
    case 'matmul': {
      const f = instruction.fields;
      for (const y of range(f.ny))
        for (const x of range(f.nx)) row(reads, f.act + y * f.strideY + x * f.strideX);
      for (const r of range(LANES_ROWS)) reads.add(`wgt/0/${f.wgt + r}/0`);
      for (const p of range(f.ny * f.nx)) {
        const acc = `acc/${f.acc >>> 15}/${(f.acc & 0x7fff) + p}/0`;
        writes.add(acc);
        if (f.accumulate) reads.add(acc);
      }
      break;
    }
    case 'requant': {
      const f = instruction.fields;
      for (const p of range(f.ny * f.nx)) reads.add(`acc/${f.acc >>> 15}/${(f.acc & 0x7fff) + p}/0`);
      for (const s of range(f.slices)) {
        reads.add(`par/0/${f.par + s}/0`);
        for (const y of range(f.ny)) {
          for (const x of range(f.nx)) {
            const slot = f.dstSlot + s;
            const address = f.dst + y * f.dstStrideY + x + Math.floor(slot / SLOTS) * f.dstBlock;
            writes.add(`act/${address >>> 16}/${address & 0xffff}/${slot % SLOTS}`);
          }
        }
      }
      break;
    }
    default:
      break;
  }
  return { reads, writes };
}

const bankOf = (key: string) => key.split('/').slice(0, 2).join('/');
const rowOf = (key: string) => key.split('/').slice(0, 3).join('/');

/** Whether two instructions of different units may not run at the same time. */
function conflict(a: Instruction, b: Instruction): boolean {
  const [x, y] = [touch(a), touch(b)];
  const rows = (set: ReadonlySet<string>) => new Set([...set].map(rowOf));
  const shared = (p: ReadonlySet<string>, q: ReadonlySet<string>) =>
    [...rows(p)].some((key) => rows(q).has(key));
  const ports = (t: Touch, i: Instruction) => {
    const read = new Set([...t.reads].map(bankOf));
    if (i.mnemonic === 'matmul') read.add(`acc/${i.fields.acc >>> 15}`);
    const write = new Set([...t.writes].map(bankOf));
    return [...[...read].map((k) => `${k} read`), ...[...write].map((k) => `${k} write`)].filter(
      (k) => !k.startsWith('dram'),
    );
  };
  const other = new Set(ports(y, b));
  return (
    ports(x, a).some((port) => other.has(port)) || shared(x.writes, y.reads) || shared(x.reads, y.writes)
  );
}

/** after[i][j]: i surely ends before j is accepted. */
function happensBefore(program: readonly Instruction[]): boolean[][] {
  const n = program.length;
  const before = range(n).map(() => new Array<boolean>(n).fill(false));
  for (const p of range(4)) {
    const mine = range(n).filter((i) => unit(program[i]!) === p);
    for (const k of range(mine.length - 1)) before[mine[k]!]![mine[k + 1]!] = true;
    for (const c of range(4)) {
      const signals = mine.filter((i) => (program[i]!.signal >>> c) & 1);
      const waits = range(n).filter((i) => unit(program[i]!) === c && (program[i]!.wait >>> p) & 1);
      for (const [k, i] of waits.entries()) if (k < signals.length) before[signals[k]!]![i] = true;
    }
  }
  for (const k of range(n)) {
    for (const i of range(n))
      for (const j of range(n)) if (before[i]![k] && before[k]![j]) before[i]![j] = true;
  }
  return before;
}

/** Whether some interleaving of dispatch and execution gets stuck. */
function canGetStuck(program: readonly Instruction[], queueDepth: number): boolean {
  const perUnit = range(4).map((u) => range(program.length).filter((i) => unit(program[i]!) === u));
  const seen = new Set<string>();
  const visit = (dispatched: number, accepted: readonly number[]): boolean => {
    const key = `${dispatched}/${accepted}`;
    if (seen.has(key)) return false;
    seen.add(key);
    const started = accepted.flatMap((count, u) => perUnit[u]!.slice(0, count));
    const value = (p: number, c: number) =>
      started.filter((i) => unit(program[i]!) === p && (program[i]!.signal >>> c) & 1).length -
      started.filter((i) => unit(program[i]!) === c && (program[i]!.wait >>> p) & 1).length;
    const next: (() => boolean)[] = [];
    if (dispatched < program.length) {
      const u = unit(program[dispatched]!);
      const queued = perUnit[u]!.filter((i) => i < dispatched).length - accepted[u]!;
      if (queued < queueDepth) next.push(() => visit(dispatched + 1, accepted));
    }
    for (const u of range(4)) {
      const head = perUnit[u]![accepted[u]!];
      if (head === undefined || head >= dispatched) continue;
      if (!range(4).every((p) => !((program[head]!.wait >>> p) & 1) || value(p, u) > 0)) continue;
      next.push(() =>
        visit(
          dispatched,
          accepted.map((count, v) => count + (u === v ? 1 : 0)),
        ),
      );
    }
    if (next.length === 0) return started.length < program.length;
    return next.some((go) => go());
  };
  return visit(0, [0, 0, 0, 0]);
}

/** Bytes of DRAM from here on are written before they are read; below are inputs and constants. */
const WRITABLE_FROM = 0x3000;

export function naiveFaults(program: readonly Instruction[], queueDepth: number): string[] {
  if (canGetStuck(program, queueDepth)) return ['stuck'];
  const before = happensBefore(program);
  const faults: string[] = [];
  for (const j of range(program.length)) {
    for (const i of range(j)) {
      if (unit(program[i]!) === unit(program[j]!) || before[i]![j] || before[j]![i]) continue;
      if (conflict(program[i]!, program[j]!)) faults.push(`conflict ${i} ${j}`);
    }
    for (const key of touch(program[j]!).reads) {
      if (key.startsWith('dram') && Number(key.split('/')[2]) < WRITABLE_FROM) continue;
      const written = range(program.length).some((i) => before[i]![j] && touch(program[i]!).writes.has(key));
      if (!written) faults.push(`unwritten ${key} at ${j}`);
    }
  }
  return faults;
}
