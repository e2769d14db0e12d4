"""The same U-Net in Python's PyTorch: the peer of bench_unet. Usage: PYTHON bench/unet_peer.py [threads]"""

import importlib.util
import os
import sys
import time

import torch

spec = importlib.util.spec_from_file_location(
    "reference",
    os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "..", "tests", "reference", "nn", "make_network_fixtures.py"
    ),
)
reference = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reference)

torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
net = reference.Unet(3, 2, [16, 32, 64, 128, 256], 8).eval()
x = torch.randn(1, 3, 96, 112, 96)
best = 1e9
with torch.no_grad():
    net(x)
    for _ in range(3):
        start = time.perf_counter()
        net(x)
        best = min(best, time.perf_counter() - start)
print(f"Python PyTorch {torch.__version__}, {torch.get_num_threads()} threads: {best:.3f} s")
