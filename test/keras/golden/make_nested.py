"""Makes pictures, steps and fronts with Keras 3 (.keras and .h5, packed): models in models, wrappers, states, channels first.

Run: KERAS_BACKEND=jax python3 make_nested.py
"""
import gzip
import os
import zipfile

import keras
import numpy as np
from keras import layers as L

keras.utils.set_random_seed(13)
rng = np.random.default_rng(7)


def encoder():
    x = keras.Input((8, 8, 3), name="seen")
    y = L.Conv2D(4, 3, padding="same", activation="relu", name="conv")(x)
    y = L.BatchNormalization(name="norm")(y)
    skip = L.Conv2D(4, 1, name="skip")(x)
    return keras.Model(x, [L.Add(name="sum")([y, skip]), skip], name="encoder")


def head():
    return keras.Sequential([L.Flatten(), L.Dense(5, activation="tanh", name="conv"), L.Dense(3)], name="head")


# Two pictures through one encoder (shared weights), an encoder's both outputs used, a Sequential model behind, one within another.
a, b = keras.Input((8, 8, 3), name="a"), keras.Input((8, 8, 3), name="b")
shared, tail = encoder(), head()
(ya, sa), (yb, _) = shared(a), shared(b)
deep = keras.Sequential([keras.Sequential([L.Conv2D(2, 1, name="conv")], name="inmost"), L.ReLU()], name="deep")
pictures = keras.Model([a, b], [tail(ya), tail(yb), L.Subtract()([ya, yb]), deep(sa)], name="pictures")

s, ids = keras.Input((6, 5), name="s"), keras.Input((6,), name="ids")
frames = keras.Input((3, 6, 6, 2), name="frames")
looked = L.Embedding(9, 5, name="looked")(ids)
whole, h, c = L.LSTM(4, return_state=True, return_sequences=True)(s)
gru = L.GRU(4, return_sequences=True, return_state=True)(looked)
bi = L.Bidirectional(L.LSTM(3, return_state=True))(s)
body = keras.Sequential([L.Conv2D(3, 3, name="conv"), L.GlobalAveragePooling2D(), L.Dense(4)], name="body")
outputs = [
    L.Bidirectional(L.LSTM(3, return_sequences=True))(s),
    L.Bidirectional(L.GRU(3))(s),
    L.Bidirectional(L.GRU(3, reset_after=False, return_sequences=True), merge_mode="sum")(s),
    L.Bidirectional(L.SimpleRNN(3, activation="relu"), merge_mode="ave")(s),
    L.Bidirectional(L.LSTM(2, return_sequences=True), merge_mode="mul")(looked),
    L.TimeDistributed(L.Dense(3, activation="softmax"))(s),
    L.TimeDistributed(L.Conv2D(2, 3, padding="same", strides=2))(frames),
    L.TimeDistributed(body)(frames),
    L.LSTM(4)(looked, initial_state=[h, c]),
    *gru,
    *bi,
    L.GRU(4)(s, initial_state=gru[1]),
    L.LSTM(3, go_backwards=True, return_sequences=True)(s),
    L.GRU(3, go_backwards=True)(s),
    L.SimpleRNN(3, activation="relu", return_sequences=True)(s),
    L.SimpleRNN(3, activation="linear", use_bias=False)(s),
    L.LSTM(3, activation="relu", recurrent_activation="relu")(s),
    L.LSTM(3, activation="softsign", recurrent_activation="hard_sigmoid")(s),
    L.GRU(3, activation="elu", recurrent_activation="tanh", reset_after=False)(s),
    L.GRU(3, activation="softplus", use_bias=False)(s),
    L.BatchNormalization()(s),
    whole,
    L.ZeroPadding1D((2, 1))(s),
    L.Cropping1D((1, 2))(s),
    L.UpSampling1D(3)(s),
    L.Normalization(mean=None, variance=None)(s),
]
sequences = keras.Model([s, ids, frames], outputs, name="steps")

c1 = keras.Input((3, 8, 6), name="front")
t1 = keras.Input((3, 8), name="line")
first = dict(data_format="channels_first")
outputs = [
    L.Conv2D(4, 3, padding="same", strides=2, activation="relu", **first)(c1),
    L.DepthwiseConv2D(3, padding="same", depth_multiplier=2, **first)(c1),
    L.SeparableConv2D(2, 3, **first)(c1),
    L.Conv2DTranspose(2, 3, strides=2, padding="same", **first)(c1),
    L.MaxPooling2D(2, **first)(c1),
    L.AveragePooling2D(3, strides=2, padding="same", **first)(c1),
    L.GlobalAveragePooling2D(**first)(c1),
    L.GlobalMaxPooling2D(keepdims=True, **first)(c1),
    L.Flatten(**first)(c1),
    L.UpSampling2D(2, **first)(c1),
    L.ZeroPadding2D(((1, 2), (0, 1)), **first)(c1),
    L.Cropping2D(((1, 2), (0, 1)), **first)(c1),
    L.BatchNormalization(axis=1)(c1),
    L.Conv1D(4, 3, **first)(t1),
    L.MaxPooling1D(2, **first)(t1),
    L.GlobalAveragePooling1D(**first)(t1),
]
fronts = keras.Model([c1, t1], outputs, name="fronts")

for model in (pictures, sequences, fronts):
    model.set_weights([np.abs(w) + 0.5 if "variance" in v.path else w for v, w in
                       ((v, rng.normal(size=v.shape).astype("f4") * 0.4) for v in model.weights)])
    for layer in model.layers:
        if isinstance(layer, L.Normalization):
            layer.finalize_state()  # It computes with what it had when it was built otherwise.
    feeds = [
        rng.integers(0, 9, size=(2, 6)).astype("f4") if i.name == "ids" else rng.normal(size=(2, *i.shape[1:])).astype("f4")
        for i in model.inputs
    ]
    model.save(f"{model.name}.keras")
    with zipfile.ZipFile(f"{model.name}.keras") as stored:
        members = {name: stored.read(name) for name in stored.namelist()}
    with zipfile.ZipFile(f"{model.name}.keras", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    model.save(f"{model.name}.h5")
    with open(f"{model.name}.h5", "rb") as file, open(f"{model.name}.h5.gz", "wb") as packed:
        packed.write(gzip.compress(file.read(), 9, mtime=0))
    os.remove(f"{model.name}.h5")
    np.save(f"{model.name}.input.npy", np.concatenate([f.flatten() for f in feeds]))
    results = [np.array(o).flatten() for o in keras.tree.flatten(model(feeds))]
    np.save(f"{model.name}.output.npy", np.concatenate(results))
    print(model.name, len(results))
