/**
 * The DRAM of a program: constants, instruction words and inputs in place before a run, tensors read back after it. In: a
 * Program, tensors by graph value. Out: bytes, tensors.
 */

import { type Diagnostic, DiagnosticError, type Place, type Tensor } from '../../base/index.js';
import { missingInput, outsideDram, segmentSize, unknownInput, unknownValue } from './diagnostics.js';
import { packTensor, unpackTensor } from './layout.js';
import type { DramSegment, Program } from './program.js';

/** The graph value (or, where there is none, the segment name) by which a segment is addressed from outside. */
export function segmentValue(segment: DramSegment): string {
  return segment.value ?? segment.name;
}

/**
 * DRAM contents at the start of a run, `program.dramBytes` long: constant segments, instruction words and inputs; every
 * other byte is 0.
 * @param inputs int8 tensors by the graph value of the input segments, [N,K] or [N,C,H,W].
 * @throws DiagnosticError for a missing or unknown input, a wrong shape, or a segment outside DRAM.
 */
export function initialDram(program: Program, inputs: ReadonlyMap<string, Tensor>): Uint8Array {
  const faults = checkInputs(program, inputs);
  if (faults.length > 0) throw new DiagnosticError(faults);
  const dram = new Uint8Array(program.dramBytes);
  for (const segment of program.segments) {
    if (segment.data) placeBytes(program, dram, segment);
    const value = inputs.get(segmentValue(segment));
    if (segment.kind === 'input' && value && segment.layout) {
      packTensor(value, segment.layout, dram, segment.address, placeOf(program, segment));
    }
  }
  const { words, programAddress: address } = program;
  if (address + words.length > dram.length) {
    const place: Place = { kind: 'value', network: program.name, value: '(instructions)' };
    throw new DiagnosticError([outsideDram({ address, bytes: words.length, dramBytes: dram.length }, place)]);
  }
  dram.set(words, address);
  return dram;
}

/**
 * The tensor that an activation segment holds, as int8 [N, C, H, W].
 * @param value graph value of the segment (the last one that holds it, if several do).
 * @throws DiagnosticError when no activation segment holds `value`.
 */
export function readSegment(program: Program, dram: Uint8Array, value: string): Tensor {
  const segment = program.segments.filter((s) => s.layout && segmentValue(s) === value).at(-1);
  if (!segment?.layout) {
    throw new DiagnosticError([unknownValue(value, { kind: 'value', network: program.name, value })]);
  }
  return unpackTensor(segment.layout, dram, segment.address, placeOf(program, segment));
}

/** Segments of results that the program keeps in act: their DRAM is never written. */
export function keptSegments({ layers, segments }: Program): readonly DramSegment[] {
  const kept = new Set(layers.flatMap((layer) => (layer.kept ? [layer.output] : [])));
  return kept.size === 0
    ? []
    : segments.filter((segment) => segment.layout && kept.has(segmentValue(segment)));
}

function placeOf(program: Program, segment: DramSegment): Place {
  return { kind: 'value', network: program.name, value: segmentValue(segment) };
}

function checkInputs(program: Program, inputs: ReadonlyMap<string, Tensor>): Diagnostic[] {
  const segments = program.segments.filter((segment) => segment.kind === 'input');
  const known = segments.map(segmentValue);
  const place = (value: string): Place => ({ kind: 'value', network: program.name, value });
  const missing = known.filter((value) => !inputs.has(value));
  const unknown = [...inputs.keys()].filter((value) => !known.includes(value));
  return [
    ...missing.map((value) => missingInput(value, place(value))),
    ...unknown.map((value) => unknownInput(value, known, place(value))),
  ];
}

function placeBytes(program: Program, dram: Uint8Array, segment: DramSegment): void {
  const { data, address, bytes, name } = segment;
  if (!data) return;
  if (data.length !== bytes) {
    throw new DiagnosticError([segmentSize(name, bytes, data.length, placeOf(program, segment))]);
  }
  if (address + bytes > dram.length) {
    throw new DiagnosticError([
      outsideDram({ address, bytes, dramBytes: dram.length }, placeOf(program, segment)),
    ]);
  }
  dram.set(data, address);
}
