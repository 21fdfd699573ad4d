/** The user errors of the Caffe importer, each made by one factory. */

import { type Diagnostic, errorDiagnostic, type Place, warningDiagnostic } from '../../../base/index.js';

/** Where a layer is. */
export interface LayerPlace {
  readonly network: string;
  readonly node: string;
  readonly operator: string;
}

const at = (place: LayerPlace): { readonly where: Place } => ({ where: { kind: 'node', ...place } });

export function brokenText(file: string, text: string, reason: string): Diagnostic {
  const line = Number(/line (\d+)/.exec(reason)?.[1] ?? 0);
  const byteOffset = text
    .split('\n')
    .slice(0, Math.max(0, line - 1))
    .join('\n').length;
  return errorDiagnostic('caffe/broken-prototxt', `the file is not a readable prototxt: ${reason}`, {
    where: { kind: 'file', file, byteOffset },
    hint: 'fields are those of the published caffe.proto; remove those of other forks of Caffe',
  });
}

export function brokenBinary(file: string, byteOffset: number, reason: string): Diagnostic {
  return errorDiagnostic('caffe/broken-caffemodel', `the file is not a readable caffemodel: ${reason}`, {
    where: { kind: 'file', file, byteOffset },
    hint: 'the file may be truncated or of another format',
  });
}

export function unsupportedLayer(place: LayerPlace, reason: string): Diagnostic {
  return errorDiagnostic('caffe/unsupported-layer', reason, at(place));
}

export function unmappedLayer(place: LayerPlace): Diagnostic {
  return errorDiagnostic(
    'caffe/unmapped-layer',
    `layers of type ${place.operator} are not supported`,
    at(place),
  );
}

export function undefinedBottom(place: LayerPlace, bottom: string): Diagnostic {
  return errorDiagnostic(
    'caffe/undefined-bottom',
    `no layer before this one has a top "${bottom}"`,
    at(place),
  );
}

export function unknownShape(network: string, input: string): Diagnostic {
  return errorDiagnostic('caffe/unknown-shape', 'the file does not state the shape of this input', {
    where: { kind: 'value', network, value: input },
    hint: `state it: --shape ${input}=1,3,224,224`,
  });
}

export function badInputShape(
  network: string,
  input: string,
  shape: readonly number[],
  reason: string,
): Diagnostic {
  return errorDiagnostic('caffe/bad-shape', `[${shape.join(', ')}] ${reason}`, {
    where: { kind: 'value', network, value: input },
  });
}

export function strayShape(network: string, input: string): Diagnostic {
  return errorDiagnostic('caffe/bad-shape', 'a shape is stated for it, but the network has no such input', {
    where: { kind: 'value', network, value: input },
  });
}

export function emptyNet(file: string): Diagnostic {
  return errorDiagnostic('caffe/no-layers', 'the file holds no layer that computes anything', {
    where: { kind: 'file', file },
  });
}

export function strangeWeights(file: string, layers: readonly string[]): Diagnostic {
  const found = layers.length === 0 ? 'no layers' : `the layers ${layers.slice(0, 5).join(', ')}`;
  return errorDiagnostic(
    'caffe/strange-weights',
    `the weights are for none of the network's layers: they hold ${found}`,
    {
      where: { kind: 'file', file },
      hint: 'layers are matched by name: give the caffemodel that was trained with this prototxt',
    },
  );
}

export function badBlob(place: LayerPlace, index: number, reason: string): Diagnostic {
  return errorDiagnostic('caffe/bad-blob', `blob ${index}: ${reason}`, at(place));
}

export function randomWeights(file: string, layers: number): Diagnostic {
  return warningDiagnostic(
    'caffe/random-weights',
    `${layers} layers have no weights in the files given: they are drawn at random (seeded), so values and accuracy mean nothing; shapes and cycles do`,
    { where: { kind: 'file', file }, hint: 'give the trained weights with --weights FILE.caffemodel' },
  );
}
