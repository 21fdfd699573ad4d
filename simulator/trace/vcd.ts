/**
 * Waveforms: a Probe that writes VCD (IEEE 1364), which GTKWave and Surfer open. In: the signals of an engine and a window of cycles. Out:
 * text, handed to `write` piece by piece. One cycle is one clock period, cycle t begins at t * period with the rising edge
 * of `clk_i`; a value changes at the start of the first cycle that it holds in.
 */

import type { Probe, Signal } from '../engine/index.js';
import { selectSignals } from './signal-filter.js';

export interface VcdOptions {
  /** Window of cycles, both included. */
  readonly from: number;
  readonly to: number;
  /** Patterns of {@link selectSignals}; none: every signal. */
  readonly signals: readonly string[];
  readonly clockMegahertz: number;
  /** Takes the text in order. */
  readonly write: (text: string) => void;
}

interface Recorded {
  readonly signal: Signal;
  readonly id: string;
  /** The value written last; `null` before the first. */
  last: number | bigint | undefined | null;
}

/** Name of the root scope: the core's instance in the test bench. */
const ROOT = 'u_core';
const CLOCK_ID = '!';
/** Characters handed over at once. */
const CHUNK = 65536;

export class VcdRecorder implements Probe {
  readonly from: number;
  readonly to: number;
  private readonly phases: Record<Signal['phase'], Recorded[]> = { registers: [], outputs: [] };
  private readonly halfPeriod: number;
  private text = '';
  /** Whether an engine has shown its signals. */
  attached = false;

  constructor(private readonly options: VcdOptions) {
    this.from = options.from;
    this.to = options.to;
    this.halfPeriod = Math.max(1, Math.round(500000 / options.clockMegahertz));
  }

  /** Writes the header. @throws DiagnosticError for a pattern without a signal. */
  attach(signals: readonly Signal[]): void {
    this.attached = true;
    const recorded = selectSignals(signals, this.options.signals).map((signal, index): Recorded => {
      return { signal, id: identifier(index + 1), last: null };
    });
    for (const r of recorded) this.phases[r.signal.phase].push(r);
    this.put('$timescale 1ps $end\n');
    this.put(`$scope module ${ROOT} $end\n$var wire 1 ${CLOCK_ID} clk_i $end\n`);
    this.declare(recorded);
    this.put('$upscope $end\n$enddefinitions $end\n');
  }

  sample(cycle: number, phase: Signal['phase']): void {
    if (phase === 'registers') this.edge(cycle);
    for (const recorded of this.phases[phase]) this.record(recorded);
    if (phase === 'outputs') this.put(`#${(2 * cycle + 1) * this.halfPeriod}\n0${CLOCK_ID}\n`);
  }

  /** Hands over what is left. Call it after the run. */
  finish(): void {
    this.options.write(this.text);
    this.text = '';
  }

  private edge(cycle: number): void {
    this.put(`#${2 * cycle * this.halfPeriod}\n1${CLOCK_ID}\n`);
  }

  private record(recorded: Recorded): void {
    const { signal, id, last } = recorded;
    const value = signal.read();
    if (value === last) return;
    recorded.last = value;
    const digits = value === undefined ? 'x' : value.toString(2);
    this.put(signal.bits === 1 ? `${digits}${id}\n` : `b${digits} ${id}\n`);
  }

  /** Scopes nest as the paths do; signals of one scope stand together. */
  private declare(recorded: readonly Recorded[]): void {
    const root = scopeTree(recorded);
    const walk = (scope: Scope) => {
      for (const { signal, id, name } of scope.signals)
        this.put(
          `$var ${signal.phase === 'registers' ? 'reg' : 'wire'} ${signal.bits} ${id} ${name}${range(signal.bits)} $end\n`,
        );
      for (const [name, inner] of scope.inner) {
        this.put(`$scope ${name.startsWith('g_') ? 'begin' : 'module'} ${name} $end\n`);
        walk(inner);
        this.put('$upscope $end\n');
      }
    };
    walk(root);
  }

  private put(text: string): void {
    this.text += text;
    if (this.text.length >= CHUNK) this.finish();
  }
}

interface Scope {
  readonly signals: (Recorded & { readonly name: string })[];
  readonly inner: Map<string, Scope>;
}

const newScope = (): Scope => ({ signals: [], inner: new Map() });

function scopeTree(recorded: readonly Recorded[]): Scope {
  const root = newScope();
  for (const r of recorded) {
    const names = r.signal.path.split('.');
    const name = names.pop()!;
    let scope = root;
    for (const inner of names) {
      const next = scope.inner.get(inner) ?? newScope();
      scope.inner.set(inner, next);
      scope = next;
    }
    scope.signals.push({ ...r, name });
  }
  return root;
}

const range = (bits: number) => (bits === 1 ? '' : ` [${bits - 1}:0]`);

/** Printable characters 33 to 126, least significant first. */
function identifier(index: number): string {
  let id = '';
  for (let rest = index; ; rest = Math.floor(rest / 94) - 1) {
    id += String.fromCharCode(33 + (rest % 94));
    if (rest < 94) return id;
  }
}
