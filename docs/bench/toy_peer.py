#!/usr/bin/env python3
"""The training step of the small network of ToyBenchmark in eager PyTorch: 20 linear layers of 64 values with SiLU
between them, batch 32, AdamW (fused), clipping, one running average. Prints milliseconds a step.

  OMP_NUM_THREADS=1 python3 docs/bench/toy_peer.py
"""
import statistics
import time
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
layers = [nn.Linear(64, 64) for _ in range(20)]
net = nn.Sequential(*[m for layer in layers for m in (layer, nn.SiLU())][:-1])
params = list(net.parameters())
average = [p.detach().clone() for p in params]
optimizer = torch.optim.AdamW(params, lr=1e-4, fused=True)
images = torch.randint(0, 256, (1024, 1, 8, 8), dtype=torch.uint8)


def step():
    x0 = images[torch.randint(0, 1024, (32,))].float() / 127.5 - 1
    t, eps = torch.rand(32), torch.randn_like(x0)
    s = t.reshape(32, 1, 1, 1)
    x = eps * s + x0 * (1 - s)
    prediction = net(x.reshape(-1, 64) + t.reshape(-1, 1)).reshape(x.shape)
    loss = F.mse_loss(prediction, eps - x0)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(params, 1.0)
    optimizer.step()
    torch._foreach_lerp_(average, params, 1e-4)


for _ in range(300):
    step()
medians = []
for _ in range(5):
    times = []
    for _ in range(1000):
        start = time.perf_counter()
        step()
        times.append(1e3 * (time.perf_counter() - start))
    medians.append(statistics.median(times))
medians.sort()
print(f"torch {torch.__version__}, {torch.get_num_threads()} threads: {medians[2]:.3f} ms a step "
      f"(medians of 5 rounds: {medians[0]:.3f} to {medians[4]:.3f})")
