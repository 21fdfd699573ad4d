/**
 * A SCALE-Sim configuration as a Machine. In: its entries. Out: a machine, and a decision for every key: mapped, approximated or ignored, and what
 * was assumed where the configuration says nothing. Nothing is left unsaid. Docs: docs/scale-sim.md.
 */

import { type Diagnostic, fail, type Result, succeed } from '../../base/index.js';
import { refusedOperand } from '../../compiler/schedule/index.js';
import type { ScaleSimDataflow } from '../../models/analytic/index.js';
import {
  checkMachine,
  type Machine,
  type MachineInput,
  vectorFunctionNames,
} from '../../models/machine/index.js';
import { type ConfigEntry, idOf, type ScaleSimConfig } from './config.js';
import type { Decision } from './decisions.js';
import { badValue, missingKey, sparsityOn, tooSmall, unknownKey } from './diagnostics.js';
import { activationBanks, busFor, bytesPerCycle, powerOfTwoBelow } from './memories.js';

export interface ImportedMachine {
  readonly machine: Machine;
  /** SCALE-Sim's own, for reports by its definitions. */
  readonly dataflow: ScaleSimDataflow;
  readonly decisions: readonly Decision[];
  readonly warnings: readonly Diagnostic[];
}

const ARCHITECTURE = 'architecture_presets';

/** Keys that change nothing here, and why. */
const ignoredKeys: Readonly<Record<string, string>> = {
  [`${ARCHITECTURE}.ifmapoffset`]: 'the compiler places tensors in DRAM itself',
  [`${ARCHITECTURE}.filteroffset`]: 'the compiler places tensors in DRAM itself',
  [`${ARCHITECTURE}.ofmapoffset`]: 'the compiler places tensors in DRAM itself',
  [`${ARCHITECTURE}.memorybanks`]: 'the DRAM is one deterministic model behind the bus',
  [`${ARCHITECTURE}.readrequestbuffer`]:
    'SCALE-Sim uses it with Ramulator only; memory.outstanding states bursts in flight here',
  [`${ARCHITECTURE}.writerequestbuffer`]: 'SCALE-Sim uses it with Ramulator only',
  'run_presets.useramulatortrace': 'the DRAM is a stated deterministic model, not a trace',
  'network_presets.topologycsvloc': 'the topology is the one of --topology',
};
const ignoredSections: Readonly<Record<string, string>> = {
  layout: 'buffers are read a whole row a cycle and have no bank conflicts, so layouts change nothing',
  sparsity: 'weights are dense',
};

/** What SCALE-Sim does not model, and what is taken. */
const CLOCK_MEGAHERTZ = 1000;
const NODE_NANOMETRES = 28;

const dataflows = { ws: 'weight-stationary', os: 'output-stationary', is: 'input-stationary' } as const;

export function importMachine(config: ScaleSimConfig): Result<ImportedMachine> {
  return new MachineImport(config).result();
}

class MachineImport {
  private readonly decisions: Decision[] = [];
  private readonly faults: Diagnostic[] = [];
  private readonly warnings: Diagnostic[] = [];
  private readonly used = new Set<string>();
  private inputStationary: ConfigEntry | undefined;

  constructor(private readonly config: ScaleSimConfig) {}

  result(): Result<ImportedMachine> {
    const dataflow = this.dataflow();
    const rows = this.extent('ArrayHeight', 'array.rows');
    const columns = this.extent('ArrayWidth', 'array.columns');
    const buffers = this.buffers(rows, columns);
    const { bus, memory } = this.interface();
    this.sparsity();
    this.rest();
    const input: MachineInput = {
      name: this.name(),
      description: `imported from SCALE-Sim’s ${this.config.file}`,
      array: { rows, columns, dataflow: dataflows[dataflow] },
      buffers,
      vector: {
        lanes: this.lanes(rows, columns),
        ...(dataflow === 'is' && { functions: [...vectorFunctionNames] }),
      },
      bus,
      memory,
      clockMegahertz: CLOCK_MEGAHERTZ,
      target: { kind: 'asic', nodeNanometres: NODE_NANOMETRES },
    };
    if (this.faults.length > 0) return fail(...this.faults);
    const machine = checkMachine(input);
    if (!machine.ok) return machine;
    this.decideInputStationary(machine.value);
    this.assumptions();
    const { decisions, warnings } = this;
    return succeed({ machine: machine.value, dataflow, decisions, warnings }, warnings);
  }

  private entry(section: string, key: string): ConfigEntry | undefined {
    const id = idOf(section, key);
    this.used.add(id);
    return this.config.entries.get(id);
  }

  private required(section: string, key: string): ConfigEntry | undefined {
    const entry = this.entry(section, key);
    if (entry === undefined) this.faults.push(missingKey(this.config.file, section, key));
    return entry;
  }

