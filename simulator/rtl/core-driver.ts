/**
 * The host and the memory around a simulated `systole_core`: reset, control writes, the three AXI ports, the events. In: a simulator of the
 * emitted Verilog, a Machine, a Program, DRAM. Out: what happened, event by event. Nothing here knows what the core should do.
 */

import { InternalError } from '../../base/index.js';
import { type UnitName, unitIndex, unitNames, unitOf } from '../../compiler/isa/index.js';
import { machineHashWord } from '../../models/machine/index.js';
import { EngineStop, type RunRequest } from '../engine/index.js';
import { inputsOf, outputsOf, type Reader, type Writer } from './core-pins.js';
import { ReadPort, WritePort } from './memory-model.js';
import type { CoreObserver } from './observe-core.js';
import type { RtlPins } from './pins.js';

/** Where the driver puts DRAM in the core's address space; a multiple of 4096. */
const BASE = 0x1000_0000;
/** Where DRAM lies: at 0 for a machine whose addresses do not reach BASE. */
const baseOf = (addressBits: number) => (addressBits > 28 ? BASE : 0);
const IDENTITY = 0x5359_5354;
const OKAY = 0;
const SLAVE_ERROR = 2;
/** Causes of the error register that are the program's fault; the others are the bus's. */
const ILLEGAL_OPCODE = 1;
const SEMAPHORE_OVERFLOW = 5;
const RESET_CYCLES = 4;
const PROGRESS_CYCLES = 65536;
const REGISTERS = {
  control: 0x00,
  error: 0x08,
  program: 0x0c,
  base: 0x10,
  cycles: 0x14,
  busy: 0x20,
  wait: 0x30,
  id: 0x40,
  hash: 0x44,
};

/** What was seen of a run. Arrays are by instruction index; -1: never. */
export interface CoreRun {
  readonly cycles: number;
  /** Instructions dispatched, `end` included. */
  readonly dispatched: number;
  readonly dispatch: Float64Array;
  readonly accept: Float64Array;
  readonly end: Float64Array;
  /** Bytes of the beats that load and store moved, and of the bursts that fetch asked for. */
  readonly bytesLoaded: number;
  readonly bytesStored: number;
  readonly bytesFetched: number;
  readonly dram: Uint8Array;
  /** Contents of the core's own counters BUSY_u and WAIT_u, by unit; 0 where the machine has none. */
  readonly busy: readonly number[];
  readonly waited: readonly number[];
}

/** Who looks on. */
export interface CoreWatch {
  readonly observer?: CoreObserver;
  /** Called after each clock cycle of the program, from cycle 0 on: outputs and observed words show what they were in it. */
  readonly afterCycle?: () => void;
  /** Called in the cycle in which an instruction ends, after its clock edge. */
  readonly onEnd?: (index: number) => void;
}

/** Runs one program on a core that was just instantiated. @throws EngineStop on deadlock, error status or the cycle limit. */
export function driveCore(
  pins: RtlPins,
  request: RunRequest,
  dram: Uint8Array,
  watch: CoreWatch = {},
): CoreRun {
  return new CoreDriver(pins, request, dram, watch).run();
}

class CoreDriver {
  private readonly load: ReadPort;
  private readonly fetch: ReadPort;
  private readonly store: WritePort;
  private readonly base: number;
  private readonly busBytes: number;
  /** DRAM, filled up to whole beats. */
  private readonly bytes: Uint8Array;
  private readonly words: Uint32Array;
  private readonly in: ReturnType<typeof inputsOf>;
  private readonly out: ReturnType<typeof outputsOf>;
  private readonly units: readonly number[];
  private readonly dispatch: Float64Array;
  private readonly accept: Float64Array;
  private readonly end: Float64Array;
  /** Per unit: indices dispatched, how many of them were accepted and ended. */
  private readonly queues: readonly number[][] = [[], [], [], []];
  private readonly accepted = [0, 0, 0, 0];
  private readonly ended = [0, 0, 0, 0];
  /** Instructions accepted and not ended. */
  private running = 0;
  private dispatched = 0;
  private now = 0;
  private lastMove = 0;
  private writeFailed = false;
  private fetchOffered = false;
  private bytesFetched = 0;
  private readonly patience: number;

