# SPDX-License-Identifier: Apache-2.0
"""The networks of `weft train --config` in float64, written forwards only.

Gradients are central differences of the loss: no derivative is written down here, so none can be
wrong in the same way as on the card. (jax.grad would do as well, but its 90 MB would be in every
set-up of the tests.)
"""

import dataclasses

import numpy
from numpy.lib.stride_tricks import sliding_window_view
from scipy.special import erf

STEP = 1e-6  # of central differences: their error is about STEP^2 and 2^-53 / STEP, 1e-10

ACTIVATIONS = {
    "relu": lambda x: numpy.maximum(x, 0),
    "gelu": lambda x: x * (1 + erf(x / numpy.sqrt(2))) / 2,
    "silu": lambda x: x / (1 + numpy.exp(-x)),
    "sigmoid": lambda x: 1 / (1 + numpy.exp(-x)),
    "tanh": numpy.tanh,
}


def differences(function, array):
    """The gradient of function() by the elements of `array`, which it reads."""
    gradient = numpy.empty_like(array)
    for i in numpy.ndindex(array.shape):
        kept = array[i]
        array[i] = kept + STEP
        above = function()
        array[i] = kept - STEP
        gradient[i] = (above - function()) / (2 * STEP)
        array[i] = kept
    return gradient


@dataclasses.dataclass
class Errors:
    """What quantisation does to the operands of one product."""

    x: numpy.ndarray | float = 0.0
    weight: numpy.ndarray | float = 0.0
    dy: numpy.ndarray | float = 0.0
    result: numpy.ndarray | float = 0.0


class Network:
    def __init__(self, layers, shape, random):
        """`shape` is that of a sample, (values,) or (height, width, channels). Parameters are drawn
        where they are first met."""
        self.layers, self.shape, self.random = layers, shape, random
        self.parameters = {}
        self.products = {}  # layer to Errors
        self.operands, self.results = {}, {}  # layer to x and y of its product, of the last pass

    def parameter(self, name, shape, centre=0.0, width=1.0):
        if name not in self.parameters:
            drawn = centre + width * self.random.uniform(-1, 1, shape)
            self.parameters[name] = drawn.astype(numpy.float32).astype(numpy.float64)
        return self.parameters[name]

    def product(self, stem, x, outputs, windows_of=lambda x: x):
        """windows_of(x) @ weight.T + bias on the last axis."""
        errors = self.products.setdefault(stem, Errors())
        self.operands[stem] = x
        x = windows_of(x + errors.x)
        weight = self.parameter(stem + "weight", (outputs, x.shape[-1]), 0,
                                numpy.sqrt(3 / x.shape[-1]))
        y = x @ (weight + errors.weight).T + errors.result
        # Its derivative by y adds the error to dy, for the gradients of x and weight only.
        self.side += (errors.dy * y).sum()
        self.results[stem] = y
        return y + self.parameter(stem + "bias", (outputs,), 0, 0.5)

    def layer(self, kind, layer, stem, x):
        if kind in ACTIVATIONS:
            return ACTIVATIONS[kind](x)
        if kind == "linear":
            return self.product(stem, x, layer["outputs"])
        if kind == "conv":
            pad, size, stride = layer.get("padding", 0), layer["kernel"], layer.get("stride", 1)

            def windows_of(x):
                x = numpy.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
                x = sliding_window_view(x, (size, size), (1, 2))[:, ::stride, ::stride]
                x = x.transpose(0, 1, 2, 4, 5, 3)
                return x.reshape(*x.shape[:3], -1)

            return self.product(stem, x, layer["filters"], windows_of)
        if kind in ("max_pool", "average_pool"):
            size = layer["window"]
            height, width = x.shape[1] // size, x.shape[2] // size
            x = x[:, : height * size, : width * size]
            x = x.reshape(len(x), height, size, width, size, -1)
            return x.max((2, 4)) if kind == "max_pool" else x.mean((2, 4))
        if kind == "flatten":
            return x.reshape(len(x), -1)
        gain = self.parameter(stem + "gain", x.shape[-1:], 1, 0.5)
        if kind == "rms_norm":
            return x / numpy.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * gain
        x = x - x.mean(-1, keepdims=True)
        x = x / numpy.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * gain
        return x + self.parameter(stem + "shift", x.shape[-1:], 0, 0.5)

    def losses(self, x, labels):
        """The mean cross entropy, and the same with what the errors of dy add."""
        self.side, number = 0.0, 0
        x = x.reshape(len(x), *self.shape)
        for layer in self.layers:
            x = self.layer(layer["type"], layer, f"layer{number}.", x)
            number += layer["type"] in ("linear", "conv", "layer_norm", "rms_norm")
        x = x - x.max(1, keepdims=True)
        right = x[numpy.arange(len(labels)), labels]
        loss = (numpy.log(numpy.exp(x).sum(1)) - right).mean()
        return loss, loss + self.side

    def gradients(self, x, labels):
        return {name: differences(lambda: self.losses(x, labels)[1], values)
                for name, values in self.parameters.items()}

    def largest_operands(self, stem, x, labels):
        """Shape and largest magnitude of x, weight and dy of a product."""
        loss = lambda: self.losses(x, labels)[0]  # noqa: E731
        loss()
        offset = numpy.zeros(self.results[stem].shape)
        self.products[stem] = Errors(result=offset)
        operands = [self.operands[stem], self.parameters[stem + "weight"]]
        operands.append(differences(loss, offset))
        self.products[stem] = Errors()
        return [(each.shape, abs(each).max()) for each in operands]

    def set_errors(self, stem, x, weight, dy):
        self.products[stem] = Errors(x, weight, dy)
