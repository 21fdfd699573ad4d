"""Makes layers.keras with Keras 3: one output for each kind of layer, and what Keras computes for it.

Run: KERAS_BACKEND=jax python3 make_layers.py
"""
import keras
import numpy as np
from keras import layers as L

keras.utils.set_random_seed(11)
i = keras.Input((6, 8, 4), name="picture")
other = L.Conv2D(4, 1, name="other")(i)
outputs = [
    L.SeparableConv2D(3, 3, strides=2, padding="same", depth_multiplier=2, activation="tanh")(i),
    L.Conv2DTranspose(3, 3, strides=2, padding="same")(i),
    L.Conv2DTranspose(2, 2, strides=3, padding="valid", use_bias=False)(i),
    L.Conv2DTranspose(2, (4, 3), strides=(2, 1), padding="same")(i),
    L.UpSampling2D((2, 3))(i),
    L.UpSampling2D(2, interpolation="bilinear")(i),
    L.Cropping2D(((1, 2), (0, 3)))(i),
    L.Permute((3, 1, 2))(i),
    L.PReLU()(i),
    L.PReLU(shared_axes=[1, 2])(other),
    L.LayerNormalization()(i),
    L.LayerNormalization(scale=False)(other),
    L.Subtract()([i, other]),
    L.Average()([i, other, i]),
    L.Rescaling(0.5, offset=-1.0)(other),
    L.GlobalAveragePooling2D(keepdims=True)(i),
    L.GlobalMaxPooling2D()(other),
    L.Dense(3, activation="hard_sigmoid")(i),
    L.AveragePooling2D(3, strides=2, padding="same")(i),
    L.Activation("gelu")(i),
]
model = keras.Model(i, outputs, name="layers")
rng = np.random.default_rng(5)
model.set_weights([rng.normal(size=w.shape).astype("f4") * 0.5 for w in model.weights])
picture = rng.normal(size=(1, 6, 8, 4)).astype("f4")
model.save("layers.keras")
np.save("layers.input.npy", picture)
np.save("layers.output.npy", np.concatenate([np.array(o).flatten() for o in model(picture)]))

# A second model: layers over sequences.
s = keras.Input((7, 5), name="sequence")
outputs = [
    L.Conv1D(4, 3, strides=2, padding="same", activation="relu")(s),
    L.Conv1D(4, 3, dilation_rate=2, padding="causal")(s),
    L.LSTM(6)(s),
    L.LSTM(3, return_sequences=True, recurrent_activation="hard_sigmoid")(s),
    L.GRU(4, return_sequences=True)(s),
    L.GRU(4, reset_after=False)(s),
    L.SimpleRNN(3, use_bias=False)(s),
]
model = keras.Model(s, outputs, name="sequences")
model.set_weights([rng.normal(size=w.shape).astype("f4") * 0.5 for w in model.weights])
sequence = rng.normal(size=(2, 7, 5)).astype("f4")
model.save("sequences.keras")
np.save("sequences.input.npy", sequence)
np.save("sequences.output.npy", np.concatenate([np.array(o).flatten() for o in model(sequence)]))
