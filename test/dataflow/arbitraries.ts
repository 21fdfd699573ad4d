/** fast-check generators of Dataflows: every mnemonic, nested loops, affine fields; in normal form, so parse(print(d)) = d. */

import fc from 'fast-check';
import type {
  Affine,
  Dataflow,
  DataflowLayer,
  DataflowTensor,
  Operation,
  Statement,
} from '../../compiler/dataflow/index.js';
import { makeAffine } from '../../compiler/dataflow/index.js';
import {
  type Field,
  fieldLimits,
  type InstructionSpec,
  instructionSet,
  unitNames,
} from '../../compiler/isa/index.js';

const variables = ['i', 'j', 'x', 'byte', 'tile_2'] as const;

function affine(low: number, high: number): fc.Arbitrary<Affine> {
  const number = fc.oneof(fc.integer({ min: low, max: high }), fc.constantFrom(low, high));
  const term = fc.record({
    variable: fc.constantFrom(...variables),
    coefficient: fc.oneof(fc.integer({ min: -70000, max: 70000 }), fc.constantFrom(1, -1, 32768, 65536)),
  });
  const terms = fc.array(term, { minLength: 1, maxLength: 3 });
  return fc.oneof(
    { weight: 3, arbitrary: number },
    { weight: 1, arbitrary: fc.tuple(number, terms).map(([constant, list]) => makeAffine(constant, list)) },
  );
}

/** Enum fields are constants; everything else may be affine. */
function fieldValue(field: Field): fc.Arbitrary<Affine> {
  const { low, high } = fieldLimits(field);
  return field.kind === 'enum' ? fc.integer({ min: low, max: high }) : affine(low, high);
}

const units = fc.subarray([...unitNames]);
const name = fc.oneof(
  fc.constantFrom('input', 'conv1.out', 'a/b-c', 'weird name', 'with "quotes"', '', '0'),
  fc.string({ maxLength: 6 }),
);

function operation(spec: InstructionSpec): fc.Arbitrary<Operation> {
  const plain = spec.fields.filter((field) => field.name !== 'dram');
  const fields = fc.record(Object.fromEntries(plain.map((field) => [field.name, fieldValue(field)])));
  const reference = fc.record({ tensor: name, offset: affine(-4096, 1 << 20) });
  const hasDram = plain.length < spec.fields.length;
  return fc
    .record({ fields, wait: units, signal: units, dram: reference })
    .map(({ fields: values, wait, signal, dram }) => ({
      kind: 'operation' as const,
      mnemonic: spec.mnemonic as Operation['mnemonic'],
      wait,
      signal,
      fields: values as Record<string, Affine>,
      ...(hasDram ? { dram } : {}),
    }));
}

const operations = (instructionSet as readonly InstructionSpec[])
  .filter((spec) => spec.mnemonic !== 'end')
  .map(operation);

/** Loops nest at most three deep; no variable shadows another. */
function body(depth: number): fc.Arbitrary<readonly Statement[]> {
  const leaf: fc.Arbitrary<Statement> = fc.oneof(...operations);
  if (depth === variables.length || depth > 2) return fc.array(leaf, { maxLength: 3 });
  const loop: fc.Arbitrary<Statement> = fc
    .record({ count: fc.integer({ min: 1, max: 9 }), body: body(depth + 1) })
    .map((parts) => ({ kind: 'loop' as const, variable: variables[depth]!, ...parts }));
  return fc.array(fc.oneof({ weight: 3, arbitrary: leaf }, { weight: 1, arbitrary: loop }), { maxLength: 4 });
}

const bitsOf = { int4: 4, int8: 8, int16: 16, uint8: 8, int32: 8 };

const tensorArbitrary: fc.Arbitrary<Omit<DataflowTensor, 'name'>> = fc
  .record({
    kind: fc.constantFrom('input' as const, 'output' as const, 'tensor' as const, 'weights' as const),
    element: fc.constantFrom(
      'int4' as const,
      'int8' as const,
      'int16' as const,
      'uint8' as const,
      'int32' as const,
    ),
    address: fc.nat(2 ** 32 - 1),
    bytes: fc.nat(2 ** 31),
    exchanged: fc.boolean(),
    extents: fc.option(fc.tuple(fc.nat(9), fc.nat(99), fc.nat(99), fc.nat(99), fc.nat(64), fc.nat(64))),
    value: fc.option(name),
  })
  .map(({ extents, exchanged, value, ...rest }) => {
    const order = exchanged ? { exchanged: true as const } : {};
    const [batch = 0, channels = 0, height = 0, width = 0, lanes = 0, pitch = 0] = extents ?? [];
    return {
      ...rest,
      ...(extents
        ? { layout: { batch, channels, height, width, lanes, pitch, bits: bitsOf[rest.element], ...order } }
        : {}),
      ...(value === null ? {} : { value }),
    };
  });

const kept = fc.record({
  address: fc.nat(2 ** 20 - 1),
  pitch: fc.nat(70000),
  blockRows: fc.nat(70000),
  pictureRows: fc.nat(70000),
});

const layer: fc.Arbitrary<DataflowLayer> = fc
  .record({
    name,
    node: name,
    operator: fc.oneof(fc.constantFrom('IntegerConv', 'by', 'two words'), fc.string({ maxLength: 4 })),
    macs: fc.nat(),
    output: name,
    place: fc.option(kept),
    body: body(0),
  })
  .map(({ place, ...rest }) => ({ ...rest, ...(place && { kept: place }) }));

export const dataflowArbitrary: fc.Arbitrary<Dataflow> = fc.record({
  name,
  machine: name,
  tensors: fc
    .uniqueArray(fc.tuple(name, tensorArbitrary), { selector: ([n]) => n, maxLength: 4 })
    .map((list) => list.map(([n, rest]) => ({ name: n, ...rest }))),
  layers: fc.array(layer, { maxLength: 3 }),
});
