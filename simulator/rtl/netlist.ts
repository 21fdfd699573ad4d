/**
 * What Yosys writes (`write_json`) after elaboration: modules of word-level cells, hierarchy kept. Only the parts that the
 * simulator reads are typed. Bits are net numbers (>= 2, local to a module) or the constants '0', '1', 'x', 'z'.
 */

export type NetBit = number | '0' | '1' | 'x' | 'z';

export interface NetPort {
  readonly direction: 'input' | 'output' | 'inout';
  readonly bits: readonly NetBit[];
}

export interface NetCell {
  readonly type: string;
  /** Constants as strings of '0', '1', 'x', most significant first. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, string>>;
  readonly port_directions?: Readonly<Record<string, NetPort['direction']>>;
  readonly connections: Readonly<Record<string, readonly NetBit[]>>;
}

export interface NetName {
  readonly bits: readonly NetBit[];
  readonly attributes: Readonly<Record<string, string>>;
}

export interface NetModule {
  readonly attributes: Readonly<Record<string, string>>;
  readonly ports: Readonly<Record<string, NetPort>>;
  readonly cells: Readonly<Record<string, NetCell>>;
  readonly netnames: Readonly<Record<string, NetName>>;
}

export interface SourceFile {
  /** Forward slashes, relative. */
  readonly path: string;
  readonly text: string;
}

/** An elaborated design: hierarchy and words as in the source, processes and memories turned into cells. */
export interface Netlist {
  readonly top: string;
  readonly modules: Readonly<Record<string, NetModule>>;
  /** The sources, so that diagnostics can show the line that a cell came from. */
  readonly files: readonly SourceFile[];
}
