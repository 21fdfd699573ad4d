/**
 * Flat cells to a {@link Design}: every bit finds the word that drives it, registers and memories get their controls,
 * asynchronous resets become a selection in front of the register's readers. Out: the design, or what is wrong with it.
 */

import { type Diagnostic, invariant, type Result, succeed } from '../../base/index.js';
import { cellGroups, ignoredCells, latchCells, registerCells, wiringCells } from './cell-types.js';
import type {
  Cell,
  Control,
  Design,
  Memory,
  Operand,
  Piece,
  Register,
  Signal,
  SourceName,
} from './design.js';
import { constant } from './design.js';
import {
  asynchronousReset,
  clockMismatch,
  inoutPort,
  latch,
  multipleDrivers,
  placeOfSource,
  triState,
  unsupportedCell,
} from './diagnostics.js';
import { type Bits, type Flat, type FlatCell, flatten, lookupBits, ONE, ZERO } from './flatten.js';
import type { NetCell, Netlist, NetModule } from './netlist.js';
import { initialValues, integerParameter, wordParameter, wordsParameter } from './parameters.js';

/** Flattens and resolves an elaborated netlist. */
export function resolveDesign(netlist: Netlist): Result<Design> {
  const resolver = new Resolver(netlist);
  // Readers of z would make faults of their own (several drivers): name the cause alone.
  const floating = triStates(netlist, resolver.modules());
  if (floating.length > 0) return { ok: false, diagnostics: floating };
  const design = resolver.resolve();
  return resolver.diagnostics.length > 0 ? { ok: false, diagnostics: resolver.diagnostics } : succeed(design);
}

/** Every cell and net with a z in it, one a source line, named by the net that it drives. */
function triStates({ files }: Netlist, modules: ReadonlySet<NetModule>): Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  const note = (name: string, ...sources: (string | undefined)[]) => {
    const place = sources.map((src) => placeOfSource(files, src)).find((p) => p !== undefined);
    const key = place?.kind === 'text' ? `${place.file}:${place.span.line}` : name;
    if (!found.has(key)) found.set(key, triState(name, place));
  };
  for (const module of modules) {
    for (const [name, cell] of Object.entries(module.cells)) {
      if (!Object.values(cell.connections).some((bits) => bits.includes('z'))) continue;
      const driven = drivenNet(module, cell);
      note(driven ?? name, cell.attributes['src'], driven && module.netnames[driven]?.attributes['src']);
    }
    for (const [name, { bits, attributes }] of Object.entries(module.netnames))
      if (bits.includes('z')) note(name, attributes['src']);
  }
  return [...found.values()];
}

/** A cell by the net that it drives: Yosys calls the cell of a register `$procdff$12`. */
function sourceName({ module, scope, cell, path }: FlatCell): SourceName {
  const driven = drivenNet(module, cell);
  if (driven === undefined) return { name: path, src: undefined };
  return {
    name: scope === '' ? driven : `${scope}.${driven}`,
    src: module.netnames[driven]?.attributes['src'],
  };
}

/** The net of the source that a cell of Yosys' own drives; undefined for instances and where nothing has a name. */
function drivenNet({ netnames }: NetModule, { connections, type }: NetCell): string | undefined {
  const output = connections['Y'] ?? connections['Q'];
  if (!type.startsWith('$') || output === undefined) return undefined;
  return Object.keys(netnames).find(
    (name) =>
      !name.startsWith('$') &&
      netnames[name]!.bits.some((bit) => typeof bit === 'number' && output.includes(bit)),
  );
}

const NONE: Operand = [];

class Resolver {
  readonly diagnostics: Diagnostic[] = [];
  private readonly flat: Flat;
  private readonly signals: Signal[] = [];
  private readonly cells: Cell[] = [];
  private readonly registers: Register[] = [];
  private readonly memories: Memory[] = [];
  private readonly inputs: { name: string; width: number; signal: number }[] = [];
  /** By representative bit: driving signal (-1 none) and bit in it. */
  private drivers = new Int32Array(0);
  private offsets = new Int32Array(0);
  private clock: { bit: number; positive: boolean; cell: FlatCell } | undefined;
  /** Work that needs all drivers known. */
  private readonly deferred: (() => void)[] = [];

  constructor(private readonly netlist: Netlist) {
    this.flat = flatten(netlist);
  }

