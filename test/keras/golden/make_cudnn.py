"""Makes cudnn.json with PyTorch, whose LSTM and GRU are cuDNN's: weights as Keras 2's CuDNNLSTM and CuDNNGRU keep them, input and output.

Of each gate a matrix [units, k] is laid out as one of [k, units], gates side by side; the biases of the input stand before those of the state.
Run: python3 make_cudnn.py
"""
import json

import torch

torch.manual_seed(17)
SAMPLES, STEPS, FEATURES, UNITS = 2, 5, 3, 4
x = torch.randn(SAMPLES, STEPS, FEATURES)


def wide(matrix, order):
    parts = matrix.chunk(len(order))
    return torch.cat([parts[g].reshape(matrix.shape[1], UNITS) for g in order], dim=1)


def flat(tensor):
    return [round(float(v), 7) for v in tensor.flatten()]


def layer(net, order, y, h):
    kernel, recurrent, *biases = (p.detach() for p in net.parameters())
    bias = torch.cat([torch.cat([b.chunk(len(order))[g] for g in order]) for b in biases])
    return {
        "kernel": flat(wide(kernel, order)),
        "recurrent_kernel": flat(wide(recurrent, order)),
        "bias": flat(bias),
        "all": flat(y),
        "last": flat(h),
    }


# PyTorch's gates: input, forget, cell, output; reset, update, new. Keras's: input, forget, cell, output; update, reset, new.
lstm, gru = torch.nn.LSTM(FEATURES, UNITS, batch_first=True), torch.nn.GRU(FEATURES, UNITS, batch_first=True)
with torch.no_grad():
    y, (h, _) = lstm(x)
    z, g = gru(x)
made = {
    "shape": [SAMPLES, STEPS, FEATURES],
    "units": UNITS,
    "x": flat(x),
    "CuDNNLSTM": layer(lstm, [0, 1, 2, 3], y, h),
    "CuDNNGRU": layer(gru, [1, 0, 2], z, g),
}
with open("cudnn.json", "w") as file:
    json.dump(made, file)
    file.write("\n")
