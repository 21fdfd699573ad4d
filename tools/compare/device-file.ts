/** A device in a YAML (or JSON) file of the user's. In: the text. Out: a checked {@link Device}, or diagnostics that point at the line. */

import { type Document, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { z } from 'zod';
import {
  type Diagnostic,
  errorDiagnostic,
  fail,
  type Place,
  type Result,
  spanOf,
  succeed,
} from '../../base/index.js';
import type { Device } from '../../models/data/index.js';
import { deviceSchema } from './device-schema.js';

export function parseDevice(text: string, file: string): Result<Device> {
  const document = parseDocument(text, { prettyErrors: false });
  if (document.errors.length > 0)
    return fail(
      ...document.errors.map(({ message, pos }) =>
        errorDiagnostic('device/syntax', message, { where: spanPlace(text, file, pos[0], pos[1]) }),
      ),
    );
  const parsed = deviceSchema.safeParse(document.toJS({ maxAliasCount: 100 }) ?? {});
  if (!parsed.success)
    return fail(...parsed.error.issues.flatMap((issue) => faults(issue, document, text, file)));
  const { schema, ...device } = parsed.data;
  return succeed(device as Device);
}

function faults(issue: z.core.$ZodIssue, document: Document, text: string, file: string): Diagnostic[] {
  const keys = issue.code === 'unrecognized_keys' ? issue.keys : undefined;
  const message = keys ? 'there is no such field' : issue.message;
  const paths = keys ? keys.map((key) => [...issue.path, key]) : [issue.path];
  return paths.map((path) =>
    errorDiagnostic('device/field', `${path.map(String).join('.') || 'device'}: ${message}`, {
      where: placeOf(path, document, text, file),
    }),
  );
}

/** The field, or the nearest thing around it that is there. */
function placeOf(path: readonly PropertyKey[], document: Document, text: string, file: string): Place {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if ((isScalar(node) || isMap(node) || isSeq(node)) && node.range)
      return spanPlace(text, file, node.range[0], Math.max(node.range[1], node.range[0] + 1));
  }
  return { kind: 'file', file };
}

function spanPlace(text: string, file: string, start: number, end: number): Place {
  return { kind: 'text', file, source: text, span: spanOf(text, start, end) };
}
