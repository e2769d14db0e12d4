#!/usr/bin/python3
"""Outputs and gradients of the networks, by Python's PyTorch, for network_oracle_test.cpp.

Run with Debian's interpreter: /usr/bin/python3 tests/reference/nn/make_network_fixtures.py
Weights and inputs come from one integer hash that the C++ test computes too, so that only outputs are stored.
Written with: Python 3.11, torch 1.13.0 (Debian 12, python3-torch), numpy 1.24.
"""

import json
import os
import struct

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)


def hashed(name, count):
    """Values in [-1, 1): murmur3's finaliser over the index, seeded by FNV-1a of the name."""
    seed = 2166136261
    for byte in name.encode():
        seed = ((seed ^ byte) * 16777619) & 0xFFFFFFFF
    h = (np.arange(count, dtype=np.uint64) * 2654435761 + seed) & 0xFFFFFFFF
    h ^= h >> 16
    h = (h * 0x85EBCA6B) & 0xFFFFFFFF
    h ^= h >> 13
    h = (h * 0xC2B2AE35) & 0xFFFFFFFF
    h ^= h >> 16
    return (h.astype(np.float64) / 2147483648.0 - 1.0).astype(np.float32)


def value_for(name, shape):
    v = hashed(name, int(np.prod(shape))).reshape(shape)
    if name.endswith("running_var"):
        return 1 + 0.5 * np.abs(v)
    if v.ndim == 1 and name.endswith("weight"):  # of a normalisation
        return 1 + 0.2 * v
    if name.endswith("fc1.bias"):
        return 0.5 + 0.1 * v  # keeps the few hidden units alive, so that their gradients are not 0
    if v.ndim == 1:
        return 0.1 * v
    fan_in = shape[0] if name.startswith("up_") else int(np.prod(shape[1:]))
    return v * np.float32(1.7 / np.sqrt(fan_in))


def fill(module):
    for name, tensor in list(module.named_parameters()) + list(module.named_buffers()):
        if tensor.is_floating_point():
            tensor.data.copy_(
                torch.from_numpy(np.ascontiguousarray(value_for(name, tuple(tensor.shape)).astype(np.float32)))
            )
    return module


class SE(nn.Module):
    def __init__(self, channels, reduction):
        super().__init__()
        hidden = max(2, channels // reduction)
        self.fc1, self.fc2 = nn.Linear(channels, hidden), nn.Linear(hidden, channels)

    def forward(self, x):
        s = F.adaptive_avg_pool3d(x, 1).flatten(1)
        s = torch.sigmoid(self.fc2(F.relu(self.fc1(s))))
        return x * s[:, :, None, None, None]


class Recombination(nn.Module):
    def __init__(self, cin, cout, reduction):
        super().__init__()
        self.expand, self.norm = nn.Conv3d(cin, cout, 1), nn.BatchNorm3d(cout)
        self.conv, self.se = nn.Conv3d(cout, cout, 3, padding=1), SE(cout, reduction)

    def forward(self, x):
        return self.se(self.conv(F.relu(self.norm(self.expand(x)))))


class Unet(nn.Module):
    def __init__(self, cin, classes, widths, reduction):
        super().__init__()
        self.levels = len(widths)
        for level, w in enumerate(widths):
            self.add_module(f"encoder_{level}", Recombination(cin if level == 0 else widths[level - 1], w, reduction))
        for level in range(self.levels - 1):
            self.add_module(f"up_{level}", nn.ConvTranspose3d(widths[level + 1], widths[level], 2, stride=2))
            self.add_module(f"decoder_{level}", Recombination(2 * widths[level], widths[level], reduction))
        self.head = nn.Conv3d(widths[0], classes, 1)

    def forward(self, x):
        skips = []
        for level in range(self.levels):
            x = getattr(self, f"encoder_{level}")(x)
            if level + 1 < self.levels:
                skips.append(x)
                x = F.max_pool3d(x, 2)
        for level in reversed(range(self.levels - 1)):
            x = getattr(self, f"decoder_{level}")(torch.cat([getattr(self, f"up_{level}")(x), skips[level]], 1))
        return self.head(x)


class Basic(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv3d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm3d(cout)
        self.conv2, self.norm2 = nn.Conv3d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm3d(cout)
        self.projection = None
        if cin != cout or stride != 1:
            self.projection, self.projection_norm = nn.Conv3d(cin, cout, 1, stride, bias=False), nn.BatchNorm3d(cout)

    def forward(self, x):
        y = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        return F.relu(y + (self.projection_norm(self.projection(x)) if self.projection is not None else x))


class Resnet(nn.Module):
    def __init__(self, cin, width, reduction, hidden, classes):
        super().__init__()
        self.stem, self.stem_norm = nn.Conv3d(cin, width, 7, 2, 3, bias=False), nn.BatchNorm3d(width)
        c = width
        for s in range(4):
            for b in range(2):
                self.add_module(f"stage{s + 1}_{b}", Basic(c, width << s, 2 if s > 0 and b == 0 else 1))
                c = width << s
        self.se, self.fc1, self.fc2 = SE(c, reduction), nn.Linear(c, hidden), nn.Linear(hidden, classes)

    def last_stage(self, x):
        x = F.max_pool3d(F.relu(self.stem_norm(self.stem(x))), 3, 2, 1)
        for s in range(4):
            for b in range(2):
                x = getattr(self, f"stage{s + 1}_{b}")(x)
        return x

    def features(self, x):
        return self.se(self.last_stage(x)).mean((2, 3, 4))

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(self.features(x))))


