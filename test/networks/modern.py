"""Small networks in the shapes of newer families, seeded, as ONNX, with an input and what PyTorch makes of it: python3 modern.py FOLDER. Needs torch with onnx; nothing is downloaded."""

import json
import sys
import warnings

import torch
from torch import nn
from torch.nn import functional as F

warnings.filterwarnings("ignore")


def conv(i, o, k=1, s=1, g=1, act=nn.ReLU):
    layers = [nn.Conv2d(i, o, k, s, k // 2, groups=g, bias=False), nn.BatchNorm2d(o)]
    return nn.Sequential(*layers, *([act()] if act else []))


class Gate(nn.Module):
    """Squeeze and excitation."""

    def __init__(self, c, r, act, gate):
        super().__init__()
        self.net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(c, r, 1), act(), nn.Conv2d(r, c, 1), gate())

    def forward(self, x):
        return x * self.net(x)


class Inverted(nn.Module):
    """The block of MobileNetV3 and EfficientNet."""

    def __init__(self, i, o, k, s, act, gate):
        super().__init__()
        m = 4 * i
        self.same = i == o and s == 1
        self.net = nn.Sequential(conv(i, m, act=act), conv(m, m, k, s, m, act), Gate(m, 8, nn.SiLU if act is nn.SiLU else nn.ReLU, gate), conv(m, o, act=None))

    def forward(self, x):
        return x + self.net(x) if self.same else self.net(x)


def head(c, act):
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c, 32), act(), nn.Linear(32, 10))


def efficient():
    a = (nn.SiLU, nn.Sigmoid)
    return nn.Sequential(conv(3, 16, 3, 2, act=nn.SiLU), Inverted(16, 16, 3, 1, *a), Inverted(16, 24, 5, 2, *a), Inverted(24, 24, 3, 1, *a), conv(24, 48, act=nn.SiLU), head(48, nn.SiLU))


def mobile():
    a = (nn.Hardswish, nn.Hardsigmoid)
    return nn.Sequential(conv(3, 16, 3, 2, act=nn.Hardswish), Inverted(16, 16, 3, 1, *a), Inverted(16, 24, 5, 2, *a), Inverted(24, 24, 5, 1, *a), conv(24, 48, act=nn.Hardswish), head(48, nn.Hardswish))


class Shuffle(nn.Module):
    """The block of ShuffleNetV2."""

    def __init__(self, i, o, s):
        super().__init__()
        b = o // 2
        self.down = s > 1
        self.left = nn.Sequential(conv(i, i, 3, s, i, None), conv(i, b)) if self.down else None
        self.right = nn.Sequential(conv(i if self.down else b, b), conv(b, b, 3, s, b, None), conv(b, b))

    def forward(self, x):
        left, right = (x, x) if self.down else x.chunk(2, dim=1)
        y = torch.cat([self.left(left) if self.down else left, self.right(right)], dim=1)
        n, c, h, w = y.shape
        return y.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)


def shuffle():
    return nn.Sequential(conv(3, 16, 3, 2), Shuffle(16, 32, 2), Shuffle(32, 32, 1), Shuffle(32, 32, 1), conv(32, 64), head(64, nn.ReLU))


class Aggregated(nn.Module):
    """The block of ResNeXt."""

    def __init__(self, i, m, o, s, g):
        super().__init__()
        self.net = nn.Sequential(conv(i, m), conv(m, m, 3, s, g), conv(m, o, act=None))
        self.skip = nn.Identity() if i == o and s == 1 else conv(i, o, 1, s, act=None)

    def forward(self, x):
        return F.relu(self.net(x) + self.skip(x))


def aggregated():
    return nn.Sequential(conv(3, 16, 3, 2), Aggregated(16, 32, 64, 1, 8), Aggregated(64, 32, 64, 1, 8), Aggregated(64, 64, 96, 2, 2), head(96, nn.ReLU))


class Cross(nn.Module):
    """A cross-stage block of YOLO."""

    def __init__(self, i, o):
        super().__init__()
        m = o // 2
        self.a, self.b, self.end = conv(i, m, act=nn.SiLU), conv(i, m, act=nn.SiLU), conv(o, o, act=nn.SiLU)
        self.mid = nn.Sequential(conv(m, m, act=nn.SiLU), conv(m, m, 3, act=nn.SiLU))

    def forward(self, x):
        a = self.a(x)
        return self.end(torch.cat([a + self.mid(a), self.b(x)], 1))


