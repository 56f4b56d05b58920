# SPDX-License-Identifier: Apache-2.0
"""What the benches of training share: the samples, initial weights and order of `weft train`, drawn
here again, its rates and results, and intervals over seeds.

Import one_core first.
"""

import json
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy
from one_core import BUILD
from safetensors.numpy import load_file
from scipy import stats

MOMENTUM, DECAY = 0.9, 1e-4  # of the optimizer sgd
MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
INITIAL, SHUFFLE = 0, 1  # purposes of draws, runtime/graph/random.h

Weights = dict[str, numpy.ndarray]


def mix(z: int) -> int:
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def draws(seed: int, purpose: int, stream: int, count: int) -> list[int]:
    of_stream = mix(mix(seed + GOLDEN * (purpose + 1) & MASK) + GOLDEN * (stream + 1) & MASK)
    return [mix(of_stream + GOLDEN * (i + 1) & MASK) for i in range(count)]


def shuffled(count: int, seed: int, epoch: int) -> numpy.ndarray:
    bits = draws(seed, SHUFFLE, epoch, count)
    order = numpy.arange(count)
    for i in range(count - 1, 0, -1):
        j = bits[i] * (i + 1) >> 64
        order[i], order[j] = order[j], order[i]
    return order


def initial_weights(seed: int, shapes: list[tuple[int, int]]) -> Weights:
    """Layers with a weight of `shapes` (outputs, inputs) each and a bias: weights uniform in
    +-sqrt(6 / inputs), biases 0. Parameters count in the order of the layers."""
    weights = {}
    for layer, (rows, cols) in enumerate(shapes):
        bound = math.sqrt(6 / cols)
        drawn = [bound * ((bits >> 40) * 2.0**-23 - 1)
                 for bits in draws(seed, INITIAL, 2 * layer, rows * cols)]
        weights[f"layer{layer}.weight"] = numpy.array(drawn, numpy.float32).reshape(rows, cols)
        weights[f"layer{layer}.bias"] = numpy.zeros(rows, numpy.float32)
    return weights


def rate_of(rate: float, step: int, steps: int) -> numpy.float32:
    """The schedule `cosine`."""
    return numpy.float32(rate / 2 * (1 + math.cos(math.pi * step / steps)))


def load(name: str, scale: float) -> tuple[numpy.ndarray, numpy.ndarray]:
    share = BUILD / "share" / "weft"
    x = numpy.load(share / f"{name}.x.npy").astype(numpy.float32) * numpy.float32(scale)
    return x.reshape(len(x), -1), numpy.load(share / f"{name}.y.npy").astype(numpy.int64)


def weft_train(*arguments) -> dict:
    """What `weft train ... --json` says."""
    run = subprocess.run([BUILD / "bin" / "weft", "train", *map(str, arguments), "--json"],
                         capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(run.stderr)
    return json.loads(run.stdout)


def check_initial_weights(data: str, expected: Weights, seed: int, samples: int) -> None:
    """Exits if a training of `data` begins with other weights; a step at rate 0 keeps them."""
    with tempfile.TemporaryDirectory() as folder:
        kept = pathlib.Path(folder) / "w.safetensors"
        weft_train(data, "--seed", seed, "--epochs", 1, "--lr", 0, "--batch", samples, "-o", kept)
        stored = load_file(kept)
    for name, value in expected.items():
        if not numpy.array_equal(stored[name], value):
            sys.exit(f"the initial weights of {name} differ: the comparison would be of two tasks")


def mean_and_interval(values) -> tuple[float, float]:
    """The mean and half the width of its 95 % interval (Student); NaN for a single value."""
    values = numpy.asarray(values, numpy.float64)
    if len(values) < 2:
        return float(values.mean()), math.nan
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / math.sqrt(len(values))
    return float(values.mean()), float(half)
