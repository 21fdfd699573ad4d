/**
 * A look inside an engine while it runs. The engine names its signals as the Verilog does and calls the probe in every cycle of
 * the probe's window, and only there: a run without a probe, and cycles outside the window, pay one comparison.
 */

/** One signal of `systole_core`. */
export interface Signal {
  /** Instances and generate blocks below `systole_core` as in the Verilog: `u_compute.u_matmul.u_array.g_row[0].g_col[1].u_pe.sum_q`. */
  readonly path: string;
  readonly bits: number;
  /**
   * When {@link Probe.sample} may read it. A register is read at the start of the cycle in which it holds the value, an output
   * (a wire) after the cycle was decided.
   */
  readonly phase: 'registers' | 'outputs';
  /** The value, unsigned, 0 to 2^bits - 1; undefined where the engine does not say (in VCD: x). */
  readonly read: () => number | bigint | undefined;
}

export interface Probe {
  /** Window of cycles, both ends included. */
  readonly from: number;
  readonly to: number;
  /** Called once, before cycle 0, with every signal that the engine has. */
  attach(signals: readonly Signal[]): void;
  /** Called twice in each cycle of the window: when signals of that phase can be read. The last cycle of a run is `done`. */
  sample(cycle: number, phase: Signal['phase']): void;
}
