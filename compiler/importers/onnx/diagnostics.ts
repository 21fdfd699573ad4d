/** The user errors of the ONNX importer, each made by one factory. */

import { type Diagnostic, errorDiagnostic, type Place, warningDiagnostic } from '../../../base/index.js';

/** Where a node is: the name that the file (or, for a nameless node, its position) gives it. */
export interface NodePlace {
  readonly network: string;
  readonly node: string;
  readonly operator: string;
}

function at(place: NodePlace): { readonly where: Place } {
  return { where: { kind: 'node', ...place } };
}

function value(network: string, name: string): { readonly where: Place } {
  return { where: { kind: 'value', network, value: name } };
}

export function noGraph(file: string): Diagnostic {
  return errorDiagnostic('onnx/no-graph', 'the model holds no graph', { where: { kind: 'file', file } });
}

export function noOutputs(file: string): Diagnostic {
  return errorDiagnostic('onnx/no-outputs', 'the graph has no outputs', { where: { kind: 'file', file } });
}

export function unsupportedOpset(file: string, version: number): Diagnostic {
  return errorDiagnostic(
    'onnx/unsupported-opset',
    `operator set ${version} is older than 6, the oldest supported`,
    {
      where: { kind: 'file', file },
      hint: 'convert the model with onnx.version_converter',
    },
  );
}

export function unmappedOperator(place: NodePlace, domain: string): Diagnostic {
  const name = domain === '' ? place.operator : `${domain}.${place.operator}`;
  return errorDiagnostic('onnx/unmapped-operator', `operator ${name} is not supported`, {
    ...at(place),
    hint: '`systole list operators` prints the supported ones',
  });
}

export function unsupportedAttribute(place: NodePlace, attribute: string, reason: string): Diagnostic {
  return errorDiagnostic('onnx/unsupported-attribute', `attribute "${attribute}" ${reason}`, at(place));
}

export function unsupportedNode(place: NodePlace, reason: string): Diagnostic {
  return errorDiagnostic('onnx/unsupported-node', `${place.operator}: ${reason}`, at(place));
}

export function dynamicInput(place: NodePlace, role: string): Diagnostic {
  return errorDiagnostic(
    'onnx/dynamic-input',
    `the input "${role}" is computed at run time; it must be constant`,
    {
      ...at(place),
      hint: 'export with fixed shapes, or fold constants with onnxsim first',
    },
  );
}

export function undefinedInput(place: NodePlace, name: string): Diagnostic {
  return errorDiagnostic(
    'onnx/undefined-input',
    `input "${name}" is no graph input, no initializer and no output of any node`,
    at(place),
  );
}

export function cyclicGraph(network: string, cycle: readonly NodePlace[]): Diagnostic {
  const path = cycle.map((place) => `"${place.node}"`).join(' -> ');
  return errorDiagnostic('onnx/cyclic-graph', `nodes depend on themselves: ${path}`, {
    where: { kind: 'node', ...cycle[0]!, network },
  });
}

export function redefinedValue(network: string, name: string): Diagnostic {
  return errorDiagnostic(
    'onnx/redefined-value',
    'the tensor is defined more than once',
    value(network, name),
  );
}

export function badTensor(network: string, name: string, reason: string): Diagnostic {
  return errorDiagnostic('onnx/bad-tensor', reason, value(network, name));
}

export function unsupportedInput(network: string, name: string, reason: string): Diagnostic {
  return errorDiagnostic('onnx/unsupported-input', reason, value(network, name));
}

export function unknownExtent(network: string, name: string, axis: number, symbol: string): Diagnostic {
  const what = symbol === '' ? 'unknown' : `the symbol "${symbol}"`;
  return errorDiagnostic('onnx/unknown-extent', `the extent of axis ${axis} is ${what}`, {
    ...value(network, name),
    hint: `state the shape: --shape ${name}=...${symbol === '' ? '' : `, or the symbol: --shape ${symbol}=...`}`,
  });
}

export function badShape(
  network: string,
  name: string,
  shape: readonly number[],
  reason: string,
): Diagnostic {
  return errorDiagnostic('onnx/bad-shape', `[${shape.join(', ')}] ${reason}`, value(network, name));
}

export function undefinedOutput(network: string, name: string): Diagnostic {
  return errorDiagnostic('onnx/undefined-output', 'no node computes this graph output', value(network, name));
}

export function typeMismatch(network: string, name: string, stated: string, found: string): Diagnostic {
  return errorDiagnostic(
    'onnx/type-mismatch',
    `the file states ${stated}, the operators give ${found}`,
    value(network, name),
  );
}

export function shapeMismatch(network: string, name: string, stated: string, found: string): Diagnostic {
  return warningDiagnostic(
    'onnx/shape-mismatch',
    `the file states ${stated}, the operators give ${found}`,
    value(network, name),
  );
}
