"""Runs a quantised TFLite network with ArmNN's reference backend (Debian: python3-pyarmnn, libarmnn-cpuref-backend22).

usage: /usr/bin/python3 record.py NETWORK.tflite INPUTS OUTPUTS
INPUTS holds raw inputs, one inference after another; OUTPUTS gets the raw first outputs. The version goes to standard output.
"""
import sys

import numpy as np
import pyarmnn as ann


def main(path, source, target):
    parser = ann.ITfLiteParser()
    network = parser.CreateNetworkFromBinaryFile(path)
    runtime = ann.IRuntime(ann.CreationOptions())
    optimized, _ = ann.Optimize(network, [ann.BackendId("CpuRef")], runtime.GetDeviceSpec(), ann.OptimizerOptions())
    net, _ = runtime.LoadNetwork(optimized)
    binding = parser.GetNetworkInputBindingInfo(0, parser.GetSubgraphInputTensorNames(0)[0])
    outputs = [parser.GetNetworkOutputBindingInfo(0, o) for o in parser.GetSubgraphOutputTensorNames(0)]
    unsigned = binding[1].GetDataType() == ann.DataType_QAsymmU8
    rows = np.fromfile(source, np.uint8 if unsigned else np.int8).reshape(-1, binding[1].GetNumElements())
    with open(target, "wb") as file:
        for row in rows:
            made = ann.make_output_tensors(outputs)
            runtime.EnqueueWorkload(net, ann.make_input_tensors([binding], [row]), made)
            file.write(ann.workload_tensors_to_ndarray(made)[0].tobytes())
    print(f"ArmNN {ann.__version__} CpuRef")


main(*sys.argv[1:4])
