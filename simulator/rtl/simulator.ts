/**
 * A design as a running simulator. In: an elaborated netlist. Out: {@link RtlModule}, compiled once, instantiated as
 * often as wanted. Two-state: x and z are 0, and so is every register and memory word without an initial value.
 */

import { collect, DiagnosticError, InternalError, type Result } from '../../base/index.js';
import { checkDesign } from './check.js';
import { type CompiledLayout, compile, type RtlStatistics } from './compile.js';
import type { Design, Operand, Port } from './design.js';
import { wordBytes } from './layout.js';
import type { Netlist } from './netlist.js';
import { schedule } from './order.js';
import { resolveDesign } from './resolve.js';
import { compileWasm, type DesignExports, instantiateWasm, type WasmModule } from './wasm.js';

export interface RtlOptions {
  /** Hierarchical names (`u_pe.sum_q`) of words that `peekSignal` shall show although no register holds them. */
  readonly observe?: readonly string[];
}

export interface RtlModule {
  /** Ports of the top without its clock. */
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly clock: string | undefined;
  /** Size of the WebAssembly code. */
  readonly codeBytes: number;
  readonly statistics: RtlStatistics;
  /** A simulator with all state at its initial value. */
  instantiate(): RtlSimulator;
}

/** Compiles a netlist; faults of the design (loops, latches, clocks, cells) come back as diagnostics. */
export async function compileNetlist(netlist: Netlist, options: RtlOptions = {}): Promise<Result<RtlModule>> {
  const resolved = resolveDesign(netlist);
  if (!resolved.ok) return resolved;
  const prepared = collect(() => prepare(resolved.value, netlist, options));
  if (!prepared.ok) return prepared;
  const { design, binary, layout, statistics } = prepared.value;
  const wasm = await compileWasm(binary);
  const visible = design.inputs.filter(({ name }) => name !== design.clock);
  const module: RtlModule = {
    inputs: visible.map(({ name, width }) => ({ name, width })),
    outputs: resolved.value.outputs.map(({ name, width }) => ({ name, width })),
    clock: design.clock,
    codeBytes: binary.length,
    statistics,
    instantiate: () => new RtlSimulator(design, layout, wasm),
  };
  return { ok: true, value: module, diagnostics: [] };
}

function prepare(design: Design, netlist: Netlist, { observe = [] }: RtlOptions) {
  const faults = checkDesign(design, netlist.files);
  if (faults.length > 0) throw new DiagnosticError(faults);
  const ports = new Set([...design.inputs, ...design.outputs].map(({ name }) => name));
  const observed = observe.flatMap((name) => {
    const value = ports.has(name) ? undefined : design.lookup(name);
    return value ? [{ name, width: value.reduce((sum, piece) => sum + piece.width, 0), value }] : [];
  });
  const whole = { ...design, outputs: [...design.outputs, ...observed] };
  const plan = schedule(whole, netlist.files);
  if (!('cycle' in plan)) throw new DiagnosticError([plan]);
  return { design: plan.design, ...compile(plan) };
}

/** One instance. Inputs hold their values until poked again; outputs are those of the present inputs and state. */
export class RtlSimulator {
  /** Linear memory as 32-bit words, for {@link portWords}. */
  readonly memory: Uint32Array;
  private readonly exports: DesignExports;
  private readonly bytes: DataView;
  private readonly ports = new Map<
    string,
    { readonly address: number; readonly width: number; readonly input: boolean }
  >();
  /** Outputs are older than the inputs or the state. */
  private stale = true;

  constructor(
    private readonly design: Design,
    private readonly layout: CompiledLayout,
    wasm: WasmModule,
  ) {
    this.exports = instantiateWasm(wasm);
    this.memory = new Uint32Array(this.exports.memory.buffer);
    this.bytes = new DataView(this.exports.memory.buffer);
    const add = (input: boolean, addresses: readonly number[]) => (port: Port, i: number) => {
      if (port.name !== design.clock)
        this.ports.set(port.name, { address: addresses[i]!, width: port.width, input });
    };
    design.inputs.forEach(add(true, layout.inputs));
    design.outputs.forEach(add(false, layout.outputs));
    this.initialize();
  }

  /** Words of {@link memory} that hold a port, lowest bits first; unused upper bits are zero and must stay so. */
  portWords(name: string): readonly number[] {
    const { address, width } = this.port(name);
    return Array.from({ length: Math.max(1, Math.ceil(width / 32)) }, (_, i) => address / 4 + i);
  }