  /** Modules that the top uses. */
  modules(): ReadonlySet<NetModule> {
    return new Set([...this.flat.scopes.values()].map(({ module }) => module));
  }

  resolve(): Design {
    const { flat } = this;
    for (const cell of flat.cells) if (wiringCells.has(cell.type)) this.wire(cell);
    // Signals made for asynchronous controls take fresh bits: leave them room.
    this.drivers = new Int32Array(flat.bits.count).fill(-1);
    this.offsets = new Int32Array(flat.bits.count);
    this.readInputs();
    for (const cell of flat.cells) this.readCell(cell);
    for (const work of this.deferred) work();
    const outputs = Object.entries(flat.ports)
      .filter(([, port]) => port.direction === 'output')
      .map(([name, port]) => ({ name, width: port.bits.length, value: this.outputValue(port.bits) }));
    return {
      signals: this.signals,
      cells: this.cells,
      registers: this.registers,
      memories: this.memories,
      inputs: this.inputs,
      outputs,
      clock: this.clockName(),
      lookup: (name) => {
        const bits = lookupBits(flat, name);
        return bits && this.operand(bits);
      },
      sourceOf: (path) => this.sourceOf(path),
    };
  }

  private wire({ type, cell, connections }: FlatCell): void {
    const { bits } = this.flat;
    const y = connections['Y'] ?? connections['B']!;
    const a = connections['A']!;
    const signed = integerParameter(cell, 'A_SIGNED') === 1;
    y.forEach((bit, i) => {
      if (type === '$concat') bits.join(bit, i < a.length ? a[i]! : connections['B']![i - a.length]!);
      else if (type === '$slice') bits.join(bit, a[i + integerParameter(cell, 'OFFSET')]!);
      else bits.join(bit, i < a.length ? a[i]! : signed ? a.at(-1)! : ZERO);
    });
  }

  private readInputs(): void {
    for (const [name, port] of Object.entries(this.flat.ports)) {
      if (port.direction === 'inout') {
        const { src } = this.netlist.modules[this.netlist.top]!.netnames[name]!.attributes;
        this.diagnostics.push(inoutPort(name, placeOfSource(this.netlist.files, src)));
      } else if (port.direction === 'input') {
        const signal = this.addSignal({
          width: port.bits.length,
          source: 'input',
          index: this.inputs.length,
        });
        this.inputs.push({ name, width: port.bits.length, signal });
        this.drive(port.bits, signal);
      }
    }
  }

  private readCell(cell: FlatCell): void {
    if (wiringCells.has(cell.type) || ignoredCells.has(cell.type)) return;
    if (registerCells.has(cell.type)) this.readRegister(cell);
    else if (cell.type === '$mem_v2') this.readMemory(cell);
    else if (cell.type === '$bmux' || cell.type === '$demux') this.readIndexed(cell);
    else if (latchCells.has(cell.type)) this.diagnostics.push(latch(sourceName(cell).name, this.place(cell)));
    else if (cellGroups[cell.type] === undefined) {
      this.diagnostics.push(unsupportedCell(cell.type, cell.path, this.place(cell)));
    } else this.readCombinational(cell);
  }

  private readCombinational(flat: FlatCell): void {
    const { cell, connections: c } = flat;
    const output = this.driveNew(flat, c['Y']!, this.cells.length);
    this.add(flat, output, flat.type, () => ({
      a: this.operand(c['A']!),
      b: this.operand(c['B'] ?? []),
      s: this.operand(c['S'] ?? []),
      aSigned: integerParameter(cell, 'A_SIGNED') === 1,
      bSigned: integerParameter(cell, 'B_SIGNED') === 1,
    }));
  }

  /** `$bmux` picks the S-th slice of A; `$demux` puts A into the S-th slice: shifts by S times the slice's width. */
  private readIndexed(flat: FlatCell): void {
    const { connections: c } = flat;
    const width = flat.type === '$bmux' ? c['Y']!.length : c['A']!.length;
    const indexWidth = c['S']!.length + 32 - Math.clz32(width);
    const product = this.addSignal({ width: indexWidth, source: 'cell', index: this.cells.length });
    this.add(flat, product, '$mul', () => ({
      a: this.operand(c['S']!),
      b: constant(32 - Math.clz32(width), BigInt(width)),
    }));
    const output = this.driveNew(flat, c['Y']!, this.cells.length);
    this.add(flat, output, flat.type === '$bmux' ? '$shiftx' : '$shl', () => ({
      a: this.operand(c['A']!),
      b: [{ kind: 'slice', signal: product, offset: 0, width: indexWidth }],
    }));
  }

