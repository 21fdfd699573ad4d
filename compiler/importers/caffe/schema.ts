/**
 * The messages of caffe.proto that an importer needs, as a protobufjs descriptor. Field names, numbers and defaults are those of the
 * published caffe.proto. Fields of training (fillers, learning rates, data sources) are listed as known and passed over;
 * a text file with any other name is refused, because a misspelt field would otherwise go unnoticed.
 */

import protobuf from 'protobufjs/light.js';

type Value = number | string | boolean;
type Row = readonly [id: number, type: string, rule?: 'repeated' | 'packed' | { readonly default: Value }];

interface Message {
  readonly fields: Readonly<Record<string, Row>>;
  /** Known names that say nothing about inference. */
  readonly ignored?: readonly string[];
}

const by = (value: Value) => ({ default: value });

/** Parameters of one kind of layer, the same in new and old layers. */
const parameters: Readonly<Record<string, Message>> = {
  ConvolutionParameter: {
    fields: {
      num_output: [1, 'uint32'],
      bias_term: [2, 'bool', by(true)],
      pad: [3, 'uint32', 'repeated'],
      kernel_size: [4, 'uint32', 'repeated'],
      group: [5, 'uint32', by(1)],
      stride: [6, 'uint32', 'repeated'],
      pad_h: [9, 'uint32', by(0)],
      pad_w: [10, 'uint32', by(0)],
      kernel_h: [11, 'uint32'],
      kernel_w: [12, 'uint32'],
      stride_h: [13, 'uint32'],
      stride_w: [14, 'uint32'],
      axis: [16, 'int32', by(1)],
      dilation: [18, 'uint32', 'repeated'],
    },
    ignored: ['weight_filler', 'bias_filler', 'engine', 'force_nd_im2col'],
  },
  PoolingParameter: {
    fields: {
      pool: [1, 'PoolMethod', by('MAX')],
      kernel_size: [2, 'uint32'],
      stride: [3, 'uint32', by(1)],
      pad: [4, 'uint32', by(0)],
      kernel_h: [5, 'uint32'],
      kernel_w: [6, 'uint32'],
      stride_h: [7, 'uint32'],
      stride_w: [8, 'uint32'],
      pad_h: [9, 'uint32', by(0)],
      pad_w: [10, 'uint32', by(0)],
      global_pooling: [12, 'bool', by(false)],
      round_mode: [13, 'RoundMode', by('CEIL')],
    },
    ignored: ['engine'],
  },
  InnerProductParameter: {
    fields: {
      num_output: [1, 'uint32'],
      bias_term: [2, 'bool', by(true)],
      axis: [5, 'int32', by(1)],
      transpose: [6, 'bool', by(false)],
    },
    ignored: ['weight_filler', 'bias_filler'],
  },
  LRNParameter: {
    fields: {
      local_size: [1, 'uint32', by(5)],
      alpha: [2, 'float', by(1)],
      beta: [3, 'float', by(0.75)],
      norm_region: [4, 'NormRegion', by('ACROSS_CHANNELS')],
      k: [5, 'float', by(1)],
    },
    ignored: ['engine'],
  },
  ReLUParameter: { fields: { negative_slope: [1, 'float', by(0)] }, ignored: ['engine'] },
  PReLUParameter: { fields: { channel_shared: [2, 'bool', by(false)] }, ignored: ['filler'] },
  ELUParameter: { fields: { alpha: [1, 'float', by(1)] } },
  ConcatParameter: { fields: { axis: [2, 'int32', by(1)], concat_dim: [1, 'uint32', by(1)] } },
  SliceParameter: {
    fields: {
      axis: [3, 'int32', by(1)],
      slice_point: [2, 'uint32', 'repeated'],
      slice_dim: [1, 'uint32', by(1)],
    },
  },
  EltwiseParameter: {
    fields: { operation: [1, 'EltwiseOp', by('SUM')], coeff: [2, 'float', 'repeated'] },
    ignored: ['stable_prod_grad'],
  },
  SoftmaxParameter: { fields: { axis: [2, 'int32', by(1)] }, ignored: ['engine'] },
  FlattenParameter: { fields: { axis: [1, 'int32', by(1)], end_axis: [2, 'int32', by(-1)] } },
  ReshapeParameter: {
    fields: { shape: [1, 'BlobShape'], axis: [2, 'int32', by(0)], num_axes: [3, 'int32', by(-1)] },
  },
  BatchNormParameter: {
    fields: { eps: [3, 'float', by(1e-5)] },
    ignored: ['use_global_stats', 'moving_average_fraction'],
  },
  ScaleParameter: {
    fields: { axis: [1, 'int32', by(1)], num_axes: [2, 'int32', by(1)], bias_term: [4, 'bool', by(false)] },
    ignored: ['filler', 'bias_filler'],
  },
  BiasParameter: {
    fields: { axis: [1, 'int32', by(1)], num_axes: [2, 'int32', by(1)] },
    ignored: ['filler'],
  },
  PowerParameter: {
    fields: { power: [1, 'float', by(1)], scale: [2, 'float', by(1)], shift: [3, 'float', by(0)] },
  },
  ExpParameter: {
    fields: { base: [1, 'float', by(-1)], scale: [2, 'float', by(1)], shift: [3, 'float', by(0)] },
  },
  LogParameter: {
    fields: { base: [1, 'float', by(-1)], scale: [2, 'float', by(1)], shift: [3, 'float', by(0)] },
  },
  InputParameter: { fields: { shape: [1, 'BlobShape', 'repeated'] } },
  CropParameter: { fields: { axis: [1, 'int32', by(2)], offset: [2, 'uint32', 'repeated'] } },
};