  private decide(entry: ConfigEntry, status: Decision['status'], what: string): void {
    const { section, key, value, line } = entry;
    this.decisions.push({ status, key: `${section}.${key}`, value, what, line });
  }

  /** A whole number of 1 to `most`; 1 where there is none, which is then a fault. */
  private number(key: string, most: number): { readonly value: number; readonly entry?: ConfigEntry } {
    const entry = this.required(ARCHITECTURE, key);
    if (entry === undefined) return { value: 1 };
    const value = /^\d+$/.test(entry.value) ? Number(entry.value) : 0;
    if (value >= 1 && value <= most) return { value, entry };
    this.faults.push(badValue(entry.where, key, entry.value, `a whole number from 1 to ${most}`));
    return { value: 1 };
  }

  private extent(key: string, field: string): number {
    const { value, entry } = this.number(key, 256);
    if (entry) this.decide(entry, 'mapped', `${field}: ${value}`);
    return value;
  }

  private dataflow(): ScaleSimDataflow {
    const entry = this.required(ARCHITECTURE, 'Dataflow');
    if (entry === undefined) return 'ws';
    switch (entry.value) {
      case 'ws':
        this.decide(entry, 'mapped', 'array.dataflow: weight-stationary');
        return 'ws';
      case 'os':
        this.decide(entry, 'mapped', 'array.dataflow: output-stationary');
        return 'os';
      case 'is':
        this.inputStationary = entry;
        return 'is';
      default:
        this.faults.push(badValue(entry.where, 'Dataflow', entry.value, 'ws, os, is'));
        return 'ws';
    }
  }

  /** Inputs rest where array and layer let them; `systole explain` says of every layer. */
  private decideInputStationary(machine: Machine): void {
    if (this.inputStationary === undefined) return;
    const refused = refusedOperand(machine);
    this.decide(
      this.inputStationary,
      refused === undefined ? 'mapped' : 'approximated',
      refused === undefined
        ? 'array.dataflow: input-stationary; products and 1 x 1 convolutions keep their inputs in the array, other layers their filters: systole explain says which and why'
        : `array.dataflow: input-stationary, but every layer keeps its filters in the array: ${refused}`,
    );
  }

  private buffers(rows: number, columns: number): MachineInput['buffers'] {
    const act = this.kibibytes('IfmapSramSzkB', 3 * 16 * rows, (bytes) => {
      const choice = activationBanks(bytes, rows);
      return (
        choice && {
          choice,
          bytes: choice.banks * choice.rowsPerBank * rows,
          what: `buffers.activation: ${choice.banks} banks of ${choice.rowsPerBank} rows of ${rows} bytes; they hold results on their way to DRAM as well`,
        }
      );
    });
    const wgt = this.kibibytes('FilterSramSzkB', 4 * columns, (bytes) => {
      const choice = Math.min(1048576, powerOfTwoBelow(bytes / columns));
      return choice < 4
        ? undefined
        : { choice, bytes: choice * columns, what: `buffers.weight: ${choice} rows of ${columns} bytes` };
    });
    const acc = this.kibibytes('OfmapSramSzkB', 4 * 2 * 4 * columns, (bytes) => {
      const choice = Math.min(32768, powerOfTwoBelow(bytes / (2 * 4 * columns)));
      return choice < 4
        ? undefined
        : {
            choice,
            bytes: choice * 2 * 4 * columns,
            what: `buffers.accumulator: 2 banks of ${choice} rows of ${columns} sums of 4 bytes, SCALE-Sim’s are words of 1 byte`,
          };
    });
    return {
      activation: act ?? { rowsPerBank: 16 },
      weight: { rows: wgt ?? 4, banks: 2 },
      accumulator: { rowsPerBank: acc ?? 4 },
      parameter: { rows: 64 },
    };
  }

  /** An SRAM's size, as the nearest below that the machine family has. */
  private kibibytes<T>(
    key: string,
    least: number,
    choose: (
      bytes: number,
    ) => { readonly choice: T; readonly bytes: number; readonly what: string } | undefined,
  ): T | undefined {
    const { value, entry } = this.number(key, 1 << 20);
    if (entry === undefined) return undefined;
    const chosen = choose(value * 1024);
    if (chosen === undefined) {
      this.faults.push(tooSmall(entry.where, key, `${Math.ceil(least / 1024)} (${least} bytes)`));
      return undefined;
    }
    const exact = chosen.bytes === value * 1024;
    const size = exact ? '' : `, ${chosen.bytes / 1024} of ${value} KiB (powers of two)`;
    this.decide(entry, exact ? 'mapped' : 'approximated', `${chosen.what}${size}`);
    return chosen.choice;
  }