  constructor(
    private readonly pins: RtlPins,
    private readonly request: RunRequest,
    dram: Uint8Array,
    private readonly watch: CoreWatch,
  ) {
    const { machine, program } = request;
    const { memory, bus } = machine;
    this.base = baseOf(bus.addressBits);
    this.busBytes = bus.bytes;
    this.load = new ReadPort(memory, bus.bytes);
    this.fetch = new ReadPort(memory, bus.bytes);
    this.store = new WritePort(memory, bus.bytes);
    this.bytes = new Uint8Array(Math.ceil(Math.max(dram.length, 1) / bus.bytes) * bus.bytes);
    this.bytes.set(dram);
    this.words = new Uint32Array(this.bytes.buffer);
    this.in = inputsOf(pins);
    this.out = outputsOf(pins);
    this.units = program.instructions.map((instruction) => {
      const unit = unitOf(instruction);
      return unit === undefined ? -1 : unitIndex[unit];
    });
    this.dispatch = new Float64Array(this.units.length).fill(-1);
    this.accept = new Float64Array(this.units.length).fill(-1);
    this.end = new Float64Array(this.units.length).fill(-1);
    // Longer than anything between two events while no unit runs: the fetch of a few full bursts.
    this.patience = 1024 + 8 * (memory.readLatency + 256 * memory.cyclesPerBeat);
  }

  run(): CoreRun {
    this.prepare();
    this.postWrite(REGISTERS.control, 1);
    this.clockUntilStart();
    this.bytesFetched = 0;
    const { cycleLimit = 2 ** 40, onProgress } = this.request;
    for (this.collect(); !this.out.done.bit(); this.collect()) {
      if (this.out.irq.bit()) this.stopOnError();
      if (this.now >= cycleLimit)
        throw new EngineStop('cycle-limit', this.now, 'fetch', `not done after ${cycleLimit} cycles`);
      if (this.now - this.lastMove > this.patience) this.stopOnDeadlock();
      this.watch.observer?.before(this.now + 1);
      this.clock();
      this.now++;
      this.watch.observer?.after(this.now);
      this.watch.afterCycle?.();
      if (this.now % PROGRESS_CYCLES === 0) onProgress?.(this.now);
    }
    return this.result();
  }

  /** Reset, identity, addresses. */
  private prepare(): void {
    this.in.reset.set(1);
    this.in.writeStrobe.set(0xf);
    this.in.writeResponseReady.set(1);
    this.in.readDataReady.set(1);
    for (let i = 0; i < RESET_CYCLES; i++) this.pins.cycle();
    this.in.reset.set(0);
    const hash = machineHashWord(this.request.machine);
    if (this.readRegister(REGISTERS.id) !== IDENTITY)
      throw new InternalError('the Verilog is not a Systole machine');
    if (this.readRegister(REGISTERS.hash) !== hash)
      throw new InternalError('the Verilog is of another machine');
    this.writeRegister(REGISTERS.program, this.base + this.request.program.programAddress);
    this.writeRegister(REGISTERS.base, this.base);
  }

  /** Clocks until a cycle shows `signal`; that cycle is then the one that the outputs tell of. */
  private clockUntil(signal: Reader, what: string): void {
    for (let waited = 0; waited <= this.patience; waited++) {
      this.clock();
      if (signal.bit()) return;
    }
    throw new InternalError(`the core never gives ${what}`);
  }

  /** Clocks until cycle 0 is over. */
  private clockUntilStart(): void {
    const { observer, afterCycle } = this.watch;
    for (let waited = 0; waited <= this.patience; waited++) {
      if (observer?.startsNext()) observer.before(0);
      this.clock();
      if (!this.out.start.bit()) continue;
      observer?.after(0);
      afterCycle?.();
      return;
    }
    throw new InternalError('the core never gives the start pulse');
  }

