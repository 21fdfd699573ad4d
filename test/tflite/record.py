"""Records what ArmNN (Debian: python3-pyarmnn, libarmnn-cpuref-backend22) computes for quantised TFLite networks.

usage: /usr/bin/python3 record.py NETWORK.tflite COUNT OUT.json
Inputs are drawn by a linear congruential generator that recorded.ts draws with too; the file holds outputs only.
"""
import json
import sys

import numpy as np
import pyarmnn as ann


def draw(count, size, low):
    state, rows = 12345, []
    for _ in range(count):
        row = np.empty(size, dtype=np.int64)
        for i in range(size):
            state = (1103515245 * state + 12345) % 2**31
            row[i] = (state >> 16) % 256 + low
        rows.append(row)
    return rows


def main(path, count, out):
    parser = ann.ITfLiteParser()
    network = parser.CreateNetworkFromBinaryFile(path)
    runtime = ann.IRuntime(ann.CreationOptions())
    optimized, _ = ann.Optimize(network, [ann.BackendId("CpuRef")], runtime.GetDeviceSpec(), ann.OptimizerOptions())
    net, _ = runtime.LoadNetwork(optimized)
    name = parser.GetSubgraphInputTensorNames(0)[0]
    input_info = parser.GetNetworkInputBindingInfo(0, name)
    outputs = parser.GetSubgraphOutputTensorNames(0)
    output_info = [parser.GetNetworkOutputBindingInfo(0, o) for o in outputs]
    info = input_info[1]
    unsigned = info.GetDataType() == ann.DataType_QAsymmU8
    results = []
    for row in draw(count, info.GetNumElements(), 0 if unsigned else -128):
        data = row.astype(np.uint8 if unsigned else np.int8)
        inputs = ann.make_input_tensors([input_info], [data])
        made = ann.make_output_tensors(output_info)
        runtime.EnqueueWorkload(net, inputs, made)
        results.append([int(v) for v in ann.workload_tensors_to_ndarray(made)[0].flatten()])
    with open(out, "w", encoding="utf8") as file:
        json.dump({"reference": f"ArmNN {ann.ARMNN_VERSION} CpuRef" if hasattr(ann, "ARMNN_VERSION") else "ArmNN CpuRef", "outputs": results}, file)


main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
