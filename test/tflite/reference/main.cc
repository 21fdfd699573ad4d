// Runs a TFLite network with TFLite's own kernels. In: raw inputs, one inference after another, on standard input.
// Out, on standard output: for every inference and every operator, in order, a line `name TAB type TAB bytes` and the raw bytes of its result.
// usage: reference NETWORK.tflite reference|builtin < INPUTS > RESULTS
// `reference` takes the portable kernels of kernels/internal/reference, `builtin` those that the interpreter takes unless told otherwise
// (without the XNNPACK delegate). Built by build.sh.

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "tensorflow/lite/interpreter.h"
#include "tensorflow/lite/interpreter_builder.h"
#include "tensorflow/lite/kernels/builtin_op_kernels.h"
#include "tensorflow/lite/model_builder.h"
#include "tensorflow/lite/mutable_op_resolver.h"

namespace tflite::ops::builtin {
TfLiteRegistration* Register_ADD_REF();
TfLiteRegistration* Register_AVERAGE_POOL_REF();
TfLiteRegistration* Register_CONVOLUTION_REF();
TfLiteRegistration* Register_DEPTHWISE_CONVOLUTION_REF();
TfLiteRegistration* Register_DEQUANTIZE_REF();
TfLiteRegistration* Register_FULLY_CONNECTED_REF();
TfLiteRegistration* Register_LEAKY_RELU_REF();
TfLiteRegistration* Register_MAX_POOL_REF();
TfLiteRegistration* Register_MEAN_REF();
TfLiteRegistration* Register_MUL_REF();
TfLiteRegistration* Register_PAD_REF();
TfLiteRegistration* Register_QUANTIZE_REF();
TfLiteRegistration* Register_SOFTMAX_REF();
TfLiteRegistration* Register_STRIDED_SLICE_REF();
TfLiteRegistration* Register_SUB_REF();
TfLiteRegistration* Register_TRANSPOSECONV_REF();
}  // namespace tflite::ops::builtin

namespace {

using tflite::BuiltinOperator;
namespace builtin = tflite::ops::builtin;

void addOperators(tflite::MutableOpResolver& resolver, bool reference) {
  const auto add = [&](BuiltinOperator op, TfLiteRegistration* portable, TfLiteRegistration* optimized) {
    resolver.AddBuiltin(op, reference ? portable : optimized, 1, 12);
  };
  add(tflite::BuiltinOperator_ADD, builtin::Register_ADD_REF(), builtin::Register_ADD());
  add(tflite::BuiltinOperator_AVERAGE_POOL_2D, builtin::Register_AVERAGE_POOL_REF(), builtin::Register_AVERAGE_POOL_2D());
  add(tflite::BuiltinOperator_CONV_2D, builtin::Register_CONVOLUTION_REF(), builtin::Register_CONV_2D());
  add(tflite::BuiltinOperator_DEPTHWISE_CONV_2D, builtin::Register_DEPTHWISE_CONVOLUTION_REF(), builtin::Register_DEPTHWISE_CONV_2D());
  add(tflite::BuiltinOperator_DEQUANTIZE, builtin::Register_DEQUANTIZE_REF(), builtin::Register_DEQUANTIZE());
  add(tflite::BuiltinOperator_FULLY_CONNECTED, builtin::Register_FULLY_CONNECTED_REF(), builtin::Register_FULLY_CONNECTED());
  add(tflite::BuiltinOperator_LEAKY_RELU, builtin::Register_LEAKY_RELU_REF(), builtin::Register_LEAKY_RELU());
  add(tflite::BuiltinOperator_MAX_POOL_2D, builtin::Register_MAX_POOL_REF(), builtin::Register_MAX_POOL_2D());
  add(tflite::BuiltinOperator_MEAN, builtin::Register_MEAN_REF(), builtin::Register_MEAN());
  add(tflite::BuiltinOperator_MUL, builtin::Register_MUL_REF(), builtin::Register_MUL());
  add(tflite::BuiltinOperator_PAD, builtin::Register_PAD_REF(), builtin::Register_PAD());
  add(tflite::BuiltinOperator_QUANTIZE, builtin::Register_QUANTIZE_REF(), builtin::Register_QUANTIZE());
  add(tflite::BuiltinOperator_RESHAPE, builtin::Register_RESHAPE(), builtin::Register_RESHAPE());
  add(tflite::BuiltinOperator_SOFTMAX, builtin::Register_SOFTMAX_REF(), builtin::Register_SOFTMAX());
  add(tflite::BuiltinOperator_STRIDED_SLICE, builtin::Register_STRIDED_SLICE_REF(), builtin::Register_STRIDED_SLICE());
  add(tflite::BuiltinOperator_SUB, builtin::Register_SUB_REF(), builtin::Register_SUB());
  add(tflite::BuiltinOperator_TRANSPOSE_CONV, builtin::Register_TRANSPOSECONV_REF(), builtin::Register_TRANSPOSE_CONV());
}

int fail(const char* what) {
  std::fprintf(stderr, "reference: %s\n", what);
  return 1;
}

void write(const tflite::Interpreter& interpreter, int node) {
  const TfLiteTensor* result = interpreter.tensor(interpreter.node_and_registration(node)->first.outputs->data[0]);
  std::printf("%s\t%s\t%zu\n", result->name, TfLiteTypeGetName(result->type), result->bytes);
  std::fwrite(result->data.raw, 1, result->bytes, stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return fail("usage: reference NETWORK.tflite reference|builtin < INPUTS > RESULTS");
  const bool reference = std::strcmp(argv[2], "reference") == 0;
  if (!reference && std::strcmp(argv[2], "builtin") != 0) return fail("kernels are `reference` or `builtin`");
  const auto model = tflite::FlatBufferModel::BuildFromFile(argv[1]);
  if (!model) return fail("cannot read the network");
  tflite::MutableOpResolver resolver;
  addOperators(resolver, reference);
  std::unique_ptr<tflite::Interpreter> interpreter;
  tflite::InterpreterOptions options;
  options.SetPreserveAllTensors();
  tflite::InterpreterBuilder builder(*model, resolver, &options);
  if (builder(&interpreter) != kTfLiteOk) return fail("cannot build the interpreter");
  interpreter->SetNumThreads(1);
  if (interpreter->AllocateTensors() != kTfLiteOk) return fail("cannot allocate the tensors");
  TfLiteTensor* input = interpreter->tensor(interpreter->inputs()[0]);
  while (std::fread(input->data.raw, 1, input->bytes, stdin) == input->bytes) {
    if (interpreter->Invoke() != kTfLiteOk) return fail("cannot run the network");
    for (const int node : interpreter->execution_plan()) write(*interpreter, node);
  }
  return 0;
}
