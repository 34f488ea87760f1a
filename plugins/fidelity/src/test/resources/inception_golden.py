"""How inception-golden.safetensors was made: python inception_golden.py, with PyTorch and safetensors.

The Inception network of FID in float64, by functions over named tensors, with weights that follow from
their names and places alone, so that a test can make them again. No published weights are involved.
"""

import math
import zlib

import numpy
import torch
import torch.nn.functional as F
from safetensors.torch import save_file


def draws(name, count):
    """Numbers from -1 to 1 in steps of 2^-23: a hash of each place, begun at the name's CRC-32."""
    h = numpy.arange(count, dtype=numpy.uint32) * numpy.uint32(0x9E3779B1) + numpy.uint32(zlib.crc32(name.encode()))
    for shift, factor in ((15, 0x2C1B3C6D), (12, 0x297A2D39)):
        h = (h ^ (h >> numpy.uint32(shift))) * numpy.uint32(factor)
    h = h ^ (h >> numpy.uint32(15))
    return ((h >> numpy.uint32(8)).astype(numpy.float64) / 2**23 - 1).astype(numpy.float32)


def pixels(name, shape):
    """Bytes of noise with a bright half: the left one, and in the second image the upper one."""
    x = torch.from_numpy(draws(name, math.prod(shape))).reshape(shape) * 60 + 80
    x[0, :, :, : shape[3] // 2] += 100
    x[1:, :, : shape[2] // 2] += 100
    return x.to(torch.uint8)


WEIGHTS = {}


def tensor(name, shape, middle, spread):
    values = draws(name, math.prod(shape)).reshape(shape)
    value = (numpy.float32(middle) + numpy.float32(spread) * values).astype(numpy.float32)
    WEIGHTS[name] = torch.from_numpy(value).double()
    return WEIGHTS[name]


def unit(x, name, out, kernel, stride=1, padding=0):
    kernel = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    shape = (out, x.shape[1], *kernel)
    weight = tensor(name + ".conv.weight", shape, 0.0, math.sqrt(6 / math.prod(shape[1:])))
    gamma = tensor(name + ".bn.weight", (out,), 1.0, 0.2)
    beta = tensor(name + ".bn.bias", (out,), 0.0, 0.1)
    mean = tensor(name + ".bn.running_mean", (out,), 0.0, 0.1)
    variance = tensor(name + ".bn.running_var", (out,), 1.0, 0.5)
    y = F.conv2d(x, weight, None, stride, padding)
    return F.relu(F.batch_norm(y, mean, variance, gamma, beta, False, 0.0, 0.001))


def mean_pool(x):
    return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)


def mixed_5(x, n, pooled):
    a = unit(x, n + "branch1x1", 64, 1)
    b = unit(unit(x, n + "branch5x5_1", 48, 1), n + "branch5x5_2", 64, 5, padding=2)
    c = unit(unit(x, n + "branch3x3dbl_1", 64, 1), n + "branch3x3dbl_2", 96, 3, padding=1)
    c = unit(c, n + "branch3x3dbl_3", 96, 3, padding=1)
    return torch.cat([a, b, c, unit(mean_pool(x), n + "branch_pool", pooled, 1)], 1)


def mixed_6a(x, n):
    a = unit(x, n + "branch3x3", 384, 3, 2)
    b = unit(unit(x, n + "branch3x3dbl_1", 64, 1), n + "branch3x3dbl_2", 96, 3, padding=1)
    return torch.cat([a, unit(b, n + "branch3x3dbl_3", 96, 3, 2), F.max_pool2d(x, 3, 2)], 1)


def mixed_6(x, n, c):
    wide, high = dict(kernel=(1, 7), padding=(0, 3)), dict(kernel=(7, 1), padding=(3, 0))
    a = unit(x, n + "branch1x1", 192, 1)
    b = unit(unit(x, n + "branch7x7_1", c, 1), n + "branch7x7_2", c, **wide)
    b = unit(b, n + "branch7x7_3", 192, **high)
    d = unit(unit(x, n + "branch7x7dbl_1", c, 1), n + "branch7x7dbl_2", c, **high)
    d = unit(unit(d, n + "branch7x7dbl_3", c, **wide), n + "branch7x7dbl_4", c, **high)
    d = unit(d, n + "branch7x7dbl_5", 192, **wide)
    return torch.cat([a, b, d, unit(mean_pool(x), n + "branch_pool", 192, 1)], 1)


def mixed_7a(x, n):
    a = unit(unit(x, n + "branch3x3_1", 192, 1), n + "branch3x3_2", 320, 3, 2)
    b = unit(unit(x, n + "branch7x7x3_1", 192, 1), n + "branch7x7x3_2", 192, (1, 7), padding=(0, 3))
    b = unit(b, n + "branch7x7x3_3", 192, (7, 1), padding=(3, 0))
    return torch.cat([a, unit(b, n + "branch7x7x3_4", 192, 3, 2), F.max_pool2d(x, 3, 2)], 1)


def mixed_7(x, n, pooled):
    a = unit(x, n + "branch1x1", 320, 1)
    b = unit(x, n + "branch3x3_1", 384, 1)
    c = unit(unit(x, n + "branch3x3dbl_1", 448, 1), n + "branch3x3dbl_2", 384, 3, padding=1)
    both = []
    for y, side in ((b, "branch3x3_2"), (c, "branch3x3dbl_3")):
        both.append(unit(y, n + side + "a", 384, (1, 3), padding=(0, 1)))
        both.append(unit(y, n + side + "b", 384, (3, 1), padding=(1, 0)))
    return torch.cat([a, *both, unit(pooled, n + "branch_pool", 192, 1)], 1)


def resized(x, size=299):
    """TensorFlow 1's resize_bilinear without aligned corners, pixel by pixel of its definition."""
    for axis in (2, 3):
        place = torch.arange(size, dtype=torch.float64) * x.shape[axis] / size
        low = place.floor().long()
        high = (low + 1).clamp(max=x.shape[axis] - 1)
        share = (place - low).reshape([-1 if i == axis else 1 for i in range(4)])
        x = x.index_select(axis, low) * (1 - share) + x.index_select(axis, high) * share
    return x


def network(images):
    taps = {}
    x = (resized(images.double()) - 128) / 128
    x = unit(unit(x, "Conv2d_1a_3x3", 32, 3, 2), "Conv2d_2a_3x3", 32, 3)
    x = F.max_pool2d(unit(x, "Conv2d_2b_3x3", 64, 3, padding=1), 3, 2)
    taps["after_4"] = x.mean((2, 3))
    x = F.max_pool2d(unit(unit(x, "Conv2d_3b_1x1", 80, 1), "Conv2d_4a_3x3", 192, 3), 3, 2)
    taps["after_7"] = x.mean((2, 3))
    x = mixed_5(mixed_5(mixed_5(x, "Mixed_5b.", 32), "Mixed_5c.", 64), "Mixed_5d.", 64)
    taps["after_10"] = x.mean((2, 3))
    x = mixed_6a(x, "Mixed_6a.")
    for name, c in (("b", 128), ("c", 160), ("d", 160), ("e", 192)):
        x = mixed_6(x, f"Mixed_6{name}.", c)
    taps["after_15"] = x.mean((2, 3))
    x = mixed_7a(x, "Mixed_7a.")
    x = mixed_7(x, "Mixed_7b.", mean_pool(x))
    taps["after_17"] = x.mean((2, 3))
    x = mixed_7(x, "Mixed_7c.", F.max_pool2d(x, 3, 1, 1))
    taps["features"] = x.mean((2, 3))
    weight = tensor("fc.weight", (1008, 2048), 0.0, math.sqrt(6 / 2048))
    tensor("fc.bias", (1008,), 0.0, 1.0)
    taps["probabilities"] = torch.softmax(taps["features"] @ weight.T, 1)
    return taps


torch.set_num_threads(1)
found = {}
for name, shape in (("small", (2, 3, 32, 32)), ("oblong", (1, 3, 310, 330)), ("grey", (1, 1, 28, 28))):
    images = pixels(name, shape)
    with torch.no_grad():
        taps = network(images.expand(-1, 3, -1, -1))
    for tap, value in taps.items():
        found[f"{name}.{tap}"] = value.float().contiguous()
    f, p = taps["features"], taps["probabilities"]
    print(name, "features", f.abs().mean().item(), f.std(1).tolist(), "largest p", p.max(1).values.tolist())
    if len(f) > 1:
        print("  images differ by", (f[0] - f[1]).abs().mean().item())
print(sum(w.numel() for w in WEIGHTS.values()), "weights,", len(WEIGHTS), "tensors")
save_file(found, "inception-golden.safetensors")
