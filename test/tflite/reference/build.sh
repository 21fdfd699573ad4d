#!/bin/bash
# Builds the program of main.cc with TFLite's own kernels, from the copy of them in Debian's source package qt6-webengine (bookworm: 6.4.2).
# In: THIRD_PARTY, the unpacked package's folder src/3rdparty/chromium/third_party. Out: the program at OUT.
# usage: build.sh THIRD_PARTY OUT [flags], where flags may be -DTFLITE_SINGLE_ROUNDING=1
# The uint8 depthwise kernel takes its rounding from a template argument, kAwayFromZero, that means two roundings even then; with the flag, the
# kernel is built with the other argument that it knows, kUpward, which is the single rounding of all other kernels.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
third=$1 out=$2
shift 2
lite=$third/tflite/src/tensorflow/lite
objects=$out.objects
mkdir -p "$objects"
if [[ " $* " == *SINGLE_ROUNDING=1* ]]; then
  header=tensorflow/lite/kernels/internal/reference/depthwiseconv_uint8.h
  mkdir -p "$objects/include/$(dirname $header)"
  sed 's/DepthwiseConvOutputRounding::kAwayFromZero>::Run/DepthwiseConvOutputRounding::kUpward>::Run/' \
    "$third/tflite/src/$header" > "$objects/include/$header"
  set -- -I"$objects/include" "$@"
fi
flags=(-std=c++17 -O1 -w -msse4.1 -DNDEBUG -DTFLITE_WITHOUT_XNNPACK -DFARMHASH_NO_CXX_STRING -DGEMMLOWP_ALLOW_SLOW_SCALAR_FALLBACK
  "$@" -I"$third/tflite/src" -I"$third/eigen3/src" -I"$third/flatbuffers/src/include" -I"$third/gemmlowp/src" -I"$third/ruy/src"
  -I"$third/fp16/src/include" -I"$third/fft2d/src" -I"$third/farmhash/src/src" -I"$third/neon_2_sse/src")
names=(allocation arena_planner c/common core/api/error_reporter core/api/flatbuffer_conversions core/api/op_resolver core/api/tensor_utils
  core/subgraph delegates/interpreter_utils delegates/nnapi/nnapi_delegate_disabled experimental/resource/initialization_status
  experimental/resource/resource_variable experimental/resource/static_hashtable external_cpu_backend_context graph_info interpreter
  interpreter_builder interpreter_experimental minimal_logging minimal_logging_default mmap_allocation model_builder mutable_op_resolver
  nnapi/nnapi_implementation_disabled profiling/platform_profiler profiling/memory_info profiling/time schema/schema_utils signature_runner
  simple_memory_arena stderr_reporter string_util tflite_with_xnnpack_optional util
  kernels/activations kernels/add kernels/conv kernels/cpu_backend_context kernels/cpu_backend_gemm_eigen kernels/depthwise_conv
  kernels/dequantize kernels/eigen_support kernels/fully_connected kernels/kernel_util kernels/mul kernels/pad kernels/pooling
  kernels/quantize kernels/reduce kernels/reshape kernels/strided_slice kernels/sub kernels/transpose_conv
  kernels/internal/quantization_util kernels/internal/kernel_utils kernels/internal/tensor_utils kernels/internal/transpose_utils
  kernels/internal/reference/portable_tensor_utils kernels/internal/optimized/cpu_check kernels/internal/optimized/neon_tensor_utils
  kernels/internal/optimized/sse_tensor_utils kernels/internal/utils/sparsity_format_converter)
{
  for name in "${names[@]}"; do echo "$lite/$name.cc"; done
  ls "$third"/ruy/src/ruy/*.cc "$third"/ruy/src/ruy/profiler/*.cc | grep -Ev 'test|benchmark|example'
  echo "$here/main.cc"
} > "$objects/sources"
while read -r source; do
  object=$objects/$(echo "${source#"$third"/}" | tr '/' '_').o
  [ -f "$object" ] || echo "$source $object"
done < "$objects/sources" | xargs -r -P "${JOBS:-2}" -L 1 bash -c 'exec g++ "${@:1:$#-2}" -c "${@: -2:1}" -o "${@: -1}"' build "${flags[@]}"
g++ "$objects"/*.o -lpthread -ldl -o "$out"
