/**
 * The array engine's state under the names of the Verilog, for a Probe. In: units, semaphores, PE array, and a function that tells
 * the events of the present cycle. Out: signals. PE registers that no result depends on read as undefined: there the
 * Verilog moves whatever its memories last showed.
 */

import { type UnitName, unitNames } from '../../compiler/isa/index.js';
import { type Machine, partialSumBits } from '../../models/machine/index.js';
import type { Signal } from '../engine/index.js';
import type { ArrayModel, PePlane } from './array-model.js';
import { OsArray, type OsPlane } from './os-array.js';
import type { Semaphores, UnitShell } from './unit.js';

/** What happened in the present cycle. Masks: bit u is unit u. */
export interface CycleEvents {
  dispatch: boolean;
  accept: number;
  end: number;
  done: boolean;
}

export interface ArrayState {
  readonly machine: Machine;
  readonly units: readonly UnitShell[];
  readonly semaphores: Semaphores;
  readonly array: ArrayModel | OsArray;
  readonly events: CycleEvents;
  readonly now: () => number;
}

/** All signals of the engine. */
export function arraySignals(state: ArrayState): Signal[] {
  return [
    ...eventSignals(state),
    register('u_control.cycles_q', 64, state.now),
    ...state.units.flatMap((unit, u) => unitSignals(unit, unitNames[u]!, state.machine.queueDepth)),
    ...semaphoreSignals(state.semaphores),
    ...(state.array instanceof OsArray
      ? osSignals(state.machine, state.array)
      : peSignals(state.machine, state.array)),
  ];
}

const register = (path: string, bits: number, read: Signal['read']): Signal => ({
  path,
  bits,
  phase: 'registers',
  read,
});

function eventSignals({ events, now }: ArrayState): Signal[] {
  const output = (path: string, bits: number, read: () => number): Signal => ({
    path,
    bits,
    phase: 'outputs',
    read,
  });
  return [
    output('event_start_o', 1, () => Number(now() === 0)),
    output('event_done_o', 1, () => Number(events.done)),
    output('event_dispatch_o', 1, () => Number(events.dispatch)),
    output('event_accept_o', 4, () => events.accept),
    output('event_end_o', 4, () => events.end),
  ];
}

function unitSignals(unit: UnitShell, name: UnitName, queueDepth: number): Signal[] {
  const shell = `u_${name}_shell`;
  return [
    register(`${shell}.running_q`, 1, () => Number(unit.running >= 0)),
    register(`${shell}.u_queue.count_q`, Math.ceil(Math.log2(queueDepth)) + 1, () => unit.queue.length),
  ];
}

function semaphoreSignals({ counts }: Semaphores): Signal[] {
  return [...counts.keys()]
    .filter((pair) => pair >> 2 !== (pair & 3))
    .map((pair) => {
      const counter = `u_semaphores.g_producer[${pair >> 2}].g_consumer[${pair & 3}].g_pair.u_counter`;
      return register(`${counter}.count_q`, 8, () => counts[pair]!);
    });
}

function peSignals(machine: Machine, array: ArrayModel): Signal[] {
  const { rows, columns, multiplierStages } = machine.array;
  const { activationBits, weightBits } = machine.elements;
  const sumBits = partialSumBits(machine);
  const product = multiplierStages === 1 ? 'g_product' : 'g_halves';
  const signals: Signal[] = [];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const pe = `u_compute.u_matmul.u_array.g_row[${r}].g_col[${c}].u_pe`;
      const field = (name: string, bits: number, plane: PePlane) =>
        signals.push(register(`${pe}.${name}`, bits, () => masked(array.register(plane, r, c), bits)));
      field('write_q', 1, 'we');
      field('weight_q', weightBits, 'w');
      field('activation_q', activationBits, 'a');
      if (multiplierStages > 0) field(`${product}.product_q`, activationBits + weightBits, 'm');
      field('sum_q', sumBits, 'p');
    }
  }
  return signals;
}

/** Registers of an output-stationary array. */
function osSignals(machine: Machine, array: OsArray): Signal[] {
  const { rows, columns, multiplierStages } = machine.array;
  const { activationBits, weightBits, accumulatorBits } = machine.elements;
  const product = multiplierStages === 1 ? 'g_product' : 'g_halves';
  const fields: readonly (readonly [string, number, OsPlane])[] = [
    ['turn_q', 1, 't'],
    ['weight_q', weightBits, 'w'],
    ['activation_q', activationBits, 'a'],
    ...(multiplierStages > 0 ? [[`${product}.product_q`, activationBits + weightBits, 'm'] as const] : []),
    ['sum_q', accumulatorBits, 's'],
    ['drain_q', accumulatorBits, 'd'],
  ];
  const signals: Signal[] = [];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const pe = `u_compute.u_matmul.u_array.g_row[${r}].g_col[${c}].u_pe`;
      for (const [name, bits, plane] of fields) {
        const read = () => masked(array.register(plane, r, c), bits);
        signals.push(register(`${pe}.${name}`, bits, read));
      }
    }
  }
  return signals;
}

/** The low bits of a register's value. */
function masked(value: number | undefined, bits: number): number | undefined {
  return value === undefined ? undefined : bits < 32 ? value & (2 ** bits - 1) : value >>> 0;
}