  /** SCALE-Sim has three interfaces of `Bandwidth` words a cycle each: IFMAP, filter, OFMAP. Here are one to read and one to write. */
  private interface(): Pick<MachineInput, 'bus' | 'memory'> {
    const mode = this.required('run_presets', 'InterfaceBandwidth');
    const bandwidth = this.entry(ARCHITECTURE, 'Bandwidth');
    const widest = { bus: { bytes: 64 }, memory: { cyclesPerBeat: 1 } };
    if (mode === undefined) return widest;
    if (mode.value === 'CALC') {
      this.decide(
        mode,
        'approximated',
        'SCALE-Sim’s CALC never stalls; a machine here always has a memory, so it gets the widest bus: 64 bytes a cycle each way',
      );
      if (bandwidth) this.decide(bandwidth, 'ignored', 'SCALE-Sim does not read it in CALC mode');
      return widest;
    }
    if (mode.value !== 'USER') {
      this.faults.push(badValue(mode.where, 'InterfaceBandwidth', mode.value, 'CALC, USER'));
      return widest;
    }
    this.decide(mode, 'mapped', 'Bandwidth limits the bus');
    return this.userBandwidth() ?? widest;
  }

  private userBandwidth(): Pick<MachineInput, 'bus' | 'memory'> | undefined {
    const entry = this.required(ARCHITECTURE, 'Bandwidth');
    if (entry === undefined) return undefined;
    const [first = Number.NaN, ...others] = entry.value
      .split(',')
      .map((text) => (/^\s*\d+\s*$/.test(text) ? Number(text) : Number.NaN));
    if (!(first >= 1)) {
      this.faults.push(
        badValue(entry.where, 'Bandwidth', entry.value, 'words a cycle, a whole number of 1 or more'),
      );
      return undefined;
    }
    const chosen = busFor(2 * first);
    const rate = bytesPerCycle(chosen, chosen.cyclesPerBeat);
    const more = others.length > 0 ? `; the first of ${others.length + 1} values, as SCALE-Sim takes it` : '';
    this.decide(
      entry,
      'approximated',
      `bus.bytes: ${chosen.bytes}, memory.cyclesPerBeat: ${chosen.cyclesPerBeat}: ${rate.toPrecision(3)} bytes a cycle to read activations and weights together (SCALE-Sim: ${first} each), as many to write (SCALE-Sim: ${first})${more}`,
    );
    return { bus: { bytes: chosen.bytes }, memory: { cyclesPerBeat: chosen.cyclesPerBeat } };
  }

  private sparsity(): void {
    const entry = this.entry('sparsity', 'SparsitySupport');
    if (entry === undefined) return;
    if (entry.value.toLowerCase() === 'true') this.faults.push(sparsityOn(entry.where));
    else this.decide(entry, 'mapped', 'dense weights');
  }

  /** Machines are called after the run. */
  private name(): string {
    const entry = this.required('general', 'run_name');
    const plain = (entry?.value ?? '').replace(/["']/g, '').replace(/[^A-Za-z0-9_.-]/g, '_');
    const name = /^[A-Za-z]/.test(plain) ? plain : `scalesim_${plain}`;
    if (entry) this.decide(entry, name === entry.value ? 'mapped' : 'approximated', `name: ${name}`);
    return name;
  }

  /** As many as may be, as the presets of standard cells have. */
  private lanes(rows: number, columns: number): number {
    let [a, b] = [rows, columns];
    while (b > 0) [a, b] = [b, a % b];
    this.decisions.push({
      status: 'assumed',
      key: 'vector.lanes',
      value: String(a),
      what: 'requantisation is not in SCALE-Sim: as many lanes as divide rows and columns',
    });
    return a;
  }

  /** Every entry that nothing above has asked for. */
  private rest(): void {
    for (const [id, entry] of this.config.entries) {
      if (this.used.has(id) || id === 'general.run_name') continue;
      const why = ignoredKeys[id] ?? ignoredSections[entry.section.toLowerCase()];
      if (why === undefined) this.warnings.push(unknownKey(entry.where, entry.section, entry.key));
      this.decide(entry, 'ignored', why ?? 'no key that is known here');
    }
  }

  private assumptions(): void {
    const assumed = (key: string, value: string, what: string) =>
      this.decisions.push({ status: 'assumed', key, value, what });
    assumed('elements', '8 x 8 bits', 'SCALE-Sim counts words of one byte; sums have 32 bits');
    assumed(
      'clockMegahertz',
      String(CLOCK_MEGAHERTZ),
      'SCALE-Sim counts cycles only; seconds, power and leakage follow it',
    );
    assumed(
      'target',
      `${NODE_NANOMETRES} nm ASIC`,
      'for energy and area, which SCALE-Sim leaves to other tools',
    );
    assumed('memory', 'defaults', 'latency, bursts in flight and DRAM technology: see the machine’s file');
    this.decisions.sort((a, b) => (a.line ?? Number.MAX_SAFE_INTEGER) - (b.line ?? Number.MAX_SAFE_INTEGER));
  }
}
