"""Whole networks of torchvision with seeded random weights, as ONNX: python3 whole.py FOLDER NAME... (efficientnet_b0, resnext50_32x4d, ...)."""

import sys
import warnings

import torch
from torchvision import models

warnings.filterwarnings("ignore")
picture = torch.randn(1, 3, 224, 224)
for name in sys.argv[2:]:
    torch.manual_seed(0)
    plain = {"aux_logits": False, "init_weights": False} if name in ("inception_v3", "googlenet") else {}
    network = getattr(models, name)(weights=None, **plain).eval()
    for module in network.modules():
        # Statistics as training leaves them: normalisations that do nothing would be folded away unseen.
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    torch.onnx.export(network, picture, f"{sys.argv[1]}/{name}.onnx", opset_version=13)
