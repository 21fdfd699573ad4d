/**
 * Tensors of a channels-last file while they become channels-first values. Each tensor of the file has up to two forms in the
 * graph: `last` (as the file has it) and `first` (rank 4, NCHW). A form that is missing is made when somebody reads it, so chains
 * of convolutions never transpose in between.
 */

import { DiagnosticError, elementCount, type Tensor, tensor } from '../../../base/index.js';
import {
  evaluateNode,
  GraphBuilder,
  type Node,
  type NodeOptions,
  type TensorType,
} from '../../graph/index.js';
import { redefinedValue, undefinedValue } from './diagnostics.js';

export type Form = 'first' | 'last';

/** A value of the graph and the layout that it has. */
export interface Shaped {
  readonly value: string;
  readonly form: Form;
}

/** Elements of the largest constant that folding makes. */
const LARGEST_FOLD = 2 ** 24;

type Forms = { first?: string; last?: string; readonly native?: Form };

/** Axis i of NCHW is axis toFirst[i] of NHWC. */
export const toFirst: readonly number[] = [0, 3, 1, 2];
/** Axis i of NHWC is axis toLast[i] of NCHW. */
export const toLast: readonly number[] = [0, 2, 3, 1];

export class ChannelsLastValues {
  private readonly forms = new Map<string, Forms>();
  private readonly shapes = new Map<string, TensorType>();
  /** A tensor that only reshapes another one. */
  private readonly reshapes = new Map<string, { readonly source: string; readonly origin: Node['origin'] }>();

  /** @param published names of the file's outputs: nothing else may take them. */
  constructor(
    readonly builder: GraphBuilder,
    readonly layer: string,
    private readonly published: ReadonlySet<string>,
  ) {}

  has(name: string): boolean {
    return this.shapes.has(name);
  }

  /** Records that `value` is the stated form of the file's tensor `name`. */
  bind(name: string, { value, form }: Shaped): void {
    const { element, shape } = this.builder.value(value).type;
    const lastShape = form === 'first' ? toLast.map((axis) => shape[axis]!) : shape;
    this.shapes.set(name, { element, shape: lastShape });
    this.forms.set(name, { native: form, [form]: value });
  }

  /** Records that `name` is `source` under another shape; its own value is made when somebody reads it. */
  bindReshape(name: string, source: string, shape: readonly number[], origin: Node['origin']): void {
    this.shapes.set(name, { element: this.type(source).element, shape });
    this.reshapes.set(name, { source, origin });
    this.forms.set(name, {});
  }

  /** Records that `name` is another name of `source`; the forms that either is given are those of both. */
  bindAlias(name: string, source: string): void {
    this.shapes.set(name, this.type(source));
    this.forms.set(name, this.forms.get(source)!);
    const reshape = this.reshapes.get(source);
    if (reshape !== undefined) this.reshapes.set(name, reshape);
  }

  /** Type in the file's layout. */
  type(name: string): TensorType {
    const type = this.shapes.get(name);
    if (type === undefined) throw undefinedValue(this.layer, this.builder.name, name);
    return type;
  }

  /** True when what computes the tensor makes its channels-first form. */
  isFirst(name: string): boolean {
    return this.forms.get(name)?.native === 'first';
  }

  /** The constant of a tensor, in the file's layout. */
  constant(name: string): Tensor | undefined {
    const forms = this.forms.get(name);
    if (forms?.last !== undefined) return this.builder.value(forms.last).constant;
    if (forms?.first === undefined || this.builder.value(forms.first).constant === undefined)
      return this.reshapedConstant(name);
    return this.builder.value(this.last(name)).constant;
  }

  private reshapedConstant(name: string): Tensor | undefined {
    const reshape = this.reshapes.get(name);
    const source = reshape && this.constant(reshape.source);
    return source && { ...source, shape: this.type(name).shape };
  }

  /** What a pure reshape reads, if that lies channels-first: [N, H, W, C] of a tensor whose rows are wanted in file order. */
  flattenedPicture(name: string): string | undefined {
    const reshape = this.reshapes.get(name);
    return reshape !== undefined && this.isFirst(reshape.source) ? reshape.source : undefined;
  }

  /** The value in the file's layout. */
  last(name: string): string {
    const type = this.type(name);
    const forms = this.forms.get(name)!;
    if (forms.last !== undefined) return forms.last;
    const reshape = this.reshapes.get(name);
    const value =
      forms.first !== undefined
        ? this.transposed(forms.first, toLast, type.shape, name)
        : this.node('Reshape', [this.inOrder(reshape!.source)], { shape: type.shape }, name, reshape!.origin);
    forms.last = value;
    return value;
  }

  /** A form of the tensor whose elements lie in the file's order; the channels-first one where that is the same. */
  private inOrder(name: string): string {
    const forms = this.forms.get(name)!;
    const { shape } = this.type(name);
    const same = forms.last === undefined && forms.first !== undefined && keepsOrder(shape);
    return same ? forms.first! : this.last(name);
  }

