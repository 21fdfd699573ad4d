"""Records what Keras 3 computes for the HDF5 models of a folder: recorded.json, outputs for an input that a formula gives.

Run: KERAS_BACKEND=jax python3 make_recorded.py FOLDER. Models that Keras 3 cannot load any more are left out, and named.
"""
import json
import os
import shutil
import sys
import tempfile

import h5py
import keras
import numpy as np
from keras.src import activations

STEPS = 4
LARGEST = 4_000


def pattern(shape):
    """Element i is sin(0.7 * i + 0.3)."""
    return np.sin(0.7 * np.arange(int(np.prod(shape))) + 0.3).astype("f4").reshape(shape)


def without(config):
    """The configuration without what only training needs, which Keras 3 reads in another form."""
    if isinstance(config, dict):
        drop = ("_initializer", "_regularizer", "_constraint")
        gone = ("time_major", "noise_shape", "ragged", "sparse", "implementation")
        return {k: without(v) for k, v in config.items() if not (k.endswith(drop) or k in gone)}
    return [without(v) for v in config] if isinstance(config, list) else config


def hard_sigmoid(x):
    """That of Keras up to version 2, which wrote the files."""
    return keras.ops.clip(0.2 * x + 0.5, 0.0, 1.0)


known = {n: getattr(keras.layers, n) for n in ("SimpleRNN", "GRU", "LSTM", "Dense", "Conv1D")}
known["hard_sigmoid"] = hard_sigmoid
# Layers within wrappers look their activations up elsewhere.
activations.ALL_OBJECTS_DICT["hard_sigmoid"] = hard_sigmoid


def load(path):
    with tempfile.TemporaryDirectory() as scratch:
        copy = os.path.join(scratch, "model.h5")
        shutil.copyfile(path, copy)
        os.chmod(copy, 0o600)
        with h5py.File(copy, "r+") as file:
            config = file.attrs["model_config"]
            # Both pass their input on; Keras 3 does not read the older one's configuration.
            text = json.dumps(without(json.loads(config))).replace("SpatialDropout2D", "Dropout")
            file.attrs["model_config"] = text
        return keras.models.load_model(copy, compile=False, custom_objects=known)


recorded, left_out = {}, {}
folder = sys.argv[1]
for at, _, names in sorted(os.walk(folder)):
    for name in sorted(names):
        path = os.path.join(at, name)
        # Files with outputs of the Keras that wrote them need none; Keras 3 reads the shapes of their inputs in another way.
        if "/examples/" in path or not name.endswith((".h5", ".hdf5")) or "model_config" not in h5py.File(path).attrs:
            continue
        key = os.path.relpath(path, folder)
        try:
            model = load(path)
            inputs = [pattern([i.shape[0] or 1, *(STEPS if d is None else d for d in i.shape[1:])]) for i in model.inputs]
            outputs = [np.array(o).flatten() for o in keras.tree.flatten(model(inputs if len(inputs) > 1 else inputs[0]))]
        except Exception as error:
            left_out[key] = f"{type(error).__name__}: {str(error).splitlines()[0][:150]}"
            continue
        kept = [o[:: max(1, len(o) // LARGEST)] for o in outputs]
        recorded[key] = [{"count": len(o), "values": [float(f"{v:.7g}") for v in k[:64]]} for o, k in zip(outputs, kept)]
for key, why in left_out.items():
    print(key, why)
print(len(recorded), "recorded,", len(left_out), "left out")
json.dump(recorded, open("recorded.json", "w"), indent=0)
