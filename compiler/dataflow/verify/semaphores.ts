/** Deadlock, overflow and leftovers of semaphores, from the untimed execution. In: a Subject and its Order. Out: findings. */

import type { Diagnostic } from '../../../base/index.js';
import { unitNames } from '../../isa/index.js';
import * as diagnostics from './diagnostics.js';
import { executeOrder, type Order, UNITS } from './order.js';
import type { Findings, Subject } from './subject.js';

const SEMAPHORE_MAXIMUM = 255;

export function checkSemaphores(subject: Subject, order: Order, findings: Findings): void {
  if (order.sequence.length < subject.instructions.length) reportStuck(subject, order, findings);
  else reportLeftovers(subject, order, findings);
  for (let p = 0; p < UNITS; p++) {
    for (let c = 0; c < UNITS; c++) if (p !== c) checkOverflow(subject, order, findings, p, c);
  }
}

function reportStuck(subject: Subject, order: Order, findings: Findings): void {
  const missing = order.stuck.flatMap((head) => missingSignals(subject, order, head));
  for (const { head, from, to, wait, signals } of missing) {
    findings.add(head, 'verify/missing-signal', (w) =>
      diagnostics.missingSignal({ from, to, wait, signals }, w),
    );
  }
  if (missing.length > 0) return;
  const related = order.stuck.map((head) => ({
    message: `${unitNames[order.unit[head]!]} waits here for ${awaited(subject, order, head).join(' and ')}`,
    where: subject.place(head),
  }));
  const unbounded = executeOrder(subject.instructions, Number.POSITIVE_INFINITY);
  const byQueues = unbounded.sequence.length === subject.instructions.length;
  const at = byQueues && order.undispatched !== undefined ? order.undispatched : order.stuck[0]!;
  findings.add(at, 'verify/deadlock', (where): Diagnostic => {
    if (!byQueues) return diagnostics.deadlock('the units wait for one another for ever', where, related);
    const unit = unitNames[order.unit[at]!];
    const message = `this cannot be dispatched: the ${unit} queue of ${subject.machine.queueDepth} is full, and what it waits for is not dispatched yet`;
    return diagnostics.queueDeadlock(message, where, related);
  });
}

/** The semaphores a stuck head lacks, by name of the producer. */
function awaited(subject: Subject, order: Order, head: number): readonly string[] {
  const unit = order.unit[head]!;
  const { wait } = subject.instructions[head]!;
  return unitNames.filter((_, p) => (wait >>> p) & 1 && order.left[UNITS * p + unit] === 0);
}

function missingSignals(subject: Subject, order: Order, head: number) {
  const unit = order.unit[head]!;
  return awaited(subject, order, head).flatMap((from) => {
    const p = unitNames.indexOf(from as (typeof unitNames)[number]);
    const signals = order.perUnit[p]!.filter((i) => (subject.instructions[i]!.signal >>> unit) & 1).length;
    const upToHead = order.perUnit[unit]!.slice(0, order.ordinal[head]!);
    const wait = upToHead.filter((i) => (subject.instructions[i]!.wait >>> p) & 1).length;
    return wait > signals ? [{ head, from, to: unitNames[unit]!, wait, signals }] : [];
  });
}

function reportLeftovers(subject: Subject, order: Order, findings: Findings): void {
  for (let s = 0; s < UNITS * UNITS; s++) {
    const left = order.left[s]!;
    if (left === 0) continue;
    const [p, c] = [Math.floor(s / UNITS), s % UNITS];
    const last = order.perUnit[p]!.findLast((i) => (subject.instructions[i]!.signal >>> c) & 1)!;
    findings.add(last, `verify/leftover-semaphore ${s}`, (where) =>
      diagnostics.leftoverSemaphore(unitNames[p]!, unitNames[c]!, left, where),
    );
  }
}

/**
 * The n-th signal of p to c finds at most n - 1 - w of them still there, where w counts the waits of c that are surely accepted by then:
 * those its clock knows, and those that must have left c's queue for the present instruction to be dispatched (of n_c
 * earlier instructions of c at most `queueDepth` are still queued).
 */
function checkOverflow(subject: Subject, order: Order, findings: Findings, p: number, c: number): void {
  const { instructions, machine } = subject;
  const signalling = order.perUnit[p]!.filter((i) => (instructions[i]!.signal >>> c) & 1);
  if (signalling.length <= SEMAPHORE_MAXIMUM) return;
  const consumers = order.perUnit[c]!;
  const waits = new Int32Array(consumers.length + 1);
  for (const [k, i] of consumers.entries()) waits[k + 1] = waits[k]! + ((instructions[i]!.wait >>> p) & 1);
  let dispatchedBefore = 0;
  for (const [n, i] of signalling.entries()) {
    while (dispatchedBefore < consumers.length && consumers[dispatchedBefore]! < i) dispatchedBefore += 1;
    const accepted = Math.max(order.clocks[UNITS * i + c]!, dispatchedBefore - machine.queueDepth, 0);
    const value = n + 1 - waits[accepted]!;
    if (value <= SEMAPHORE_MAXIMUM) continue;
    findings.add(i, 'verify/semaphore-overflow', (where) =>
      diagnostics.semaphoreOverflow(unitNames[p]!, unitNames[c]!, value, where),
    );
    return;
  }
}