  /** The channels-first value of a tensor of rank 4. */
  first(name: string): string {
    const type = this.type(name);
    const { first } = this.forms.get(name)!;
    if (first !== undefined) return first;
    const shape = toFirst.map((axis) => type.shape[axis]!);
    const reshape = this.reshapes.get(name);
    const value =
      reshape !== undefined && keepsOrder(type.shape)
        ? this.node('Reshape', [this.inOrder(reshape.source)], { shape }, `${name}.nchw`, reshape.origin)
        : this.transposed(this.last(name), toFirst, shape, `${name}.nchw`);
    this.forms.get(name)!.first = value;
    return value;
  }

  private transposed(
    source: string,
    perm: readonly number[],
    shape: readonly number[],
    stem: string,
  ): string {
    const origin = { name: stem, operator: 'Transpose' };
    return keepsOrder(perm === toFirst ? toLast.map((axis) => shape[axis]!) : shape)
      ? this.node('Reshape', [source], { shape }, stem, origin)
      : this.node('Transpose', [source], { perm }, stem, origin);
  }

  /** Adds a node, folded when everything that it reads is constant; returns its result. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: NonNullable<NodeOptions['attributes']>,
    stem: string,
    origin: Node['origin'],
  ): string {
    const name = this.unused(stem);
    const constants = inputs.map((input) => this.builder.value(input).constant);
    const folds = constants.every(
      (constant) => constant !== undefined && constant.data.length <= LARGEST_FOLD,
    );
    if (!folds || operator === 'DequantizeLinear' || operator === 'QuantizeLinear')
      return this.builder.node(operator, inputs, { attributes, name, outputs: [name], origin });
    const folded = this.folded(operator, constants as Tensor[], attributes, { name, origin });
    return folded === undefined
      ? this.builder.node(operator, inputs, { attributes, name, outputs: [name], origin })
      : this.builder.constant(name, folded);
  }

  /** Adds a node of several results, which is not folded. */
  results(
    operator: string,
    inputs: readonly string[],
    attributes: NonNullable<NodeOptions['attributes']>,
    {
      stem,
      origin,
      count,
    }: { readonly stem: string; readonly origin: Node['origin']; readonly count: number },
  ): readonly string[] {
    const name = this.unused(stem);
    const outputs = [
      name,
      ...Array.from({ length: count - 1 }, (_, i) => this.unused(`${name}.result${i + 1}`)),
    ];
    this.builder.node(operator, inputs, { attributes, name, outputs, origin });
    return outputs;
  }

  /** The result of a node over constants; undefined where it would be too large to keep. */

  private folded(
    operator: string,
    constants: readonly Tensor[],
    attributes: NonNullable<NodeOptions['attributes']>,
    { name, origin }: Pick<Node, 'name' | 'origin'>,
  ): Tensor | undefined {
    const scratch = new GraphBuilder(this.builder.name);
    const inputs = constants.map((constant, i) => scratch.constant(`${i}`, constant));
    const output = scratch.node(operator, inputs, { attributes, name, outputs: [name], origin });
    const { type } = scratch.value(output);
    if (elementCount(type.shape) > LARGEST_FOLD) return undefined;
    const node = { name, operator, inputs, outputs: [output], attributes, origin };
    return evaluateNode(this.builder.name, node, constants, [type])[0]!;
  }

  /** Adds a constant under a name of its own. */
  constantValue(stem: string, constant: Tensor): string {
    return this.builder.constant(this.unused(stem), constant);
  }

  scalar(stem: string, value: number): string {
    return this.constantValue(stem, tensor('float32', [], Float32Array.of(value)));
  }

  /** `stem`, or a variation that neither the graph nor an output of the file has. */
  unused(stem: string): string {
    let name = stem;
    for (let i = 1; this.builder.has(name) || this.published.has(name); i++) name = `${stem}_${i}`;
    return this.builder.fresh(name) === name ? name : this.unused(this.builder.fresh(name));
  }

  /** Makes `value` a graph output called `name`. */
  publish(name: string, value: string): void {
    if (value === name) this.builder.output(name);
    else if (!this.builder.has(name)) {
      const node = this.unused(`${name}.output`);
      const origin = { name, operator: 'Identity' };
      this.builder.output(this.builder.node('Identity', [value], { name: node, outputs: [name], origin }));
    } else throw new DiagnosticError([redefinedValue(this.layer, this.builder.name, name)]);
  }
}

/** Whether [N, H, W, C] and its NCHW form have their elements in the same order. */
function keepsOrder(shape: readonly number[]): boolean {
  return shape.length === 4 && (shape[3] === 1 || elementCount(shape.slice(1, 3)) === 1);
}
