/** The user errors of the graph layer, each made by one factory. */

import { type Diagnostic, errorDiagnostic, type Place } from '../../base/index.js';
import type { Node } from './types.js';

/** The place of a node, named as the user's file named it. */
export function placeOfNode(network: string, node: Node): Place {
  return { kind: 'node', network, node: node.origin.name, operator: node.origin.operator };
}

export function unknownOperator(network: string, node: Node): Diagnostic {
  return errorDiagnostic('graph/unknown-operator', `operator ${node.operator} is not in the operator table`, {
    where: placeOfNode(network, node),
  });
}

export function badAttribute(network: string, node: Node, fault: string): Diagnostic {
  return errorDiagnostic('graph/bad-attribute', `${node.operator}: ${fault}`, {
    where: placeOfNode(network, node),
  });
}

export function badArity(network: string, node: Node, expected: string): Diagnostic {
  return errorDiagnostic('graph/bad-arity', `${node.operator} ${expected}`, {
    where: placeOfNode(network, node),
  });
}

export function badInputs(network: string, node: Node, reason: string): Diagnostic {
  return errorDiagnostic('graph/bad-inputs', `${node.operator}: ${reason}`, {
    where: placeOfNode(network, node),
  });
}

export function undefinedValue(network: string, node: Node, value: string): Diagnostic {
  return errorDiagnostic(
    'graph/undefined-value',
    `input "${value}" is not defined by an earlier node, an input or a constant`,
    { where: placeOfNode(network, node) },
  );
}

export function redefinedValue(network: string, node: Node, value: string): Diagnostic {
  return errorDiagnostic('graph/redefined-value', `"${value}" is defined twice`, {
    where: placeOfNode(network, node),
  });
}

export function duplicateNode(network: string, node: Node): Diagnostic {
  return errorDiagnostic('graph/duplicate-node', `two nodes are called "${node.name}"`, {
    where: placeOfNode(network, node),
  });
}

export function typeMismatch(network: string, value: string, stated: string, inferred: string): Diagnostic {
  return errorDiagnostic('graph/type-mismatch', `stated as ${stated}, but the operator gives ${inferred}`, {
    where: { kind: 'value', network, value },
  });
}

export function badConstant(network: string, value: string, reason: string): Diagnostic {
  return errorDiagnostic('graph/bad-constant', reason, { where: { kind: 'value', network, value } });
}

export function missingValue(network: string, value: string, role: string): Diagnostic {
  return errorDiagnostic('graph/missing-value', `the graph's ${role} "${value}" is not among its values`, {
    where: { kind: 'value', network, value },
  });
}

export function badFeed(network: string, value: string, reason: string): Diagnostic {
  return errorDiagnostic('graph/bad-feed', reason, { where: { kind: 'value', network, value } });
}
