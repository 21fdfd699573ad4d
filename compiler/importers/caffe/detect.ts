/** Whether a file is Caffe's, from its content. Cheap tests for choosing an importer; what is broken inside is the importer's business. */

import protobuf from 'protobufjs/light.js';

const fieldNames = 'name|layers?|input|input_dim|input_shape|state|force_backward|debug_info';

/** True when text begins with a field of NetParameter, after comments. */
export function looksLikePrototxt(bytes: Uint8Array): boolean {
  const head = new TextDecoder('utf-8').decode(bytes.subarray(0, 65536));
  if (head.includes('\0')) return false;
  const bare = head.replace(/^\uFEFF/, '').replace(/#[^\n]*/g, '');
  return (
    new RegExp(`^\\s*(${fieldNames})\\s*[:{<]`).test(bare) && /(^|[\s}])(layers?|input)\s*[:{<]/.test(bare)
  );
}

/** Wire types of the fields of a NetParameter. */
const netFields: Readonly<Record<number, number>> = {
  ...{ 1: 2, 2: 2, 3: 2, 4: 0, 5: 0, 6: 2, 7: 0, 8: 2, 100: 2 },
};

/** True when the bytes have the outline of a NetParameter: its top-level fields only, a layer among them. */
export function looksLikeCaffemodel(bytes: Uint8Array): boolean {
  const reader = protobuf.Reader.create(bytes);
  let layers = 0;
  try {
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (netFields[tag >>> 3] !== (tag & 7)) return false;
      if (tag >>> 3 === 100 || tag >>> 3 === 2) layers++;
      reader.skipType(tag & 7);
    }
  } catch {
    return layers > 0;
  }
  return layers > 0;
}
