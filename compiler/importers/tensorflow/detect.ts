/** Whether a file is a GraphDef, from its content: a cheap test for choosing an importer. */

import protobuf from 'protobufjs/light.js';

/** Wire types of the fields of a GraphDef: nodes, library, version, versions. */
const fields: Readonly<Record<number, number>> = { 1: 2, 2: 2, 3: 0, 4: 2 };

/** Tags of the first two fields of a NodeDef, its name and its operator. */
const NAME = 0x0a;
const OPERATOR = 0x12;

/** True when the bytes have the outline of a GraphDef: its top-level fields only, and nodes that begin with a name and an operator. */
export function looksLikeGraphDef(bytes: Uint8Array): boolean {
  const reader = protobuf.Reader.create(bytes);
  let nodes = 0;
  try {
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (fields[tag >>> 3] !== (tag & 7)) return false;
      if (tag >>> 3 !== 1) reader.skipType(tag & 7);
      else if (beginsLikeNode(reader.bytes())) nodes++;
      else return false;
    }
  } catch {
    return nodes > 0;
  }
  return nodes > 0;
}

function beginsLikeNode(node: Uint8Array): boolean {
  const reader = protobuf.Reader.create(node);
  if (reader.uint32() !== NAME) return false;
  reader.skipType(2);
  return reader.uint32() === OPERATOR;
}
