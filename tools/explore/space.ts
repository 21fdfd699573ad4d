/**
 * A design space. In: its text (YAML or JSON) and the networks' names. Out: a checked {@link Space}: parameters with their values,
 * expressions that are parsed and typed, or located diagnostics of everything that is wrong.
 */

import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type Diagnostic, fail, type Result, spanOf, succeed } from '../../base/index.js';
import { checkMachine, type Machine, machinePresets, parseMachine } from '../../models/machine/index.js';
import { emptyParameter, spaceField, spaceSyntax, spaceValue, unknownName } from './diagnostics.js';
import { type Expression, type Names, parseExpression, type ScalarType } from './expression.js';
import { fieldNames, machineFields, withFields } from './fields.js';
import { fpgaParts } from './fpga-parts.js';
import { Locator } from './locate.js';
import { type MetricName, metricNames, metrics, type Objective, objectiveNames } from './objectives.js';
import { type SpaceText, spaceSchema, valuesOf } from './space-schema.js';

export type FieldValue = number | string | boolean | readonly unknown[];

export interface Parameter {
  /** Field of a Machine, `array.rows`. */
  readonly path: string;
  readonly values: readonly FieldValue[];
}

export interface Space {
  readonly name: string;
  /** As it was read. */
  readonly text: string;
  readonly base: Machine;
  readonly parameters: readonly Parameter[];
  /** In an order in which each needs only those before it. */
  readonly derived: readonly { readonly path: string; readonly expression: Expression }[];
  readonly constraints: readonly Expression[];
  readonly objectives: readonly Objective[];
  readonly limits: readonly Expression[];
  readonly weights: Readonly<Record<string, number>>;
  /** Combinations of values, legal or not: the points are numbered from 0 to `size` - 1. */
  readonly size: number;
}

/** @param networks names of the networks, for objectives and weights. */
export function parseSpace(text: string, file: string, networks: readonly string[]): Result<Space> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    return fail(
      ...document.errors.map(({ message, pos }) =>
        spaceSyntax(message, { kind: 'text', file, source: text, span: spanOf(text, pos[0], pos[1]) }),
      ),
    );
  }
  const locator = new Locator(document, text, file);
  const parsed = spaceSchema.safeParse(document.toJS({ maxAliasCount: 100 }) ?? {});
  if (!parsed.success) return fail(...parsed.error.issues.flatMap((issue) => schemaFaults(issue, locator)));
  return new Reader(parsed.data, text, locator, networks).read();
}

function schemaFaults(issue: z.core.$ZodIssue, locator: Locator): Diagnostic[] {
  const path = issue.path as (string | number)[];
  const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
  const message = issue.code === 'unrecognized_keys' ? 'there is no such field' : issue.message;
  return paths.map((at) => spaceField(at.join('.') || 'space', message, locator.place(at)));
}

class Reader {
  private readonly faults: Diagnostic[] = [];

  constructor(
    private readonly space: SpaceText,
    private readonly text: string,
    private readonly locator: Locator,
    private readonly networks: readonly string[],
  ) {}

  read(): Result<Space> {
    const base = this.base();
    if (base === undefined) return fail(...this.faults);
    const parameters = this.parameters(base);
    const names = machineFields(base);
    const derived = this.derived(base, names);
    const constraints = this.expressions('constraints', names);
    const measured = objectiveNames(this.networks);
    const limits = [...this.expressions('limits', measured), ...this.partLimits(base, measured)];
    const objectives = this.objectives(measured);
    this.checkWeights();
    if (this.faults.length > 0) return fail(...this.faults);
    const { name, weights } = this.space;
    const size = parameters.reduce((product, { values }) => product * values.length, 1);
    const { text } = this;
    return succeed({
      name,
      text,
      base,
      parameters,
      derived,
      constraints,
      objectives,
      limits,
      weights,
      size,
    });
  }

  private base(): Machine | undefined {
    const { machine } = this.space;
    const place = this.locator.place(['machine']);
    if (typeof machine === 'string') {
      const preset = machinePresets.get(machine);
      if (preset === undefined) this.faults.push(unknownName(machine, [...machinePresets.keys()], place));
      return preset;
    }
    const result =
      typeof machine.preset === 'string'
        ? parseMachine(JSON.stringify(machine), 'machine')
        : checkMachine({ name: this.space.name, ...machine });
    if (result.ok) return result.value;
    this.faults.push(...result.diagnostics.map((d) => spaceField('machine', d.message, place, d.hint)));
    return undefined;
  }

  private parameters(base: Machine): Parameter[] {
    return Object.entries(this.space.parameters).map(([path, set]) => {
      const values = valuesOf(set);
      const at = ['parameters', path];
      if (values.length === 0) this.faults.push(emptyParameter(path, this.locator.place(at)));
      for (const [index, value] of values.entries())
        this.checkField(base, path, value, Array.isArray(set) ? [...at, index] : at);
      return { path, values };
    });
  }

