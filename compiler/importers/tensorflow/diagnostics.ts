/** The user errors of the TensorFlow importers, each made by one factory. */

import { type Diagnostic, DiagnosticError, errorDiagnostic } from '../../../base/index.js';
import { type NodePlace, unsupportedNode } from '../channels-last/index.js';
import type { TensorflowNode } from '../wire/index.js';

export function unknownInput(network: string, value: string, known: readonly string[]): DiagnosticError {
  return new DiagnosticError([
    errorDiagnostic(
      'tensorflow/unknown-input',
      'a shape is stated for it, but it is no input of the network',
      {
        where: { kind: 'value', network, value },
        hint: `inputs: ${known.join(', ')}`,
      },
    ),
  ]);
}

/** Branches and loops that only the data decides. */
export function computedControl(place: NodePlace): Diagnostic {
  return errorDiagnostic(
    'tensorflow/computed-control',
    `${place.operator} depends on a condition that is computed; only conditions that the file states as constants are followed`,
    {
      where: { kind: 'node', ...place },
      hint: 'freeze the graph for inference: conditions on training, such as keras_learning_phase, become constants then',
    },
  );
}

/** A tensor that the file promises as an output and that no node computes. */
export function missingOutput(network: string, value: string, source: string): DiagnosticError {
  return new DiagnosticError([
    errorDiagnostic('tensorflow/missing-output', `no node computes "${source}", which is this output`, {
      where: { kind: 'value', network, value },
    }),
  ]);
}

export function badCall(network: string, node: TensorflowNode, reason: string): DiagnosticError {
  return unsupportedNode('tensorflow', { network, node: node.name, operator: node.op }, reason);
}

export function unknownFunction(network: string, node: TensorflowNode, name: string): DiagnosticError {
  return new DiagnosticError([
    errorDiagnostic('tensorflow/unknown-function', `it calls "${name}", which the file does not define`, {
      where: { kind: 'node', network, node: node.name, operator: node.op },
    }),
  ]);
}

export function cyclicCall(network: string, node: TensorflowNode, path: readonly string[]): DiagnosticError {
  return new DiagnosticError([
    errorDiagnostic('tensorflow/cyclic-call', `functions call each other in a circle: ${path.join(' -> ')}`, {
      where: { kind: 'node', network, node: node.name, operator: node.op },
    }),
  ]);
}

export function brokenSavedModel(file: string, reason: string): Diagnostic {
  return errorDiagnostic('tensorflow/broken-saved-model', `this is not a readable SavedModel: ${reason}`, {
    where: { kind: 'file', file },
    hint: 'give the folder that holds saved_model.pb and variables/; save it again with model.export or tf.saved_model.save',
  });
}

export function brokenCheckpoint(file: string, reason: string, byteOffset?: number): DiagnosticError {
  return new DiagnosticError([
    errorDiagnostic('tensorflow/broken-checkpoint', `the variables cannot be read: ${reason}`, {
      where: { kind: 'file', file, ...(byteOffset !== undefined && { byteOffset }) },
      hint: 'a SavedModel keeps its variables in variables/variables.index and variables/variables.data-*',
    }),
  ]);
}

export function missingVariable(network: string, value: string, file: string): DiagnosticError {
  return new DiagnosticError([
    errorDiagnostic(
      'tensorflow/missing-variable',
      `the checkpoint has no value for this variable (${file})`,
      {
        where: { kind: 'value', network, value },
      },
    ),
  ]);
}

export function chooseSignature(
  file: string,
  wanted: string | undefined,
  names: readonly string[],
): Diagnostic {
  const message =
    wanted === undefined
      ? `it has ${names.length === 0 ? 'no signature' : 'several signatures and no serving_default'}`
      : `it has no signature "${wanted}"`;
  return errorDiagnostic('tensorflow/signature', message, {
    where: { kind: 'file', file },
    hint: names.length === 0 ? 'save it with signatures' : `choose one with --signature: ${names.join(', ')}`,
  });
}

export function emptySignature(file: string, name: string): Diagnostic {
  return errorDiagnostic('tensorflow/signature', `the signature "${name}" has no outputs`, {
    where: { kind: 'file', file },
  });
}
