/**
 * Systole as a library: the verbs of the command line under the same names, and the types that cross the layers' boundaries.
 *
 * @example
 * import { compile, run, verify } from 'systole';
 * const { record } = await run('net.onnx', { machine: 'edge16', verify: 'full' });
 */

export {
  type Diagnostic,
  DiagnosticError,
  type Result,
  renderDiagnostic,
  type Tensor,
} from './base/index.js';
export {
  type Dataflow,
  parseDataflow,
  printDataflow,
  verifyDataflow,
} from './compiler/dataflow/index.js';
export { evaluateGraph, type Graph, GraphBuilder, printGraph } from './compiler/graph/index.js';
export { readOnnx } from './compiler/importers/onnx/index.js';
export { importGraphDef, importSavedModel } from './compiler/importers/tensorflow/index.js';
export { importTfjs } from './compiler/importers/tfjs/index.js';
export { assemble, disassemble, initialDram, type Program, readSegment } from './compiler/isa/index.js';
export { lower } from './compiler/lower/index.js';
export { type Compiled, compile as compileGraph } from './compiler/pipeline/index.js';
export { importQuantized, quantize } from './compiler/quantize/index.js';
export { schedule } from './compiler/schedule/index.js';
export { emitTestBench, emitVerilog, type VerilogBundle } from './compiler/verilog/index.js';
export { checkMachine, type Machine, machinePresets, parseMachine } from './models/machine/index.js';
export { arrayEngine } from './simulator/array/index.js';
export { type Engine, EngineStop, interpretProgram, type Run } from './simulator/engine/index.js';
export { createRtlEngine } from './simulator/rtl/index.js';
export { simulateTiming, timingEngine } from './simulator/timing/index.js';
export { type FrontRecord, runExploration, setupExploration } from './tools/explore/index.js';
export {
  compareDevices as compare,
  compile,
  emit,
  explain,
  type LayerExplanation,
  makeBundle,
  openMachine,
  openNetwork,
  run,
  simulate,
  verify,
} from './tools/library/index.js';
export { parseRunRecord, type RunRecord, renderText } from './tools/report/index.js';
