/** A network's format, found from its content, and its importer. In: the bytes of a file. Out: the graph, and what to tell the user. */

import { DiagnosticError, errorDiagnostic, type Result } from '../../base/index.js';
import type { Graph } from '../../compiler/graph/index.js';
import { looksLikeCaffemodel, looksLikePrototxt, readCaffe } from '../../compiler/importers/caffe/index.js';
import {
  importKerasArchive,
  importKerasH5,
  importKerasJson,
  looksLikeHdf5,
  looksLikeKerasArchive,
  looksLikeKerasJson,
} from '../../compiler/importers/keras/index.js';
import { looksLikeOnnx, readOnnx } from '../../compiler/importers/onnx/index.js';
import { importTopology, looksLikeTopology, topologyRange } from '../../compiler/importers/scalesim/index.js';
import {
  importGraphDef,
  importSavedModel,
  looksLikeGraphDef,
  looksLikeSavedModel,
} from '../../compiler/importers/tensorflow/index.js';
import { importTfjs, looksLikeTfjs } from '../../compiler/importers/tfjs/index.js';
import { importTflite, looksLikeTflite } from '../../compiler/importers/tflite/index.js';

export interface NetworkFiles {
  readonly bytes: Uint8Array;
  /** What diagnostics call the network. */
  readonly name: string;
  /** Trained weights in a file of their own. */
  readonly weights?: Uint8Array;
  /** Bytes of a file beside the main one, by its path from there. */
  readonly beside?: (name: string) => Uint8Array | undefined;
  /** Signature of a SavedModel. */
  readonly signature?: string;
}

export interface Imported {
  readonly graph: Graph;
  readonly format: string;
  /** Warnings of the importer. */
  readonly notes: readonly string[];
  /** What every value is taken to span, of a format that holds shapes only. */
  readonly range?: { readonly min: number; readonly max: number };
}

type Shapes = Readonly<Record<string, readonly number[]>>;

interface Format {
  readonly name: string;
  readonly matches: (bytes: Uint8Array) => boolean;
  readonly read: (files: NetworkFiles, shapes: Shapes) => Result<Graph>;
  readonly takesWeights?: boolean;
  readonly takesSignature?: boolean;
  /** See {@link Imported}. */
  readonly range?: { readonly min: number; readonly max: number };
}

/** The first that matches is the one: stricter tests come first. */
const formats: readonly Format[] = [
  {
    name: 'TFLite',
    matches: looksLikeTflite,
    read: ({ bytes, name }, shapes) => importTflite(bytes, { name, shapes }),
  },
  {
    name: 'Keras',
    matches: looksLikeHdf5,
    read: ({ bytes, name }, shapes) => importKerasH5(bytes, { name, shapes }),
  },
  {
    name: 'Keras',
    matches: looksLikeKerasArchive,
    read: ({ bytes, name }, shapes) => importKerasArchive(bytes, { name, shapes }),
  },
  {
    name: 'Keras',
    matches: looksLikeKerasJson,
    read: ({ bytes, name, weights }, shapes) => importKerasJson(bytes, weights, { name, shapes }),
    takesWeights: true,
  },
  {
    name: 'TensorFlow SavedModel',
    matches: looksLikeSavedModel,
    read: ({ bytes, name, beside, signature }, shapes) =>
      importSavedModel((file) => (file === 'saved_model.pb' ? bytes : beside?.(file)), {
        ...{ name, shapes, ...(signature !== undefined && { signature }) },
      }),
    takesSignature: true,
  },
  {
    name: 'TensorFlow GraphDef',
    matches: looksLikeGraphDef,
    read: ({ bytes, name }, shapes) => importGraphDef(bytes, { name, shapes }),
  },
  {
    name: 'TF.js',
    matches: looksLikeTfjs,
    read: ({ bytes, name, beside }, shapes) => importTfjs(bytes, (file) => beside?.(file), { name, shapes }),
  },
  {
    name: 'ONNX',
    matches: looksLikeOnnx,
    read: ({ bytes, name, beside }, shapes) => readOnnx(bytes, { name, shapes, ...(beside && { beside }) }),
  },
  {
    name: 'SCALE-Sim topology',
    matches: looksLikeTopology,
    read: ({ bytes, name }, shapes) => importTopology(bytes, { name, shapes }),
    range: topologyRange,
  },
  {
    name: 'Caffe',
    matches: looksLikePrototxt,
    read: ({ bytes, name, weights }, shapes) =>
      readCaffe(
        { prototxt: new TextDecoder().decode(bytes), ...(weights && { caffemodel: weights }) },
        { name, shapes },
      ),
    takesWeights: true,
  },
  {
    name: 'Caffe',
    matches: looksLikeCaffemodel,
    read: ({ bytes, name }, shapes) => readCaffe({ caffemodel: bytes }, { name, shapes }),
  },
];

/** @throws DiagnosticError when no importer knows the file, or the one that does refuses it. */
export function importFile(files: NetworkFiles, shapes: Shapes): Imported {
  const format = formats.find(({ matches }) => matches(files.bytes));
  if (format === undefined) throw new DiagnosticError([unknownFormat(files)]);
  if (files.weights && !format.takesWeights)
    throw new DiagnosticError([strayWeights(files.name, format.name)]);
  if (files.signature !== undefined && !format.takesSignature)
    throw new DiagnosticError([straySignature(files.name, format.name)]);
  const result = format.read(files, shapes);
  if (!result.ok) throw new DiagnosticError(result.diagnostics);
  return {
    graph: result.value,
    format: format.name,
    notes: result.diagnostics.map(({ message }) => message),
    ...(format.range && { range: format.range }),
  };
}

function unknownFormat({ bytes, name }: NetworkFiles) {
  const begin = [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const seen = bytes.length === 0 ? 'the file is empty' : `it begins with the bytes ${begin}`;
  const known = [...new Set(formats.map((format) => format.name))].join(', ');
  return errorDiagnostic('network/format', `the file is of no format that is read (${known}): ${seen}`, {
    where: { kind: 'file', file: name },
    hint: 'PyTorch: torch.onnx.export(model, example, "net.onnx"); Keras: model.save("net.h5"); TensorFlow: the folder of a SavedModel, a frozen graph or a .tflite; TF.js: model.json; Caffe: a .prototxt with --weights FILE.caffemodel',
  });
}

function strayWeights(name: string, format: string) {
  return errorDiagnostic('network/stray-weights', `${format} files hold their own weights`, {
    where: { kind: 'option', option: '--weights' },
    hint: `leave --weights out for ${name}`,
  });
}

function straySignature(name: string, format: string) {
  return errorDiagnostic('network/stray-signature', `${format} files have no signatures`, {
    where: { kind: 'option', option: '--signature' },
    hint: `leave --signature out for ${name}`,
  });
}
