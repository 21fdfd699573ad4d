/** Strided slices: numpy's indexing with TensorFlow's masks. In: a value in the file's layout, indices. Out: the elements that they name. */

import type { Emitter } from './emitter.js';
import { axisIn, inForm } from './operators.js';
import type { Form, Shaped } from './values.js';

/** What becomes of the axes of the input, one entry an axis, and where the result has new ones. */
interface Indexing {
  readonly starts: number[];
  readonly ends: number[];
  readonly steps: number[];
  /** For each axis of the result: the axis of the input, or undefined for a new one. Axes picked by one index are left out. */
  readonly kept: (number | undefined)[];
}

/** What an operator states: one entry an index, and masks with a bit an entry. */
export interface StridedIndexing {
  readonly begin: readonly number[];
  readonly end: readonly number[];
  readonly strides: readonly number[];
  readonly masks: Readonly<Record<'begin' | 'end' | 'ellipsis' | 'newAxis' | 'shrinkAxis', number>>;
}

/** Reads the specification; entries of the ellipsis stand for all axes that no other entry names. */
function indexing(call: Emitter, spec: StridedIndexing, shape: readonly number[]): Indexing {
  const { begin, end, strides: stride, masks } = spec;
  const mask = (bits: number) => (i: number) => ((bits >> i) & 1) === 1;
  const [isEllipsis, isNew, isPicked] = [mask(masks.ellipsis), mask(masks.newAxis), mask(masks.shrinkAxis)];
  const [fromStart, toEnd] = [mask(masks.begin), mask(masks.end)];
  const found: Indexing = { starts: [], ends: [], steps: [], kept: [] };
  const whole = (): void => {
    found.kept.push(found.starts.length);
    found.ends.push(shape[found.starts.length]!);
    found.starts.push(0);
    found.steps.push(1);
  };
  const named = begin.filter((_, i) => !isEllipsis(i) && !isNew(i)).length;
  if (named > shape.length) call.refuse(`${named} indices for a tensor of rank ${shape.length}`);
  begin.forEach((from, i) => {
    if (isEllipsis(i)) for (let n = shape.length - named; n > 0; n--) whole();
    else if (isNew(i)) found.kept.push(undefined);
    else if (isPicked(i)) pickOne(call, found, shape[found.starts.length]!, from);
    else {
      const [step, extent] = [stride[i]!, shape[found.starts.length]!];
      found.kept.push(found.starts.length);
      // Backwards from before the first element there is nothing; the graph's Slice would begin at the first.
      if (step < 0 && !fromStart(i) && from < -extent) {
        found.starts.push(0);
        found.ends.push(0);
        found.steps.push(1);
        return;
      }
      found.starts.push(fromStart(i) ? (step > 0 ? 0 : extent - 1) : from);
      // Before the first element: one step below -extent, which is not an index from the end.
      found.ends.push(toEnd(i) ? (step > 0 ? extent : -extent - 1) : end[i]!);
      found.steps.push(step);
    }
  });
  while (found.starts.length < shape.length) whole();
  return found;
}

function pickOne(call: Emitter, found: Indexing, extent: number, index: number): void {
  const at = index < 0 ? index + extent : index;
  if (!(at >= 0 && at < extent)) call.refuse(`index ${index} is outside an axis of extent ${extent}`);
  found.starts.push(at);
  found.ends.push(at + 1);
  found.steps.push(1);
}

/** The elements of `x` that the indices name. */
export function stridedSlice(emitter: Emitter, x: string, spec: StridedIndexing): Shaped {
  const { shape } = emitter.values.type(x);
  const { starts, ends, steps, kept } = indexing(emitter, spec, shape);
  const whole = kept.length === shape.length && kept.every((axis, i) => axis === i);
  const form: Form = whole && emitter.values.isFirst(x) ? 'first' : 'last';
  const axes = shape.map((_, axis) => axisIn(form, axis));
  const cut =
    shape.length === 0
      ? emitter.values.last(x)
      : emitter.op('Slice', [inForm(emitter, x, form)], { starts, ends, steps, axes });
  if (whole) return { value: cut, form };
  const extents = emitter.values.builder.value(cut).type.shape;
  const result = kept.map((axis) => (axis === undefined ? 1 : extents[axis]!));
  return { value: emitter.op('Reshape', [cut], { shape: result }), form: 'last' };
}
