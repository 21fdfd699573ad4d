"""Makes the files beside it with Keras 3 (`pip install keras jax`): a small model as archive, as JSON and weights, and what Keras computes.

Run: KERAS_BACKEND=numpy python3 make.py
"""
import keras
import numpy as np
from keras import layers as L

keras.utils.set_random_seed(7)
i = keras.Input((12, 12, 3), name="picture")
x = L.Conv2D(4, 3, padding="same", activation="relu", name="stem")(i)
x = L.BatchNormalization()(x)
y = L.DepthwiseConv2D(3, padding="same", activation="hard_sigmoid")(x)
y = L.ReLU(max_value=6.0)(y)
x = L.Add()([x, y])
x = L.MaxPooling2D(2)(x)
x = L.Conv2D(6, 1, use_bias=False)(x)
x = L.BatchNormalization(scale=False)(x)
x = L.LeakyReLU()(x)
x = L.Flatten()(x)
x = L.Dense(5)(x)
x = L.Softmax()(x)
model = keras.Model(i, x, name="small")
rng = np.random.default_rng(3)
model.set_weights([
    (np.abs(rng.normal(size=w.shape)) + 0.5 if "variance" in w.path else rng.normal(size=w.shape) * 0.4).astype("f4")
    for w in model.weights
])
pictures = rng.normal(size=(2, 12, 12, 3)).astype("f4")
model.save("small.keras")
model.save_weights("small.weights.h5")
open("small.model", "w").write(model.to_json())
np.save("small.input.npy", pictures)
np.save("small.output.npy", np.array(model(pictures)))
