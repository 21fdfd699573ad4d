"""Trains the digits example and writes digits.onnx, samples.json and metadata.json beside this file.

Needs PyTorch and scikit-learn (Debian: python3-torch, python3-onnx, python3-sklearn). Nothing else in the project does.
Deterministic: one thread, fixed seed. Run: python3 examples/digits/train.py
"""

import json
import pathlib
import random

import numpy as np
import sklearn
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

SEED = 20261123
TEST_PICTURES = 360
CALIBRATION_PICTURES = 64
EPOCHS = 60
HERE = pathlib.Path(__file__).parent


class Digits(nn.Module):
    """conv, pool, a residual block, pool, dense: 86 thousand multiply-accumulates."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 16, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(16)
        self.conv3 = nn.Conv2d(16, 16, 3, padding=1)
        self.norm3 = nn.BatchNorm2d(16)
        self.dense = nn.Linear(64, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm1(self.conv1(x))), 2)
        y = self.norm3(self.conv3(F.relu(self.norm2(self.conv2(x)))))
        x = F.max_pool2d(F.relu(x + y), 2)
        return self.dense(torch.flatten(x, 1))


def train(model, pictures, labels):
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, EPOCHS)
    for epoch in range(EPOCHS):
        model.train()
        order = torch.randperm(len(labels))
        for start in range(0, len(order), 32):
            batch = order[start : start + 32]
            x = pictures[batch]
            if epoch < EPOCHS - 10:  # shift by up to a pixel, but finish on the pictures as they are
                dy, dx = (int(v) for v in torch.randint(-1, 2, (2,)))
                x = torch.roll(x, (dy, dx), (2, 3))
            optimiser.zero_grad()
            F.cross_entropy(model(x), labels[batch], label_smoothing=0.05).backward()
            optimiser.step()
        schedule.step()


def accuracy(model, pictures, labels):
    model.eval()
    with torch.no_grad():
        return (model(pictures).argmax(1) == labels).float().mean().item()


def tensor_of(images):
    return torch.tensor(images.astype(np.float32) / 16).unsqueeze(1)


def write_samples(digits, calibration, test):
    picture = lambda i: [int(v) for v in digits.images[i].flatten()]
    lines = ["{", '"origin": "scikit-learn load_digits: pictures of the UCI data set below; 8x8 pixels, 0 to 16, row by row",']
    lines.append('"calibration": [')
    lines.append(",\n".join(json.dumps(picture(i), separators=(",", ":")) for i in calibration))
    lines.append('],\n"test": [')
    rows = [{"index": int(i), "label": int(digits.target[i]), "pixels": picture(i)} for i in test]
    lines.append(",\n".join(json.dumps(row, separators=(",", ":")) for row in rows))
    lines.append("]\n}\n")
    (HERE / "samples.json").write_text("\n".join(lines))


def main():
    random.seed(SEED)
    np.random.seed(SEED)
    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    digits = load_digits()
    indices = np.arange(len(digits.target))
    training, test = train_test_split(indices, test_size=TEST_PICTURES, random_state=SEED, stratify=digits.target)
    model = Digits()
    train(model, tensor_of(digits.images[training]), torch.tensor(digits.target[training]))
    float_accuracy = accuracy(model, tensor_of(digits.images[test]), torch.tensor(digits.target[test]))
    torch.onnx.export(
        model, torch.zeros(1, 1, 8, 8), str(HERE / "digits.onnx"), opset_version=13,
        input_names=["image"], output_names=["logits"],
        dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}},
    )
    write_samples(digits, training[:CALIBRATION_PICTURES], test)
    metadata = {
        "name": "digits",
        "description": "handwritten digits, 8x8 pixels: three convolutions, two pools, a residual add, a dense layer",
        "input": {"name": "image", "shape": [1, 1, 8, 8], "normalisation": "pixel / 16"},
        "classes": 10,
        "seed": SEED,
        "made with": {"torch": torch.__version__, "scikit-learn": sklearn.__version__, "onnx opset": 13},
        "split": f"stratified, seed {SEED}: {len(training)} training, {TEST_PICTURES} test pictures never trained on; "
        f"calibration uses the first {CALIBRATION_PICTURES} training pictures",
        "floatTestAccuracy": round(float_accuracy, 4),
        # Measured by test/examples, which fails with the numbers to write here.
        "int8TestAccuracy": None,
        "int8AgreesWithFloat": None,
        "source": "E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998, "
        "doi:10.24432/C50P49 (CC BY 4.0), test part as shipped by scikit-learn",
    }
    (HERE / "metadata.json").write_text(json.dumps(metadata, indent=2) + "\n")
    print(f"float test accuracy {float_accuracy:.4f}")


if __name__ == "__main__":
    main()