  private postWrite(address: number, value: number): void {
    this.in.writeAddress.set(address);
    this.in.writeData.set(value);
    this.in.writeAddressValid.set(1);
    this.in.writeDataValid.set(1);
    this.clockUntil(this.out.writeAddressReady, 's_axil_awready');
    this.in.writeAddressValid.set(0);
    if (!this.out.writeDataReady.bit()) this.clockUntil(this.out.writeDataReady, 's_axil_wready');
    this.in.writeDataValid.set(0);
  }

  private writeRegister(address: number, value: number): void {
    this.postWrite(address, value);
    this.clockUntil(this.out.writeResponseValid, 's_axil_bvalid');
  }

  private readRegister(address: number): number {
    this.in.readAddress.set(address);
    this.in.readAddressValid.set(1);
    this.clockUntil(this.out.readAddressReady, 's_axil_arready');
    this.in.readAddressValid.set(0);
    this.clockUntil(this.out.readDataValid, 's_axil_rvalid');
    return this.out.readData.word();
  }

  /** One cycle of core and memory. Afterwards the outputs tell what the core showed in it. */
  private clock(): void {
    const { in: pins, load, fetch, store } = this;
    pins.loadAddressReady.set(load.addressReady ? 1 : 0);
    pins.fetchAddressReady.set(fetch.addressReady ? 1 : 0);
    this.offer(load, pins.loadValid, pins.loadLast, pins.loadData, pins.loadResponse, SLAVE_ERROR);
    this.offer(fetch, pins.fetchValid, pins.fetchLast, pins.fetchData, pins.fetchResponse, OKAY);
    pins.storeAddressReady.set(store.addressReady ? 1 : 0);
    pins.storeDataReady.set(store.dataReady ? 1 : 0);
    pins.storeResponseValid.set(store.responseValid ? 1 : 0);
    pins.storeResponse.set(this.writeFailed ? SLAVE_ERROR : OKAY);
    this.pins.cycle();
    this.tickMemory();
  }

  /** @param beyond response outside DRAM. Fetch reads whole bursts and may run past the end; it gets zeros there. */
  private offer(
    port: ReadPort,
    valid: Writer,
    last: Writer,
    data: Writer,
    response: Writer,
    beyond: number,
  ): void {
    valid.set(port.valid ? 1 : 0);
    if (!port.valid) return;
    last.set(port.last ? 1 : 0);
    const offset = (port.address - this.base) >>> 0;
    const inside = offset + this.busBytes <= this.bytes.length;
    response.set(inside ? OKAY : beyond);
    for (let i = 0; i < this.busBytes >> 2; i++)
      data.setWord(i, inside ? this.words[(offset >>> 2) + i]! : 0);
  }

  /** Lets the memory see what the core did in the cycle. An idle port is only asked whether the core has an address for it. */
  private tickMemory(): void {
    const { out, load, fetch, store } = this;
    const loadAsks = out.loadAddressValid.bit();
    if (!loadAsks && load.idle) load.skip();
    else load.tick(loadAsks, out.loadAddress.word(), out.loadLength.word(), out.loadReady.bit());
    const fetchAsks = out.fetchAddressValid.bit();
    if (!fetchAsks && fetch.idle) fetch.skip();
    else this.tickFetch(fetchAsks);
    const storeAsks = out.storeAddressValid.bit();
    if (!storeAsks && store.idle) store.skip();
    else this.tickStore(storeAsks);
  }

  private tickFetch(asks: boolean): void {
    const { out, fetch } = this;
    if (asks && !this.fetchOffered) this.bytesFetched += (out.fetchLength.word() + 1) * this.busBytes;
    this.fetchOffered = asks && !fetch.addressReady;
    fetch.tick(asks, out.fetchAddress.word(), out.fetchLength.word(), out.fetchReady.bit());
  }

  private tickStore(asks: boolean): void {
    const { out, store } = this;
    const dataValid = out.storeDataValid.bit();
    if (dataValid && store.dataReady) this.storeBeat((store.address - this.base) >>> 0);
    store.tick({
      addressValid: asks,
      address: out.storeAddress.word(),
      length: out.storeLength.word(),
      dataValid,
      responseReady: out.storeResponseReady.bit(),
    });
  }