def grad_cam(resnet, patch, high_grade):
    """Selvaraju et al. 2017, equations 1 and 2, by hooks on the last block as other people's code has it."""
    seen, gradients = [], []
    block = resnet.stage4_1
    hooks = [
        block.register_forward_hook(lambda _m, _i, out: seen.append(out)),
        block.register_full_backward_hook(lambda _m, _i, out: gradients.append(out[0])),
    ]
    resnet.zero_grad()
    resnet(patch)[0, int(high_grade)].backward()
    for hook in hooks:
        hook.remove()
    weights = gradients[0].mean((2, 3, 4), keepdim=True)
    coarse = F.relu((weights * seen[0]).sum(1, keepdim=True))
    return F.interpolate(coarse, patch.shape[2:], mode="trilinear", align_corners=False)[0, 0]


def dice_bce(logits, target):
    margin = logits[:, 1] - logits[:, 0]
    p = torch.softmax(logits, 1)[:, 1]
    dice = 1 - (2 * (p * target).sum() + 1) / (p.sum() + target.sum() + 1)
    return dice + F.binary_cross_entropy_with_logits(margin, target)


def write_safetensors(path, tensors):
    header, position = {}, 0
    for name in sorted(tensors):
        t = tensors[name]
        header[name] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [position, position + t.nbytes]}
        position += t.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for name in sorted(tensors):
            f.write(tensors[name].tobytes())


def to_numpy(t):
    return np.ascontiguousarray(t.detach().numpy().astype(np.float32))


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    out = {}
    x = torch.from_numpy(hashed("input", 2 * 3 * 8 * 16 * 8).reshape(2, 3, 8, 16, 8))
    target = torch.from_numpy((hashed("target", 2 * 8 * 16 * 8).reshape(2, 8, 16, 8) > 0.6).astype(np.float32))
    unet = fill(Unet(3, 2, [4, 6, 8], 2)).eval()
    with torch.no_grad():
        out["unet.eval"] = to_numpy(unet(x))
    unet.train()
    loss = dice_bce(unet(x), target)
    loss.backward()
    out["unet.loss"] = to_numpy(loss.reshape(1))
    for name, p in unet.named_parameters():
        out["unet.grad." + name] = to_numpy(p.grad)

    y = torch.from_numpy(hashed("patch", 2 * 3 * 24 * 32 * 24).reshape(2, 3, 24, 32, 24))
    resnet = fill(Resnet(3, 2, 4, 6, 2)).eval()
    with torch.no_grad():
        out["resnet.features"] = to_numpy(resnet.features(y))
        out["resnet.logits"] = to_numpy(resnet(y))
    # Grad-CAM: wider, of a patch with something in it, so that the last stage has positions that differ.
    wider = fill(Resnet(3, 8, 4, 16, 2)).eval()
    z = torch.from_numpy(hashed("cam", 3 * 64 * 96 * 72).reshape(1, 3, 64, 96, 72))
    z[:, :2, 10:40, 20:50, 5:25] += 3
    for high in (0, 1):
        cam = grad_cam(wider, z, high)
        out[f"resnet.gradcam{high}"] = to_numpy(cam[1::4, 1::4, 1::4])
        print("Grad-CAM", high, float(cam.max()), "share above 0", float((cam > 0).float().mean()))
    resnet.train()
    loss = F.cross_entropy(resnet(y), torch.tensor([0, 1]))
    loss.backward()
    out["resnet.loss"] = to_numpy(loss.reshape(1))
    for name, p in resnet.named_parameters():
        out["resnet.grad." + name] = to_numpy(p.grad)

    # Adam: five steps on a small quadratic, torch.optim.Adam(lr=0.01).
    w = nn.Parameter(torch.from_numpy(hashed("adam", 8)))
    goal = torch.from_numpy(hashed("goal", 8))
    optimiser = torch.optim.Adam([w], lr=0.01)
    for _ in range(5):
        optimiser.zero_grad()
        ((w - goal) ** 2 * torch.arange(1, 9)).sum().backward()
        optimiser.step()
    out["adam.after5"] = to_numpy(w)
    write_safetensors(os.path.join(here, "network_fixtures.safetensors"), out)
    print(sum(t.nbytes for t in out.values()), "bytes")


if __name__ == "__main__":
    main()