  private readRegister(flat: FlatCell): void {
    const { cell, connections: c } = flat;
    if (!this.checkClock(flat, c['CLK']!, integerParameter(cell, 'CLK_POLARITY') === 1)) return;
    const width = c['Q']!.length;
    const index = this.registers.length;
    const asynchronous = c['ARST'] ?? c['ALOAD'] ?? c['SET'];
    const initial = initialValues(this.flat).valueOf(c['Q']!);
    const q = this.addSignal({ width, source: 'register', index });
    // Keep the index: the operands are filled in when all drivers are known.
    this.registers.push(undefined as unknown as Register);
    let next: ((d: Operand) => Operand) | undefined;
    if (asynchronous === undefined) this.driveChecked(flat, c['Q']!, q);
    else next = this.asynchronous(flat, q);
    this.deferred.push(() => {
      const d = this.operand(c['D']!);
      this.registers[index] = {
        path: flat.path,
        src: cell.attributes['src'],
        q,
        width,
        initial,
        d: next ? next(d) : d,
        enable: next ? undefined : this.control(flat, 'EN'),
        reset: this.synchronousReset(flat),
      };
    });
  }

  private synchronousReset(flat: FlatCell): Register['reset'] {
    const control = this.control(flat, 'SRST');
    return (
      control && {
        ...control,
        value: wordParameter(flat.cell, 'SRST_VALUE'),
        overEnable: flat.type !== '$sdffce',
      }
    );
  }

  private control({ cell, connections }: FlatCell, port: 'EN' | 'SRST'): Control | undefined {
    const bits = connections[port];
    return bits && { bit: this.operand(bits), activeHigh: integerParameter(cell, `${port}_POLARITY`) === 1 };
  }

  /**
   * Drives Q by "the asynchronous value while its control is active, else the state", and returns what the state takes
   * at the clock edge: the same selection over D, so that it holds the value after the control ends. Exact as long as
   * a control stays active over at least one edge.
   */
  private asynchronous(flat: FlatCell, q: number): (d: Operand) => Operand {
    const { cell, connections: c } = flat;
    const width = c['Q']!.length;
    const state: Operand = [{ kind: 'slice', signal: q, offset: 0, width }];
    const seen = this.cells.length;
    const steps = asynchronousSteps(flat);
    if (steps === undefined) {
      this.diagnostics.push(asynchronousReset(flat.type, flat.path, this.place(flat)));
      return (d) => d;
    }
    const chain = (start: () => Operand, drive: Bits | undefined): Operand => {
      let value = start;
      for (const [i, step] of steps.entries()) {
        const last = i === steps.length - 1;
        const before = value;
        const signal =
          last && drive
            ? this.driveNew(flat, drive, this.cells.length)
            : this.addSignal({ width, source: 'cell', index: this.cells.length });
        this.add(flat, signal, step.type, () => step.inputs(before(), (bits) => this.operand(bits)));
        value = () => [{ kind: 'slice', signal, offset: 0, width }];
      }
      return value();
    };
    chain(() => state, c['Q']!);
    invariant(this.cells.length > seen, 'an asynchronous register has a control');
    let d: Operand = NONE;
    const enable = c['EN'];
    let held: () => Operand = () => d;
    if (enable) {
      const signal = this.addSignal({ width, source: 'cell', index: this.cells.length });
      const positive = integerParameter(cell, 'EN_POLARITY') === 1;
      this.add(flat, signal, '$mux', () => ({
        a: positive ? state : d,
        b: positive ? d : state,
        s: this.operand(enable),
      }));
      held = () => [{ kind: 'slice', signal, offset: 0, width }];
    }
    // The operands of D are known when deferred work runs; the cells above read `d` then.
    this.deferred.unshift(() => {
      d = this.operand(c['D']!);
    });
    const next = chain(held, undefined);
    return () => next;
  }

