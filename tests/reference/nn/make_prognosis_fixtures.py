#!/usr/bin/python3
"""The 2-D ResNet18 for prognosis by Python's PyTorch and torchvision, for prognosis_oracle_test.cpp.

Run with Debian's interpreter and torchvision on its path (pip install --no-deps --target DIR torchvision==0.15.2
pillow): PYTHONPATH=DIR /usr/bin/python3 tests/reference/nn/make_prognosis_fixtures.py
Weights and inputs come from the hash of make_network_fixtures.py. Written with: Python 3.11, torch 1.13.0, torchvision
0.15.2, numpy 1.24. The partial likelihood is R's: cox_loss.R.
"""

import json
import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from make_network_fixtures import fill, hashed, to_numpy, write_safetensors


class Basic(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout)
        self.conv2, self.bn2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout)
        self.downsample = None
        if cin != cout or stride != 1:
            self.downsample = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class Resnet(nn.Module):
    def __init__(self, cin, width):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(cin, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width)
        c = width
        for s in range(4):
            w = width << s
            self.add_module(f"layer{s + 1}", nn.Sequential(Basic(c, w, 2 if s > 0 else 1), Basic(w, w, 1)))
            c = w
        self.grade, self.survival = nn.Linear(c, 2), nn.Linear(c, 1)
        self.register_buffer("survival_centre", torch.zeros(1))

    def features(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        return self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3))

    def forward(self, x):
        f = self.features(x)
        return self.grade(f), self.survival(f)[:, 0] + self.survival_centre


def efron(eta, time, event):
    """Negative log partial likelihood over the number of events, term by term."""
    total = 0
    for t in sorted(set(time[event > 0].tolist())):
        dead = (time == t) & (event > 0)
        d = int(dead.sum())
        total = total + eta[dead].sum()
        for k in range(d):
            total = total - torch.log(torch.exp(eta[time >= t]).sum() - k / d * torch.exp(eta[dead]).sum())
    return -total / event.sum()


def torchvision_part(here, out):
    import torchvision

    network = torchvision.models.resnet18(weights=None)
    names = {name: [str(t.dtype), list(t.shape)] for name, t in network.state_dict().items()}
    with open(os.path.join(here, "torchvision_resnet18.json"), "w", encoding="utf-8") as f:
        source = f"torchvision {torchvision.__version__.split('+')[0]}: resnet18(weights=None).state_dict()"
        lines = ",\n".join(f"    {json.dumps(name)}: {json.dumps(entry)}" for name, entry in names.items())
        f.write(f'{{\n  "source": "{source}",\n  "tensors": {{\n{lines}\n  }}\n}}\n')
    fill(network).eval()
    network.fc = nn.Identity()
    x = torch.from_numpy(hashed("photograph", 2 * 3 * 72 * 60).reshape(2, 3, 72, 60))
    with torch.no_grad():
        out["torchvision.features"] = to_numpy(network(x))


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    out = {}
    torchvision_part(here, out)
    x = torch.from_numpy(hashed("slice", 6 * 3 * 36 * 44).reshape(6, 3, 36, 44))
    network = fill(Resnet(3, 2)).eval()
    with torch.no_grad():
        out["features"] = to_numpy(network.features(x))
        out["grade"], out["survival"] = (to_numpy(t) for t in network(x))
    grade = torch.tensor([0, 1, -1, 1, -1, 0])  # two of unknown grade
    time = torch.tensor([5.0, 8.0, 8.0, np.nan, 8.0, 20.0], dtype=torch.float64)  # one of unknown time; a tie
    event = torch.tensor([1.0, 1.0, 1.0, 0.0, 0.0, 1.0], dtype=torch.float64)
    timed = ~torch.isnan(time)
    for name in ("cox", "time"):
        network = fill(Resnet(3, 2)).train()
        logits, survival = network(x)
        loss = F.cross_entropy(logits[grade >= 0], grade[grade >= 0])
        if name == "cox":
            loss = loss + efron(survival[timed], time[timed], event[timed])
        else:
            loss = loss + F.smooth_l1_loss(survival[timed], torch.log(time[timed]).float())
        loss.backward()
        out[f"{name}.loss"] = to_numpy(loss.reshape(1))
        for parameter, p in network.named_parameters():
            out[f"{name}.grad.{parameter}"] = to_numpy(p.grad)
    write_safetensors(os.path.join(here, "prognosis_fixtures.safetensors"), out)
    print(sum(t.nbytes for t in out.values()), "bytes")


if __name__ == "__main__":
    main()