  /** Whether it is a port, or was compiled with `observe`. */
  hasPort(name: string): boolean {
    return this.ports.has(name);
  }

  /** Sets an input; bits beyond its width are dropped. */
  poke(name: string, value: number | bigint): void {
    const { address, width, input } = this.port(name);
    if (!input) throw new InternalError(`${name} is not an input`);
    this.stale = true;
    if (typeof value === 'number' && width <= 32)
      this.memory[address / 4] = width === 32 ? value : value & (2 ** width - 1);
    else writeWord(this.bytes, address, Math.max(32, width), BigInt.asUintN(width, BigInt(value)));
  }

  /** Value of a port now. */
  peek(name: string): bigint {
    const { address, width } = this.port(name);
    this.evaluate();
    return readWord(this.bytes, address, width);
  }

  /** As `peek`, for ports of at most 32 bits. */
  peekNumber(name: string): number {
    const { address, width } = this.port(name);
    if (width > 32) throw new InternalError(`${name} has ${width} bits`);
    this.evaluate();
    return this.memory[address / 4]!;
  }

  /** Brings the outputs up to date; `peek` does it by itself. */
  eval(): void {
    this.stale = true;
    this.evaluate();
  }

  /** Runs whole clock cycles: after each, registers and memories hold what their inputs were before the edge. */
  step(cycles = 1): void {
    if (cycles > 0) this.exports.cycle(cycles);
    this.stale = true;
  }

  /**
   * The fast path: one cycle, after which `memory` shows, in the words of the outputs, their values *before* the edge
   * (with the inputs as they are now). Inputs may be written to `memory` directly.
   */
  readonly cycle = (): void => {
    this.exports.cycle(1);
    this.stale = true;
  };

  /** A word by its hierarchical name: registers, inputs and what was compiled with `observe`; else undefined. */
  peekSignal(name: string): bigint | undefined {
    if (this.ports.has(name)) return this.peek(name);
    const operand = this.design.lookup(name);
    return operand && this.readOperand(operand);
  }

  /** Word `index` of a memory by its hierarchical name, or undefined. */
  peekMemory(name: string, index: number): bigint | undefined {
    const found = this.design.memories.findIndex(({ path }) => path === name);
    const memory = this.design.memories[found];
    if (!memory || index < memory.base || index >= memory.base + memory.size) return undefined;
    const address = this.layout.memories[found]! + (index - memory.base) * wordBytes(memory.width);
    return readWord(this.bytes, address, memory.width);
  }

  private evaluate(): void {
    if (!this.stale) return;
    this.exports.evaluate();
    this.stale = false;
  }

  private readOperand(operand: Operand): bigint | undefined {
    let value = 0n;
    let low = 0n;
    for (const piece of operand) {
      if (piece.kind === 'constant') value |= piece.value << low;
      else {
        const { source, index, width } = this.design.signals[piece.signal]!;
        if (source === 'cell') return undefined;
        const address = (source === 'register' ? this.layout.registers : this.layout.inputs)[index]!;
        const bits = readWord(this.bytes, address, width) >> BigInt(piece.offset);
        const part = piece.kind === 'slice' ? bits : -(bits & 1n);
        value |= BigInt.asUintN(piece.width, part) << low;
      }
      low += BigInt(piece.width);
    }
    return value;
  }

  private port(name: string) {
    const port = this.ports.get(name);
    if (!port) throw new InternalError(`the design has no port ${name}`);
    return port;
  }

  private initialize(): void {
    const { flags, flagWords } = this.layout;
    this.memory.fill(0xffff_ffff, flags / 4, flags / 4 + flagWords);
    this.design.registers.forEach(({ width, initial }, i) => {
      if (initial !== 0n) writeWord(this.bytes, this.layout.registers[i]!, width, initial);
    });
    this.design.memories.forEach(({ width, initial }, i) => {
      initial.forEach((value, word) => {
        if (value !== 0n)
          writeWord(this.bytes, this.layout.memories[i]! + word * wordBytes(width), width, value);
      });
    });
  }
}

function writeWord(view: DataView, address: number, width: number, value: bigint): void {
  for (let byte = 0; byte < wordBytes(width); byte++) {
    view.setUint8(address + byte, Number((value >> BigInt(8 * byte)) & 0xffn));
  }
}

function readWord(view: DataView, address: number, width: number): bigint {
  let value = 0n;
  for (let byte = wordBytes(width) - 1; byte >= 0; byte--)
    value = (value << 8n) | BigInt(view.getUint8(address + byte));
  return BigInt.asUintN(width, value);
}
