#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains a small network on scikit-learn's 1,797 handwritten digits and exports model and data.

usage: train_digits.py OUTPUT_FOLDER

Writes
  digits.safetensors         FP32 weights; the architecture is JSON in __metadata__["weft"]
  digits.x.npy digits.y.npy  the test split: 360 x 64 values 0..16 (float32), labels (int64)
  digits_train.x.npy, .y.npy the training split
  digit_<label>_<i>.png      the first ten test images, 64 x 64 grey

The split is stratified random 80/20 with seed 1. Same inputs and libraries give the same files.
Fails when the network classifies less than 97 % of the test split.
"""

import os

# One thread: the order of floating-point sums must not depend on the machine's cores.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import json
import pathlib
import sys
import warnings

import numpy
from PIL import Image
from safetensors.numpy import save_file
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

SIDE = 8  # pixels
MAXIMUM = 16  # value of a black pixel
HIDDEN = (64, 32)
REQUIRED_ACCURACY = 0.97


def train(x, y):
    """Returns the weights (outputs x inputs) and biases of each layer, float32."""
    network = MLPClassifier(HIDDEN, alpha=0.1, max_iter=200, random_state=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(x, y)
    weights = [numpy.ascontiguousarray(w.T, dtype=numpy.float32) for w in network.coefs_]
    return weights, [b.astype(numpy.float32) for b in network.intercepts_]


def logits(x, weights, biases):
    for i, (weight, bias) in enumerate(zip(weights, biases)):
        x = x @ weight.T + bias
        if i + 1 < len(weights):
            x = numpy.maximum(x, 0)
    return x


def architecture(weights):
    layers = []
    for weight in weights:
        layers += [{"type": "linear", "outputs": len(weight)}, {"type": "relu"}]
    return {
        "version": 2,
        "input": {"rows": SIDE, "cols": SIDE, "maximum": MAXIMUM, "scale": 1 / MAXIMUM},
        "labels": [str(digit) for digit in range(10)],
        "layers": layers[:-1],
    }


def save_png(path, pixels):
    """Writes 64 x 64 grey: each pixel is an 8 x 8 square, ink is bright as in the data."""
    grey = numpy.rint(pixels.reshape(SIDE, SIDE) * (255 / MAXIMUM)).astype(numpy.uint8)
    Image.fromarray(numpy.kron(grey, numpy.ones((8, 8), numpy.uint8))).save(path)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)

    images, labels = load_digits(return_X_y=True)
    images = images.astype(numpy.float32)
    train_x, test_x, train_y, test_y = train_test_split(
        images, labels, test_size=0.2, stratify=labels, random_state=1
    )
    weights, biases = train(train_x / MAXIMUM, train_y)
    predictions = logits(test_x / MAXIMUM, weights, biases).argmax(axis=1)
    accuracy = float((predictions == test_y).mean())
    print(f"digits: {len(test_y)} test images, FP32 accuracy {accuracy:.4f}", file=sys.stderr)
    if accuracy < REQUIRED_ACCURACY:
        sys.exit(f"accuracy {accuracy:.4f} is below {REQUIRED_ACCURACY}")

    tensors = {}
    for i, (weight, bias) in enumerate(zip(weights, biases)):
        tensors[f"layer{i}.weight"] = weight
        tensors[f"layer{i}.bias"] = bias
    metadata = {"weft": json.dumps(architecture(weights))}
    for name, x, y in (("digits", test_x, test_y), ("digits_train", train_x, train_y)):
        numpy.save(folder / f"{name}.x.npy", x)
        numpy.save(folder / f"{name}.y.npy", y.astype(numpy.int64))
    for i in range(10):
        save_png(folder / f"digit_{test_y[i]}_{i}.png", test_x[i])
    save_file(tensors, folder / "digits.safetensors", metadata)


if __name__ == "__main__":
    main()