  /** Whether the machine has such a field, and the field such a value; rules between fields are each point's own. */
  private checkField(base: Machine, path: string, value: unknown, at: readonly (string | number)[]): void {
    const result = checkMachine(withFields(base, [[path, value]]));
    if (result.ok) return;
    const wrong = result.diagnostics.find(({ code }) => code === 'machine/field');
    if (wrong === undefined) return;
    const known = [...machineFields(base).keys()];
    const place = this.locator.place(at);
    this.faults.push(
      fieldNames(base).has(path) ? spaceValue(value, wrong.message, place) : unknownName(path, known, place),
    );
  }

  private derived(base: Machine, names: Names): Space['derived'] {
    const paths = Object.keys(this.space.derived);
    return paths.flatMap((path, index) => {
      const at = ['derived', path];
      const text = String(this.space.derived[path]);
      if (!fieldNames(base).has(path)) {
        this.faults.push(unknownName(path, [...names.keys()], this.locator.place(at)));
        return [];
      }
      if (Object.hasOwn(this.space.parameters, path))
        this.faults.push(spaceField(path, 'is a parameter already', this.locator.place(at)));
      const result = parseExpression(text, names, this.locator.inScalar(at));
      if (!result.ok) {
        this.faults.push(...result.diagnostics);
        return [];
      }
      const later = result.value.names.find((name) => paths.indexOf(name) >= index);
      if (later !== undefined)
        this.faults.push(spaceField(path, `${later} is derived later`, this.locator.place(at)));
      return [{ path, expression: result.value }];
    });
  }

  private expressions(list: 'constraints' | 'limits', names: Names): Expression[] {
    return this.space[list].flatMap((text, index) => {
      const found = this.expression(text, names, [list, index], 'boolean');
      return found === undefined ? [] : [found];
    });
  }

  private expression(
    text: string,
    names: Names,
    at: readonly (string | number)[],
    type: ScalarType,
  ): Expression | undefined {
    const result = parseExpression(text, names, this.locator.inScalar(at));
    if (!result.ok) {
      this.faults.push(...result.diagnostics);
      return undefined;
    }
    if (result.value.type === type) return result.value;
    const needed = type === 'boolean' ? 'a comparison' : 'a number';
    this.faults.push(
      spaceField(at.join('.'), `${needed} is needed, this is a ${result.value.type}`, this.locator.place(at)),
    );
    return undefined;
  }

  private partLimits(base: Machine, names: Names): Expression[] {
    const { fits } = this.space;
    if (fits === undefined) return [];
    const part = fpgaParts.find(({ name }) => name === fits);
    const place = this.locator.place(['fits']);
    if (part === undefined) {
      this.faults.push(
        unknownName(
          fits,
          fpgaParts.map(({ name }) => name),
          place,
        ),
      );
      return [];
    }
    if (base.target.kind !== 'fpga' || base.target.family !== part.family)
      this.faults.push(
        spaceField('fits', `${fits} is an ${part.family}; the machine's target is not`, place),
      );
    const counts = ['luts', 'flipFlops', 'dsps', 'blockRams'] as const;
    return counts.flatMap((count) => {
      const found = this.expression(`${count} <= ${part[count]}`, names, ['fits'], 'boolean');
      return found === undefined ? [] : [found];
    });
  }

  private objectives(names: Names): Objective[] {
    return this.space.objectives.flatMap((objective, index): Objective[] => {
      if (typeof objective === 'string') {
        const expression = this.expression(objective, names, ['objectives', index], 'number');
        if (expression === undefined) return [];
        const metric = metrics[objective.split('.')[0] as MetricName] as
          | (typeof metrics)[MetricName]
          | undefined;
        if (metric === undefined || !metricNames.includes(objective.split('.')[0] as MetricName)) {
          const place = this.locator.place(['objectives', index]);
          this.faults.push(
            spaceField(
              'objectives',
              'an expression needs a name and a goal: {name, expression, goal}',
              place,
            ),
          );
          return [];
        }
        return [{ name: objective, goal: metric.goal, unit: metric.unit, expression }];
      }
      const at = ['objectives', index, 'expression'];
      const expression = this.expression(objective.expression, names, at, 'number');
      return expression === undefined
        ? []
        : [{ name: objective.name, goal: objective.goal, unit: '', expression }];
    });
  }

  private checkWeights(): void {
    for (const network of Object.keys(this.space.weights)) {
      if (!this.networks.includes(network))
        this.faults.push(unknownName(network, this.networks, this.locator.place(['weights', network])));
    }
    if (this.networks.length > 0 && this.networks.every((name) => this.space.weights[name] === 0))
      this.faults.push(
        spaceField('weights', 'one of the networks needs a weight above 0', this.locator.place(['weights'])),
      );
  }
}

/** Weights of networks, in their order. */
export function weightsOf(space: Space, networks: readonly string[]): readonly number[] {
  return networks.map((name) => space.weights[name] ?? 1);
}