  private readMemory(flat: FlatCell): void {
    const { cell, connections: c } = flat;
    const width = integerParameter(cell, 'WIDTH');
    const addressBits = integerParameter(cell, 'ABITS');
    const reads = integerParameter(cell, 'RD_PORTS');
    const writes = integerParameter(cell, 'WR_PORTS');
    if (
      /1/.test(cell.parameters['RD_CLK_ENABLE'] ?? '') ||
      /0/.test(ports(cell.parameters['WR_CLK_ENABLE'], writes))
    ) {
      this.diagnostics.push(
        unsupportedCell('memory with clocked reads or unclocked writes', flat.path, this.place(flat)),
      );
      return;
    }
    const memory = this.memories.length;
    for (let port = 0; port < reads; port++) {
      const output = this.driveNew(
        flat,
        c['RD_DATA']!.slice(port * width, (port + 1) * width),
        this.cells.length,
      );
      const address = c['RD_ADDR']!.slice(port * addressBits, (port + 1) * addressBits);
      this.add(flat, output, '$memrd', () => ({ a: this.operand(address), memory }));
    }
    for (let port = 0; port < writes; port++) {
      const positive = ports(cell.parameters['WR_CLK_POLARITY'], writes)[port] === '1';
      if (!this.checkClock(flat, [c['WR_CLK']![port]!], positive)) return;
    }
    this.memories.push(undefined as unknown as Memory);
    this.deferred.push(() => {
      const slice = (name: string, port: number, of: number) =>
        this.operand(c[name]!.slice(port * of, (port + 1) * of));
      this.memories[memory] = {
        path: memoryName(flat),
        src: cell.attributes['src'],
        width,
        size: integerParameter(cell, 'SIZE'),
        base: integerParameter(cell, 'OFFSET'),
        initial: wordsParameter(cell, 'INIT', width, integerParameter(cell, 'SIZE')),
        writes: Array.from({ length: writes }, (_, port) => ({
          address: slice('WR_ADDR', port, addressBits),
          data: slice('WR_DATA', port, width),
          enable: slice('WR_EN', port, width),
        })),
      };
    });
  }

  /** Adds a cell whose operands are read when all drivers are known. */
  private add(flat: FlatCell, output: number, type: string, inputs: () => Partial<Cell>): void {
    const index = this.cells.length;
    const { width } = this.signals[output]!;
    const blank = { a: NONE, b: NONE, s: NONE, aSigned: false, bSigned: false, memory: -1 };
    const shared = { type, path: flat.path, src: flat.cell.attributes['src'], output, width };
    this.cells.push({ ...blank, ...shared });
    this.deferred.push(() => {
      this.cells[index] = { ...blank, ...shared, ...inputs() };
    });
  }

  private addSignal(signal: Signal): number {
    this.signals.push(signal);
    return this.signals.length - 1;
  }

  private driveNew(flat: FlatCell, bits: Bits, index: number): number {
    const signal = this.addSignal({ width: bits.length, source: 'cell', index });
    this.driveChecked(flat, bits, signal);
    return signal;
  }

  private driveChecked(flat: FlatCell, bits: Bits, signal: number): void {
    if (!this.drive(bits, signal)) this.diagnostics.push(multipleDrivers(flat.path, this.place(flat)));
  }

  /** False when a bit has a driver already. */
  private drive(bits: Bits, signal: number): boolean {
    let single = true;
    bits.forEach((bit, i) => {
      const root = this.flat.bits.find(bit);
      if (root <= ONE || this.drivers[root] !== -1) single = false;
      else {
        this.drivers[root] = signal;
        this.offsets[root] = i;
      }
    });
    return single;
  }

  /** Bits as pieces; a bit without a driver is 0. */
  private operand(bits: Bits): Operand {
    const pieces: Piece[] = [];
    for (const bit of bits) {
      const root = this.flat.bits.find(bit);
      const signal = root <= ONE ? -1 : this.drivers[root]!;
      if (signal === -1) appendConstant(pieces, root === ONE ? 1n : 0n);
      else appendBit(pieces, signal, this.offsets[root]!);
    }
    return pieces;
  }

  /** A clock that is passed on shows its level before the edge, as every output does. */
  private outputValue(bits: Bits): Operand {
    const clock = this.clock && this.drivers[this.clock.bit];
    const level = this.clock?.positive ? 0n : 1n;
    return this.operand(bits).flatMap((piece) =>
      piece.kind === 'constant' || piece.signal !== clock ? [piece] : constant(piece.width, level * -1n),
    );
  }

