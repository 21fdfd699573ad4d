"""Makes masked and looked with Keras 3 (.keras and .h5, packed): sequences of which some steps do not count.

Run: KERAS_BACKEND=jax python3 make_masked.py
"""
import gzip
import os

import keras
import numpy as np
from keras import layers as L

keras.utils.set_random_seed(19)
rng = np.random.default_rng(23)

# Functional: Keras 3 stores how masks are computed as layers of their own.
s, ids = keras.Input((6, 4), name="s"), keras.Input((6,), name="ids")
state = keras.Input((3,), name="state")
kept = L.Masking(0.5, name="kept")(s)
words = L.Embedding(7, 4, mask_zero=True, name="words")(ids)
behind = L.Dropout(0.5)(L.Dense(5, activation="tanh")(L.LSTM(4, return_sequences=True)(kept)))
outputs = [
    kept,
    L.LSTM(3)(kept),
    L.LSTM(3, return_sequences=True)(words),
    *L.LSTM(3, return_sequences=True, return_state=True, go_backwards=True)(kept),
    *L.GRU(3, return_state=True)(words, initial_state=state),
    L.GRU(3, reset_after=False, return_sequences=True)(words, initial_state=state),
    L.SimpleRNN(3)(behind),
    L.Bidirectional(L.LSTM(3, return_sequences=True))(kept),
    L.Bidirectional(L.GRU(2), merge_mode="sum")(words),
    L.GlobalAveragePooling1D()(words),
    L.GlobalMaxPooling1D()(words),
    L.GRU(2)(L.Add()([kept, kept])),
    L.Conv1D(2, 3)(words),
]
masked = keras.Model([s, ids, state], outputs, name="masked")

# Sequential: masks are what the layers say, in the file nothing names them.
looked = keras.Sequential(
    [
        keras.Input((6,), name="ids"),
        L.Embedding(7, 4, mask_zero=True),
        L.Bidirectional(L.LSTM(3, return_sequences=True)),
        L.BatchNormalization(),
        L.GRU(4, return_sequences=True),
        L.TimeDistributed(L.Dense(3, activation="relu")),
        L.SimpleRNN(3),
        L.Dense(2),
    ],
    name="looked",
)

# Samples that begin, end and are broken by steps that do not count, and one of which none does.
sequence = rng.normal(size=(4, 6, 4)).astype("f4")
numbers = rng.integers(1, 7, size=(4, 6)).astype("f4")
for sample, steps in ((0, [4, 5]), (1, [0, 3]), (2, [0, 1, 2, 3, 4, 5])):
    sequence[sample, steps] = 0.5
    numbers[sample, steps] = 0
numbers[2, 0] = 3  # An average over no step is no number.
feeds = {"s": sequence, "ids": numbers, "state": rng.normal(size=(4, 3)).astype("f4")}

for model in (masked, looked):
    model.set_weights([np.abs(w) + 0.5 if "variance" in v.path else w for v, w in
                       ((v, rng.normal(size=v.shape).astype("f4") * 0.5) for v in model.weights)])
    inputs = [feeds[i.name] for i in model.inputs]
    model.save(f"{model.name}.keras")
    model.save(f"{model.name}.h5")
    for name in (f"{model.name}.keras", f"{model.name}.h5"):
        with open(name, "rb") as file, open(f"{name}.gz", "wb") as packed:
            packed.write(gzip.compress(file.read(), 9, mtime=0))
        os.remove(name)
    np.save(f"{model.name}.input.npy", np.concatenate([f.flatten() for f in inputs]))
    results = [np.array(o).flatten() for o in keras.tree.flatten(model(inputs if len(inputs) > 1 else inputs[0]))]
    np.save(f"{model.name}.output.npy", np.concatenate(results))
    print(model.name, len(results))
