/** Resize and Upsample: the sizes and scales of every axis, from whichever inputs a version states them in. */

import type { MappingTable, OnnxCall } from '../call.js';

interface Target {
  readonly sizes: readonly number[];
  readonly scales: readonly number[];
}

/** Values for `axes` spread over all axes. */
function spread(call: OnnxCall, axes: readonly number[], values: readonly number[], fill: readonly number[]) {
  if (values.length !== axes.length) call.refuse(`${values.length} values for ${axes.length} axes`);
  const all = [...fill];
  axes.forEach((axis, i) => {
    if (!(axis >= 0 && axis < all.length)) call.refuse(`axis ${axis} is outside the input`);
    all[axis] = values[i]!;
  });
  return all;
}

function bySizes(call: OnnxCall, axes: readonly number[], sizes: readonly number[]): Target {
  const { shape } = call.type(0);
  const policy = call.attributes.string('keep_aspect_ratio_policy', 'stretch');
  if (policy === 'stretch') return { sizes: spread(call, axes, sizes, shape), scales: [] };
  const factors = axes.map((axis, i) => sizes[i]! / shape[axis]!);
  const factor = policy === 'not_larger' ? Math.min(...factors) : Math.max(...factors);
  const kept = axes.map((axis) => Math.round(factor * shape[axis]!));
  const ones = shape.map(() => 1);
  const scales = spread(
    call,
    axes,
    axes.map(() => factor),
    ones,
  );
  return { sizes: spread(call, axes, kept, shape), scales };
}

function byScales(call: OnnxCall, axes: readonly number[], scales: readonly number[]): Target {
  const { shape } = call.type(0);
  const all = spread(
    call,
    axes,
    scales,
    shape.map(() => 1),
  );
  return { sizes: shape.map((extent, axis) => Math.floor(extent * all[axis]!)), scales: all };
}

function floats(call: OnnxCall, index: number, role: string): readonly number[] {
  return Array.from(call.constant(index, role)?.data ?? [], Number);
}

function resize(call: OnnxCall): void {
  const { attributes } = call;
  const { shape } = call.type(0);
  const early = call.opset < 11;
  const axes = attributes.ints('axes')?.map((a) => (a < 0 ? a + shape.length : a)) ?? [...shape.keys()];
  const coordinateMode = attributes.string(
    'coordinate_transformation_mode',
    early ? 'asymmetric' : 'half_pixel',
  );
  const scales = floats(call, early ? 1 : 2, 'scales');
  const sizes = early ? [] : floats(call, 3, 'sizes');
  const target = sizes.length > 0 ? bySizes(call, axes, sizes) : byScales(call, axes, scales);
  if (sizes.length === 0) attributes.ignore('keep_aspect_ratio_policy');
  const roi = coordinateMode === 'tf_crop_and_resize' ? floats(call, 1, 'roi') : [];
  const half = roi.length / 2;
  const ends = shape.map(() => 1);
  call.emit('Resize', [call.input(0)], {
    ...target,
    mode: attributes.string('mode', 'nearest').replace('bilinear', 'linear'),
    coordinateMode,
    nearestMode: attributes.string('nearest_mode', early ? 'floor' : 'round_prefer_floor'),
    cubicA: attributes.float('cubic_coeff_a', -0.75),
    excludeOutside: attributes.flag('exclude_outside', false),
    antialias: attributes.flag('antialias', false),
    extrapolation: attributes.float('extrapolation_value', 0),
    roi:
      half === 0
        ? []
        : [
            ...spread(
              call,
              axes,
              roi.slice(0, half),
              shape.map(() => 0),
            ),
            ...spread(call, axes, roi.slice(half), ends),
          ],
  });
}

/** Scales were an attribute before operator set 9. */
function upsample(call: OnnxCall): void {
  const { attributes } = call;
  const scales = call.opset < 9 ? (attributes.floats('scales') ?? []) : floats(call, 1, 'scales');
  const { shape } = call.type(0);
  call.emit('Resize', [call.input(0)], {
    ...byScales(call, [...shape.keys()], scales),
    mode: attributes.string('mode', 'nearest').replace('bilinear', 'linear'),
    coordinateMode: 'asymmetric',
    nearestMode: 'floor',
  });
}

export const resizeMappings: MappingTable = { Resize: resize, Upsample: upsample };