/** Parameter of a layer: its message, its number in LayerParameter and in the old V1LayerParameter (0: it did not exist). */
const layerParameters: Readonly<Record<string, readonly [type: string, id: number, old: number]>> = {
  concat_param: ['ConcatParameter', 104, 9],
  convolution_param: ['ConvolutionParameter', 106, 10],
  eltwise_param: ['EltwiseParameter', 110, 24],
  exp_param: ['ExpParameter', 111, 41],
  inner_product_param: ['InnerProductParameter', 117, 17],
  lrn_param: ['LRNParameter', 118, 18],
  pooling_param: ['PoolingParameter', 121, 19],
  power_param: ['PowerParameter', 122, 21],
  relu_param: ['ReLUParameter', 123, 30],
  softmax_param: ['SoftmaxParameter', 125, 39],
  slice_param: ['SliceParameter', 126, 31],
  prelu_param: ['PReLUParameter', 131, 0],
  reshape_param: ['ReshapeParameter', 133, 0],
  log_param: ['LogParameter', 134, 0],
  flatten_param: ['FlattenParameter', 135, 0],
  batch_norm_param: ['BatchNormParameter', 139, 0],
  elu_param: ['ELUParameter', 140, 0],
  bias_param: ['BiasParameter', 141, 0],
  scale_param: ['ScaleParameter', 142, 0],
  input_param: ['InputParameter', 143, 0],
  crop_param: ['CropParameter', 144, 0],
};

/** Parameters of layers that read data, train or are refused by their type. */
const otherParameters = [
  ...['accuracy', 'argmax', 'contrastive_loss', 'data', 'dropout', 'dummy_data', 'embed', 'clip'],
  ...['hdf5_data', 'hdf5_output', 'hinge_loss', 'image_data', 'infogain_loss', 'loss', 'memory_data', 'mvn'],
  ...[
    'parameter',
    'python',
    'recurrent',
    'reduction',
    'sigmoid',
    'spp',
    'swish',
    'tanh',
    'threshold',
    'tile',
  ],
  ...['transform', 'window_data'],
].map((name) => `${name}_param`);

function layerMessage(old: boolean): Message['fields'] {
  const rows = Object.entries(layerParameters).map(([name, [type, id, oldId]]): [string, Row] => [
    name,
    [old ? oldId : id, type],
  ]);
  return Object.fromEntries(rows.filter(([, [id]]) => id !== 0));
}

const messages: Readonly<Record<string, Message>> = {
  ...parameters,
  BlobShape: { fields: { dim: [1, 'int64', 'packed'] } },
  BlobProto: {
    fields: {
      num: [1, 'int32'],
      channels: [2, 'int32'],
      height: [3, 'int32'],
      width: [4, 'int32'],
      data: [5, 'float', 'packed'],
      shape: [7, 'BlobShape'],
      double_data: [8, 'double', 'packed'],
    },
    ignored: ['diff', 'double_diff'],
  },
  NetStateRule: {
    fields: { phase: [1, 'Phase', by('TRAIN')], stage: [4, 'string', 'repeated'] },
    ignored: ['min_level', 'max_level', 'not_stage'],
  },
  LayerParameter: {
    fields: {
      name: [1, 'string'],
      type: [2, 'string'],
      bottom: [3, 'string', 'repeated'],
      top: [4, 'string', 'repeated'],
      blobs: [7, 'BlobProto', 'repeated'],
      include: [8, 'NetStateRule', 'repeated'],
      exclude: [9, 'NetStateRule', 'repeated'],
      ...layerMessage(false),
    },
    ignored: ['param', 'loss_weight', 'phase', 'propagate_down', ...otherParameters],
  },
  V1LayerParameter: {
    fields: {
      bottom: [2, 'string', 'repeated'],
      top: [3, 'string', 'repeated'],
      name: [4, 'string'],
      type: [5, 'V1Type', by('NONE')],
      blobs: [6, 'BlobProto', 'repeated'],
      include: [32, 'NetStateRule', 'repeated'],
      exclude: [33, 'NetStateRule', 'repeated'],
      ...layerMessage(true),
    },
    ignored: ['param', 'blob_share_mode', 'blobs_lr', 'weight_decay', 'loss_weight', ...otherParameters],
  },
  NetParameter: {
    fields: {
      name: [1, 'string'],
      layers: [2, 'V1LayerParameter', 'repeated'],
      input: [3, 'string', 'repeated'],
      input_dim: [4, 'int32', 'repeated'],
      input_shape: [8, 'BlobShape', 'repeated'],
      layer: [100, 'LayerParameter', 'repeated'],
    },
    ignored: ['force_backward', 'state', 'debug_info'],
  },
};

