/**
 * The order of the layers, written once. A folder may import itself, the folders its row names, and npm packages; it is
 * imported by others through its index.ts alone. `docs/architecture.md` explains the picture; `layers.test.ts` enforces it.
 */

export interface Layer {
  readonly folder: string;
  readonly mayImport: readonly string[];
  readonly why: string;
}

const machine = ['base', 'models/machine'];
const prices = [...machine, 'models/activity', 'models/data'];
const compilerModels = ['base', 'models/machine', 'models/analytic', 'compiler/isa'];

export const layers: readonly Layer[] = [
  { folder: 'base', mayImport: [], why: 'base is the vocabulary of every layer; it knows none of them' },
  {
    folder: 'models/machine',
    mayImport: ['base'],
    why: 'a Machine is a statement of sizes, not of behaviour',
  },
  { folder: 'models/activity', mayImport: machine, why: 'an Activity counts events; it does not price them' },
  { folder: 'models/data', mayImport: ['base'], why: 'tables are numbers with sources, no code' },
  {
    folder: 'models/memory',
    mayImport: prices,
    why: 'prices depend on activity and data, never on a program',
  },
  {
    folder: 'models/area',
    mayImport: [...prices, 'models/memory'],
    why: 'prices depend on the machine and data alone',
  },
  {
    folder: 'models/energy',
    mayImport: [...prices, 'models/memory', 'models/area'],
    why: 'energy is activity times prices',
  },
  {
    folder: 'models/analytic',
    mayImport: [...machine, 'models/activity'],
    why: 'the scheduler asks it; it must not know schedules',
  },
  {
    folder: 'models/devices',
    mayImport: [...prices, 'models/memory', 'models/area', 'models/energy', 'models/analytic'],
    why: 'devices are models of other hardware',
  },
  {
    folder: 'models/host',
    mayImport: ['base', 'models/data'],
    why: 'a host is priced by counts; it knows no network',
  },
  { folder: 'compiler/graph', mayImport: ['base'], why: 'a network means something without any machine' },
  { folder: 'compiler/importers/wire', mayImport: ['base'], why: 'bytes only: no operator knowledge' },
  {
    folder: 'compiler/importers/onnx',
    mayImport: ['base', 'compiler/graph', 'compiler/importers/wire', 'compiler/passes'],
    why: 'foreign names end in importers',
  },
  {
    folder: 'compiler/importers/caffe',
    mayImport: ['base', 'compiler/graph', 'compiler/passes'],
    why: 'foreign names end in importers',
  },
  {
    folder: 'compiler/importers/scalesim',
    mayImport: ['base', 'compiler/graph'],
    why: 'foreign names end in importers',
  },
  {
    folder: 'compiler/importers/channels-last',
    mayImport: ['base', 'compiler/graph'],
    why: 'layouts end where networks are read',
  },
  {
    folder: 'compiler/importers/tflite',
    mayImport: [
      'base',
      'compiler/graph',
      'compiler/importers/wire',
      'compiler/importers/channels-last',
      'compiler/passes',
    ],
    why: 'foreign names end in importers',
  },
  {
    folder: 'compiler/importers/keras',
    mayImport: ['base', 'compiler/graph', 'compiler/importers/channels-last', 'compiler/passes'],
    why: 'foreign names end in importers',
  },
  {
    folder: 'compiler/importers/tensorflow',
    mayImport: [
      'base',
      'compiler/graph',
      'compiler/importers/wire',
      'compiler/importers/channels-last',
      'compiler/passes',
    ],
    why: 'foreign names end in importers',
  },
  {
    folder: 'compiler/importers/tfjs',
    mayImport: [
      'base',
      'compiler/graph',
      'compiler/importers/wire',
      'compiler/importers/keras',
      'compiler/importers/tensorflow',
    ],
    why: 'TF.js stores Keras models and TensorFlow graphs in a way of its own',
  },
  {
    folder: 'compiler/passes',
    mayImport: ['base', 'compiler/graph'],
    why: 'passes rewrite graphs and know no machine',
  },
  {
    folder: 'compiler/quantize',
    mayImport: ['base', 'compiler/graph', 'compiler/passes'],
    why: 'integers replace floats before any machine is chosen',
  },
  {
    folder: 'compiler/isa',
    mayImport: ['base', 'models/machine'],
    why: 'instructions are defined by the machine alone',
  },
  {
    folder: 'compiler/dataflow',
    mayImport: ['base', 'models/machine', 'compiler/isa'],
    why: 'the IR is independent of how schedules are found',
  },
  {
    folder: 'compiler/schedule',
    mayImport: [...compilerModels, 'compiler/graph', 'compiler/dataflow'],
    why: 'the scheduler meets graph and machine',
  },
  {
    folder: 'compiler/lower',
    mayImport: [...compilerModels, 'compiler/dataflow'],
    why: 'lowering sees the IR, not the network',
  },
  {
    folder: 'compiler/verilog',
    mayImport: ['base', 'models/machine', 'compiler/isa'],
    why: 'a circuit depends on the machine, never on a network',
  },
  {
    folder: 'compiler/pipeline',
    mayImport: [
      'base',
      'models/machine',
      ...[
        'graph',
        'importers/caffe',
        'importers/keras',
        'importers/onnx',
        'importers/tflite',
        'importers/tensorflow',
        'passes',
        'quantize',
        'dataflow',
        'schedule',
        'isa',
        'lower',
        'verilog',
      ].map((f) => `compiler/${f}`),
    ],
    why: 'the pipeline strings the phases together; no phase knows it',
  },
  {
    folder: 'simulator/engine',
    mayImport: ['base', 'models/machine', 'models/activity', 'compiler/isa'],
    why: 'an engine sees a Program, nothing above it',
  },
  {
    folder: 'simulator/timing',
    mayImport: [
      'base',
      'models/machine',
      'models/activity',
      'models/analytic',
      'compiler/isa',
      'simulator/engine',
    ],
    why: 'engines do not know one another',
  },
  {
    folder: 'simulator/array',
    mayImport: ['base', 'models/machine', 'models/activity', 'compiler/isa', 'simulator/engine'],
    why: 'engines do not know one another: law 2 would prove nothing',
  },
  {
    folder: 'simulator/rtl',
    mayImport: [
      'base',
      'models/machine',
      'models/activity',
      'compiler/isa',
      'compiler/verilog',
      'simulator/engine',
    ],
    why: 'the RTL engine knows the Verilog and the contract only',
  },
  {
    folder: 'simulator/trace',
    mayImport: ['base', 'models/machine', 'compiler/isa', 'simulator/engine'],
    why: 'traces are made from runs',
  },
  {
    folder: 'tools',
    mayImport: ['base', 'models', 'compiler', 'simulator', 'tools'],
    why: 'programs may use everything',
  },
];

/** Folders whose code must be pure: no files, clock, environment or unseeded randomness. */
export const pureFolders = ['base', 'models', 'compiler', 'simulator'];
