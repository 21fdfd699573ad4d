/** SavedModels written byte by byte for tests: protobuf messages, a tensor bundle, a sorted table. */

import protobuf from 'protobufjs/light.js';
import { maskedCrc32c } from '../../compiler/importers/wire/index.js';

export type Field = readonly [number, number | string | Uint8Array];

/** A protobuf message of the stated fields: varints, strings and bytes (nested messages too). */
export function message(...fields: readonly Field[]): Uint8Array {
  const writer = protobuf.Writer.create();
  for (const [id, value] of fields) {
    if (typeof value === 'number') writer.uint32(id << 3).int64(value);
    else if (typeof value === 'string') writer.uint32((id << 3) | 2).string(value);
    else writer.uint32((id << 3) | 2).bytes(value);
  }
  return writer.finish();
}

export const FLOAT = 1;

export function shapeMessage(shape: readonly number[]): Uint8Array {
  return message(...shape.map((size): Field => [2, message([1, size])]));
}

/** A NodeDef; attributes are AttrValue messages. */
export function node(
  name: string,
  op: string,
  inputs: readonly string[] = [],
  attributes: Readonly<Record<string, Uint8Array>> = {},
): Uint8Array {
  const attrs = Object.entries(attributes).map(([key, value]): Field => [5, message([1, key], [2, value])]);
  return message([1, name], [2, op], ...inputs.map((input): Field => [3, input]), ...attrs);
}

export const attr = {
  type: (code: number) => message([6, code]),
  text: (value: string) => message([2, value]),
  integer: (value: number) => message([3, value]),
  shape: (shape: readonly number[]) => message([7, shapeMessage(shape)]),
  func: (name: string) => message([10, message([1, name])]),
  integers: (values: readonly number[]) => {
    const content = new Uint8Array(Int32Array.from(values).buffer);
    return message([
      8,
      message([1, 3], [2, shapeMessage(values.length === 1 ? [] : [values.length])], [4, content]),
    ]);
  },
};

/** A FunctionDef. @param results for each result argument, the tensor in the body that it is. */
export function functionDef(
  name: string,
  args: readonly string[],
  results: Readonly<Record<string, string>>,
  nodes: readonly Uint8Array[],
): Uint8Array {
  const signature = message(
    [1, name],
    ...args.map((arg): Field => [2, message([1, arg])]),
    ...Object.keys(results).map((result): Field => [3, message([1, result])]),
  );
  return message(
    [1, signature],
    ...nodes.map((n): Field => [3, n]),
    ...Object.entries(results).map(([key, value]): Field => [4, message([1, key], [2, value])]),
  );
}

export interface ModelParts {
  readonly nodes: readonly Uint8Array[];
  readonly functions?: readonly Uint8Array[];
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly signature?: string;
}

/** The bytes of a `saved_model.pb`. */
export function savedModel({ nodes, functions = [], inputs, outputs, signature }: ModelParts): Uint8Array {
  const tensors = (id: number, all: Readonly<Record<string, string>>) =>
    Object.entries(all).map(
      ([key, name]): Field => [id, message([1, key], [2, message([1, name], [2, FLOAT])])],
    );
  const library = message(...functions.map((f): Field => [1, f]));
  const graph = message(...nodes.map((n): Field => [1, n]), [2, library]);
  const def = message(...tensors(1, inputs), ...tensors(2, outputs));
  const named = message([1, signature ?? 'serving_default'], [2, def]);
  return message([1, 1], [2, message([1, message([4, 'serve'])], [2, graph], [5, named])]);
}

export interface StoredVariable {
  readonly key: string;
  /** Name of the variable, where the checkpoint is named by objects. */
  readonly fullName?: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** Index and shards of a tensor bundle, variables dealt to the shards in turn. */
export function bundle(variables: readonly StoredVariable[], shards = 1): Map<string, Uint8Array> {
  const data: Uint8Array[] = Array.from({ length: shards }, () => new Uint8Array(0));
  const records: [string, Uint8Array][] = [['', message([1, shards])]];
  const add = (
    key: string,
    dtype: number,
    shape: readonly number[],
    bytes: Uint8Array,
    shard: number,
  ): void => {
    const offset = data[shard]!.length;
    data[shard] = Uint8Array.from([...data[shard]!, ...bytes]);
    const head = message([1, dtype], [2, shapeMessage(shape)], [3, shard], [4, offset], [5, bytes.length]);
    const crc = new Uint8Array(5);
    crc[0] = (6 << 3) | 5;
    new DataView(crc.buffer).setUint32(1, maskedCrc32c(bytes), true);
    records.push([key, Uint8Array.from([...head, ...crc])]);
  };
  variables.forEach(({ key, shape, values }, i) => {
    add(key, FLOAT, shape, new Uint8Array(Float32Array.from(values).buffer), i % shards);
  });
  if (variables.some(({ fullName }) => fullName !== undefined)) {
    const objects = variables.map(
      ({ key, fullName = '' }): Field => [
        1,
        message([2, message([1, 'VARIABLE_VALUE'], [2, fullName], [3, key])]),
      ],
    );
    const text = message(...objects);
    const length = protobuf.Writer.create().uint32(text.length).finish();
    add('_CHECKPOINTABLE_OBJECT_GRAPH', 7, [], Uint8Array.from([...length, 0, 0, 0, 0, ...text]), 0);
  }
  records.sort(([a], [b]) => (a < b ? -1 : 1));
  const count = (n: number): string => String(n).padStart(5, '0');
  const files = data.map((bytes, i): [string, Uint8Array] => [
    `variables/variables.data-${count(i)}-of-${count(shards)}`,
    bytes,
  ]);
  return new Map([['variables/variables.index', sortedTable(records)], ...files]);
}

/** A sorted table with two data blocks; keys share their beginnings within a block. */
export function sortedTable(
  records: readonly (readonly [string, Uint8Array])[],
  compression = 0,
): Uint8Array {
  const file: number[] = [];
  const half = Math.ceil(records.length / 2);
  const write = (entries: readonly (readonly [string, Uint8Array])[], type: number): Uint8Array => {
    const content = blockOf(entries);
    const at = file.length;
    file.push(...content, type);
    const crc = new Uint8Array(4);
    new DataView(crc.buffer).setUint32(0, maskedCrc32c(Uint8Array.from([...content, type])), true);
    file.push(...crc);
    return protobuf.Writer.create().uint32(at).uint32(content.length).finish();
  };
  const blocks = [records.slice(0, half), records.slice(half)].filter((part) => part.length > 0);
  const handles = blocks.map((part) => [part.at(-1)![0], write(part, compression)] as const);
  const meta = write([], 0);
  const index = write(handles, 0);
  const footer = new Uint8Array(48);
  footer.set([...meta, ...index]);
  footer.set([0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb], 40);
  return Uint8Array.from([...file, ...footer]);
}

function blockOf(entries: readonly (readonly [string, Uint8Array])[]): number[] {
  let last = '';
  const content = entries.flatMap(([key, value]) => {
    let shared = 0;
    while (shared < last.length && last[shared] === key[shared]) shared++;
    last = key;
    const own = new TextEncoder().encode(key.slice(shared));
    const head = protobuf.Writer.create().uint32(shared).uint32(own.length).uint32(value.length).finish();
    return [...head, ...own, ...value];
  });
  return [...content, 0, 0, 0, 0, 1, 0, 0, 0];
}