/** Types of the old `layers` and the numbers that stand for them; the names of {@link currentType} are today's. */
const v1Types: Readonly<Record<string, number>> = {
  ...{ NONE: 0, ACCURACY: 1, BNLL: 2, CONCAT: 3, CONVOLUTION: 4, DATA: 5, DROPOUT: 6, EUCLIDEAN_LOSS: 7 },
  ...{ FLATTEN: 8, HDF5_DATA: 9, HDF5_OUTPUT: 10, IM2COL: 11, IMAGE_DATA: 12, INFOGAIN_LOSS: 13 },
  ...{ INNER_PRODUCT: 14, LRN: 15, MULTINOMIAL_LOGISTIC_LOSS: 16, POOLING: 17, RELU: 18, SIGMOID: 19 },
  ...{ SOFTMAX: 20, SOFTMAX_LOSS: 21, SPLIT: 22, TANH: 23, WINDOW_DATA: 24, ELTWISE: 25, POWER: 26 },
  ...{ SIGMOID_CROSS_ENTROPY_LOSS: 27, HINGE_LOSS: 28, MEMORY_DATA: 29, ARGMAX: 30, THRESHOLD: 31 },
  ...{ DUMMY_DATA: 32, SLICE: 33, MVN: 34, ABSVAL: 35, SILENCE: 36, CONTRASTIVE_LOSS: 37, EXP: 38 },
  ...{ DECONVOLUTION: 39 },
};

const irregular: Readonly<Record<string, string>> = {
  ...{ RELU: 'ReLU', LRN: 'LRN', MVN: 'MVN', BNLL: 'BNLL', TANH: 'TanH', ABSVAL: 'AbsVal', ARGMAX: 'ArgMax' },
  ...{ SOFTMAX_LOSS: 'SoftmaxWithLoss', HDF5_DATA: 'HDF5Data', HDF5_OUTPUT: 'HDF5Output', IM2COL: 'Im2col' },
};

/** `INNER_PRODUCT` as today's `InnerProduct`. */
export function currentType(old: string): string {
  const words = old.split('_').map((word) => word[0]! + word.slice(1).toLowerCase());
  return irregular[old] ?? words.join('');
}

const enums: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  Phase: { TRAIN: 0, TEST: 1 },
  PoolMethod: { MAX: 0, AVE: 1, STOCHASTIC: 2 },
  RoundMode: { CEIL: 0, FLOOR: 1 },
  NormRegion: { ACROSS_CHANNELS: 0, WITHIN_CHANNEL: 1 },
  EltwiseOp: { PROD: 0, SUM: 1, MAX: 2 },
  V1Type: v1Types,
};

function descriptor(): protobuf.INamespace {
  const nested: Record<string, protobuf.IType | protobuf.IEnum> = {};
  for (const [name, values] of Object.entries(enums)) nested[name] = { values: { ...values } };
  for (const [message, { fields, ignored = [] }] of Object.entries(messages)) {
    const members = Object.entries(fields).map(([name, row]) => [name, field(row)] as const);
    nested[message] = { edition: 'proto2', fields: Object.fromEntries(members), reserved: [...ignored] };
  }
  return { nested };
}

function field([id, type, rule]: Row): protobuf.IField {
  if (rule === 'repeated' || rule === 'packed')
    return { id, type, rule: 'repeated', options: { packed: rule === 'packed' } };
  return rule === undefined ? { id, type } : { id, type, options: { default: rule.default } };
}

const root = protobuf.Root.fromJSON(descriptor());

/** NetParameter, for reading files and for programs that write them (the tests do). */
export const netParameter: protobuf.Type = root.lookupType('NetParameter');