  private storeBeat(offset: number): void {
    if (offset + this.busBytes > this.bytes.length) {
      this.writeFailed = true;
      return;
    }
    const { storeStrobe, storeData } = this.out;
    for (let lane = 0; lane < this.busBytes; lane++) {
      if (!((storeStrobe.wordAt(lane >> 5) >>> (lane & 31)) & 1)) continue;
      this.bytes[offset + lane] = storeData.wordAt(lane >> 2) >>> (8 * (lane & 3));
    }
  }

  /** Books the events of the present cycle. */
  private collect(): void {
    const accepts = this.out.accept.word();
    const ends = this.out.end.word();
    const dispatches = this.out.dispatch.bit();
    if (this.running > 0) this.lastMove = this.now;
    if (accepts === 0 && ends === 0 && !dispatches) return;
    this.lastMove = this.now;
    for (let unit = 0; unit < 4; unit++) {
      if ((accepts >>> unit) & 1) {
        this.accept[this.instructionOf(unit, this.accepted)] = this.now;
        this.running++;
      }
      if ((ends >>> unit) & 1) {
        const index = this.instructionOf(unit, this.ended);
        this.end[index] = this.now;
        this.watch.onEnd?.(index);
        this.running--;
      }
    }
    if (!dispatches) return;
    const unit = this.units[this.dispatched] ?? -1;
    this.dispatch[this.dispatched] = this.now;
    if (unit >= 0) this.queues[unit]!.push(this.dispatched);
    this.dispatched++;
  }

  private instructionOf(unit: number, counters: number[]): number {
    const index = this.queues[unit]![counters[unit]!++];
    if (index === undefined)
      throw new InternalError(`unit ${unit} reports an instruction that it was never given`);
    return index;
  }

  private stopOnError(): never {
    const seen = this.now;
    const error = this.readRegister(REGISTERS.error);
    const cause = error & 0xff;
    const unit = unitNames[error >>> 8] ?? 'fetch';
    const what = [
      '',
      'an illegal opcode',
      'a read response',
      'a write response',
      'an instruction read response',
      'a semaphore signalled past 255',
    ];
    const message = `${unit} stopped the run: ${what[cause] ?? `cause ${cause}`}`;
    // Signals come with the unit's last end; other errors show no event, so theirs is the cycle in which the run had come to rest.
    const cycle = cause === SEMAPHORE_OVERFLOW ? this.lastEnd(error >>> 8) : seen;
    throw new EngineStop(
      [ILLEGAL_OPCODE, SEMAPHORE_OVERFLOW].includes(cause) ? 'illegal' : 'bus-error',
      cycle,
      unit,
      message,
    );
  }

  private lastEnd(unit: number): number {
    return this.end[this.queues[unit]![this.ended[unit]! - 1]!]!;
  }

  private stopOnDeadlock(): never {
    const unit = this.queues.findIndex((queue, u) => this.accepted[u]! < queue.length);
    const name: UnitName | 'fetch' = unitNames[unit] ?? 'fetch';
    const index = this.queues[unit]?.[this.accepted[unit]!] ?? this.dispatched;
    const what = this.request.program.instructions[index]?.mnemonic ?? 'none';
    const message = `instruction ${index} (${what}) waits for something that never comes`;
    throw new EngineStop('deadlock', this.lastMove, name, message);
  }

  private result(): CoreRun {
    const cycles = this.now;
    const { dispatched, dispatch, accept, end, bytesFetched } = this;
    const [bytesLoaded, bytesStored] = [this.load.beats * this.busBytes, this.store.beats * this.busBytes];
    const dram = this.bytes.slice(0, this.request.dram?.length ?? this.bytes.length);
    const counted = this.readRegister(REGISTERS.cycles);
    if (counted !== cycles % 2 ** 32)
      throw new InternalError(`CYCLES reads ${counted}, event_done_o came in cycle ${cycles}`);
    const busy = unitNames.map((_, unit) => this.readRegister(REGISTERS.busy + 4 * unit));
    const waited = unitNames.map((_, unit) => this.readRegister(REGISTERS.wait + 4 * unit));
    const times = { cycles, dispatched, dispatch, accept, end };
    return { ...times, bytesLoaded, bytesStored, bytesFetched, dram, busy, waited };
  }
}