  private checkClock(flat: FlatCell, bits: Bits, positive: boolean): boolean {
    const bit = this.flat.bits.find(bits[0]!);
    this.clock ??= { bit, positive, cell: flat };
    if (this.clock.bit === bit && this.clock.positive === positive) {
      if (this.drivers[bit] !== -1 && this.signals[this.drivers[bit]!]!.source === 'input') return true;
      const what = 'its clock is not an input of the design';
      this.diagnostics.push(clockMismatch(what, sourceName(flat).name, this.place(flat)));
      return false;
    }
    const what = this.clock.bit === bit ? 'it uses the other edge of the clock' : 'it uses a second clock';
    this.diagnostics.push(
      clockMismatch(what, sourceName(flat).name, this.place(flat), this.place(this.clock.cell)),
    );
    return false;
  }

  private clockName(): string | undefined {
    const signal = this.clock && this.drivers[this.clock.bit];
    return this.inputs.find((input) => input.signal === signal)?.name;
  }

  private sourceOf(path: string): SourceName {
    const flat = this.flat.cells.find((cell) => cell.path === path);
    return flat ? sourceName(flat) : { name: path, src: undefined };
  }

  /** Of the cell, else of the net that it drives: Yosys gives the gates of the language no line. */
  private place(flat: FlatCell) {
    const { files } = this.netlist;
    return placeOfSource(files, flat.cell.attributes['src']) ?? placeOfSource(files, sourceName(flat).src);
  }
}

/** Selections that an asynchronous control makes, innermost first. Undefined for kinds without a rule. */
function asynchronousSteps({
  type,
  cell,
  connections: c,
}: FlatCell):
  | readonly { type: string; inputs: (value: Operand, read: (bits: Bits) => Operand) => Partial<Cell> }[]
  | undefined {
  const select = (
    control: Bits,
    active: boolean,
    chosen: (read: (bits: Bits) => Operand) => Operand,
    type = '$mux',
  ) => ({
    type,
    inputs: (value: Operand, read: (bits: Bits) => Operand) => ({
      a: active ? value : chosen(read),
      b: active ? chosen(read) : value,
      s: read(control),
    }),
  });
  const active = (name: string) => integerParameter(cell, `${name}_POLARITY`) === 1;
  const width = c['Q']!.length;
  if (type === '$adff' || type === '$adffe') {
    return [select(c['ARST']!, active('ARST'), () => constant(width, wordParameter(cell, 'ARST_VALUE')))];
  }
  if (type === '$aldff' || type === '$aldffe') {
    return [select(c['ALOAD']!, active('ALOAD'), (read) => read(c['AD']!))];
  }
  if (type === '$dffsr' || type === '$dffsre') {
    return [
      select(c['SET']!, active('SET'), () => constant(width, -1n), '$bwmux'),
      select(c['CLR']!, active('CLR'), () => constant(width, 0n), '$bwmux'),
    ];
  }
  return undefined;
}

function appendConstant(pieces: Piece[], value: bigint): void {
  const last = pieces.at(-1);
  if (last?.kind !== 'constant') pieces.push({ kind: 'constant', width: 1, value });
  else
    pieces[pieces.length - 1] = {
      kind: 'constant',
      width: last.width + 1,
      value: last.value | (value << BigInt(last.width)),
    };
}

function appendBit(pieces: Piece[], signal: number, offset: number): void {
  const last = pieces.at(-1);
  if (last?.kind === 'slice' && last.signal === signal && last.offset + last.width === offset) {
    pieces[pieces.length - 1] = { ...last, width: last.width + 1 };
  } else if (last?.kind === 'repeat' && last.signal === signal && last.offset === offset) {
    pieces[pieces.length - 1] = { ...last, width: last.width + 1 };
  } else if (last?.kind === 'slice' && last.signal === signal && last.offset + last.width === offset + 1) {
    // The top bit again: a sign extension begins.
    pieces.push({ kind: 'repeat', signal, offset, width: 1 });
  } else pieces.push({ kind: 'slice', signal, offset, width: 1 });
}

/** The last `count` digits of a per-port parameter, port 0 first. */
function ports(parameter: string | undefined, count: number): string {
  return [...(parameter ?? '')].reverse().slice(0, count).join('');
}

function memoryName(flat: FlatCell): string {
  const id = (flat.cell.parameters['MEMID'] ?? flat.path).replace(/^\\/, '');
  const dot = flat.path.length - flat.path.split('.').at(-1)!.length;
  return flat.path.slice(0, dot) + id;
}
