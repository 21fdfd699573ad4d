/**
 * SCALE-Sim's three reports in its own columns and header text (version 3). In: rows of figures. Out: the files. Figures that do not exist are `N/A`,
 * which readers of CSV take for missing.
 */

import type { BundleFile } from '../library/index.js';

/** First and last cycle of something, relative to the layer's first cycle of work, and words moved in between. */
export interface Stream {
  readonly start: number;
  readonly stop: number;
  readonly words: number;
}

/** A stream of which only the words are known, or nothing. */
export type KnownStream = Stream | { readonly words: number } | undefined;

/** One line of each report. Percent are 0 to 100. */
export interface ReportRow {
  readonly layer: string;
  /** Last cycle of DRAM traffic less the first. */
  readonly cyclesWithPrefetch: number | undefined;
  readonly cycles: number;
  readonly stallCycles: number;
  readonly overallPercent: number;
  readonly mappingPercent: number;
  readonly computePercent: number;
  readonly sram: Readonly<Record<Operand, KnownStream>>;
  readonly dram: Readonly<Record<Operand, KnownStream>>;
}

export const operands = ['ifmap', 'filter', 'ofmap'] as const;
export type Operand = (typeof operands)[number];

const COMPUTE =
  'LayerID, Total Cycles (incl. prefetch), Total Cycles, Stall Cycles, Overall Util %, Mapping Efficiency %, Compute Util %,';
const BANDWIDTH =
  'LayerID, Avg IFMAP SRAM BW, Avg FILTER SRAM BW, Avg OFMAP SRAM BW, Avg IFMAP DRAM BW, Avg FILTER DRAM BW, Avg OFMAP DRAM BW,';
const ACCESS =
  'LayerID, SRAM IFMAP Start Cycle, SRAM IFMAP Stop Cycle, SRAM IFMAP Reads, SRAM Filter Start Cycle, SRAM Filter Stop Cycle, SRAM Filter Reads, SRAM OFMAP Start Cycle, SRAM OFMAP Stop Cycle, SRAM OFMAP Writes, DRAM IFMAP Start Cycle, DRAM IFMAP Stop Cycle, DRAM IFMAP Reads, DRAM Filter Start Cycle, DRAM Filter Stop Cycle, DRAM Filter Reads, DRAM OFMAP Start Cycle, DRAM OFMAP Stop Cycle, DRAM OFMAP Writes,';

export const reportHeaders = {
  'COMPUTE_REPORT.csv': COMPUTE,
  'BANDWIDTH_REPORT.csv': BANDWIDTH,
  'DETAILED_ACCESS_REPORT.csv': ACCESS,
} as const;

/** The three files below a folder, and what they are. @param basis the text of README.txt. */
export function reportFiles(
  folder: string,
  rows: readonly ReportRow[],
  basis: string,
): readonly BundleFile[] {
  const file = (name: keyof typeof reportHeaders, cells: (row: ReportRow) => readonly Figure[]) => ({
    path: `${folder}/${name}`,
    content: [reportHeaders[name], ...rows.map((row, id) => line([id, ...cells(row)]))]
      .join('\n')
      .concat('\n'),
  });
  const ids = rows.map(({ layer }, id) => `${id}  ${layer}`).join('\n');
  return [
    file('COMPUTE_REPORT.csv', computeCells),
    file('BANDWIDTH_REPORT.csv', bandwidthCells),
    file('DETAILED_ACCESS_REPORT.csv', accessCells),
    { path: `${folder}/README.txt`, content: `${basis}\n\nLayerID  layer\n${ids}\n` },
  ];
}

type Figure = number | undefined;

const line = (figures: readonly Figure[]) =>
  `${figures.map((f) => (f === undefined ? 'N/A' : String(f))).join(', ')},`;

function computeCells(row: ReportRow): readonly Figure[] {
  const { cyclesWithPrefetch, cycles, stallCycles, overallPercent, mappingPercent, computePercent } = row;
  return [cyclesWithPrefetch, cycles, stallCycles, overallPercent, mappingPercent, computePercent];
}

/** SRAM words over the layer's cycles, DRAM words over the cycles of their own stream, as SCALE-Sim divides. */
function bandwidthCells({ cycles, sram, dram }: ReportRow): readonly Figure[] {
  const own = (stream: KnownStream) =>
    stream !== undefined && 'start' in stream ? stream.words / (stream.stop - stream.start + 1) : undefined;
  return [
    ...operands.map((operand) => (sram[operand] === undefined ? undefined : sram[operand].words / cycles)),
    ...operands.map((operand) => own(dram[operand])),
  ];
}

function accessCells({ sram, dram }: ReportRow): readonly Figure[] {
  return [sram, dram].flatMap((memory) =>
    operands.flatMap((operand) => {
      const stream = memory[operand];
      if (stream === undefined) return [undefined, undefined, undefined];
      return 'start' in stream
        ? [stream.start, stream.stop, stream.words]
        : [undefined, undefined, stream.words];
    }),
  );
}