class Yolo(nn.Module):
    """Backbone, pyramid pooling, a pyramid of two levels, a head each."""

    def __init__(self):
        super().__init__()
        self.stem = conv(3, 16, 3, 2, act=nn.SiLU)
        self.c1 = nn.Sequential(conv(16, 32, 3, 2, act=nn.SiLU), Cross(32, 32))
        self.c2 = nn.Sequential(conv(32, 32, 3, 2, act=nn.SiLU), Cross(32, 32))
        self.pool, self.mix = nn.MaxPool2d(5, 1, 2), conv(96, 32, act=nn.SiLU)
        self.up, self.join = nn.Upsample(scale_factor=2), Cross(64, 32)
        self.heads = nn.ModuleList([nn.Conv2d(32, 18, 1), nn.Conv2d(32, 18, 1)])

    def forward(self, x):
        a = self.c1(self.stem(x))
        b = self.c2(a)
        p = self.pool(b)
        b = self.mix(torch.cat([b, p, self.pool(p)], 1))
        a = self.join(torch.cat([self.up(b), a], 1))
        return torch.sigmoid(self.heads[0](a)), torch.sigmoid(self.heads[1](b))


class Unet(nn.Module):
    """Two levels down; one up by a transposed convolution, one by interpolation."""

    def __init__(self):
        super().__init__()
        self.d0, self.d1, self.d2 = conv(3, 16, 3), conv(16, 32, 3), conv(32, 32, 3)
        self.t1, self.u1 = nn.ConvTranspose2d(32, 32, 2, 2), conv(64, 32, 3)
        self.t0, self.u0 = nn.Upsample(scale_factor=2, mode="bilinear"), conv(48, 16, 3)
        self.end = nn.Conv2d(16, 2, 1)

    def forward(self, x):
        a = self.d0(x)
        b = self.d1(F.max_pool2d(a, 2))
        c = self.d2(F.max_pool2d(b, 2))
        b = self.u1(torch.cat([self.t1(c), b], 1))
        return self.end(self.u0(torch.cat([self.t0(b), a], 1)))


class Attention(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.h, self.qkv, self.out = h, nn.Linear(d, 3 * d), nn.Linear(d, d)

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(x).view(n, t, 3, self.h, d // self.h).permute(2, 0, 3, 1, 4)
        a = torch.softmax(q @ k.transpose(-2, -1) * (d // self.h) ** -0.5, dim=-1)
        return self.out((a @ v).transpose(1, 2).reshape(n, t, d))


class Block(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.n1, self.n2, self.attention = nn.LayerNorm(d), nn.LayerNorm(d), Attention(d, h)
        self.mlp = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, x):
        x = x + self.attention(self.n1(x))
        return x + self.mlp(self.n2(x))


class Vit(nn.Module):
    """A vision transformer of two blocks."""

    def __init__(self, d=32):
        super().__init__()
        self.patch, self.place = nn.Conv2d(3, d, 8, 8), nn.Parameter(torch.randn(1, 16, d) * 0.1)
        self.blocks, self.norm, self.end = nn.Sequential(Block(d, 2), Block(d, 2)), nn.LayerNorm(d), nn.Linear(d, 10)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2) + self.place
        return self.end(self.norm(self.blocks(x)).mean(1))


class Spotter(nn.Module):
    """A recurrent keyword spotter: features of ten frames, the last state decides."""

    def __init__(self, kind, both=False):
        super().__init__()
        self.cells, self.end = kind(16, 24, batch_first=True, bidirectional=both), nn.Linear(48 if both else 24, 12)

    def forward(self, x):
        return self.end(self.cells(x)[0][:, -1])


picture, frames = (1, 3, 32, 32), (1, 10, 16)
networks = {
    "efficient": (efficient, picture),
    "mobile": (mobile, picture),
    "shuffle": (shuffle, picture),
    "aggregated": (aggregated, picture),
    "yolo": (Yolo, picture),
    "unet": (Unet, picture),
    "vit": (Vit, picture),
    "lstm": (lambda: Spotter(nn.LSTM), frames),
    "gru": (lambda: Spotter(nn.GRU), frames),
    "rnn": (lambda: Spotter(nn.RNN), frames),
    "bilstm": (lambda: Spotter(nn.LSTM, True), frames),
}

for index, (name, (make, shape)) in enumerate(networks.items()):
    torch.manual_seed(index)
    network = make().eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.2, 0.6)
    x = torch.randn(shape)
    with torch.no_grad():
        y = network(x)
    results = [t.flatten().tolist() for t in (y if isinstance(y, tuple) else (y,))]
    with open(f"{sys.argv[1]}/{name}.json", "w") as file:
        json.dump({"x": x.flatten().tolist(), "y": results}, file)
    torch.onnx.export(network, x, f"{sys.argv[1]}/{name}.onnx", opset_version=13)
