/** Ports of a simulated circuit as words of its memory, without looking names up or BigInt in the loop. */

/** What the driver needs of a simulator; the simulator of `instantiate` is one. */
export interface RtlPins {
  /** The simulator's memory; ports lie in it at `portWords`. */
  readonly memory: Uint32Array;
  /** Word indices of a port, least significant first. @throws for a name that is no port. */
  portWords(port: string): readonly number[];
  /** One clock cycle; afterwards outputs in `memory` are those before the edge, with the inputs as they were. */
  readonly cycle: () => void;
}

/** Writes an input port. Values are already inside the port's width. */
export function portWriter(pins: RtlPins, port: string) {
  const { memory } = pins;
  const words = pins.portWords(port);
  const first = words[0]!;
  return {
    set(value: number): void {
      memory[first] = value;
    },
    setWord(index: number, value: number): void {
      memory[words[index]!] = value;
    },
  };
}

/** Reads an output port: its value in the last cycle, before the edge. */
export function portReader(pins: RtlPins, port: string) {
  const { memory } = pins;
  const words = pins.portWords(port);
  const first = words[0]!;
  return {
    bit: (): boolean => memory[first] !== 0,
    word: (): number => memory[first]!,
    wordAt: (index: number): number => memory[words[index]!]!,
  };
}
