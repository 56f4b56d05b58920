# SPDX-License-Identifier: Apache-2.0
"""Loss and gradients of one step of `weft train` against differences in float64.

A step of SGD without momentum at rate 1 changes a weight by its gradient; it starts from a
checkpoint whose weights, biases and gains are written here.

**The tolerance.** Besides FP32 roundings, a step errs where operands of products are quantised. The
step of a block is the smallest power of two of which its largest element is at most 127; that of
the whole tensor is none smaller. Forward an error is at most half a step; as a rounding of many
different numbers it has the variance step^2/12. Backward it is stochastic, of variance at most
step^2/4, a second draw for the same x or weight: together step^2/3, that of a number drawn evenly
from +-1 step. So errors of that kind are put on x and weight of every product of the reference, and
on its dy (which is rounded stochastically alone), and its gradients and loss taken again, DRAWS
times: this carries the errors through the layers behind, gates that turn over included. What comes
out differs from the exact gradient by a vector of many small parts. Were its n elements
independent, its norm would be within 2.1 / sqrt(n) of its root mean square, relatively, in three
standard deviations; they are not quite, so twice that is allowed, and at most 3 in all.

A tolerance is less than half of the gradient's norm: a sign, a factor of 2 or of 1/2, or a missing
term of that size lies outside. All draws are fixed, so the answer is the same every time.
"""

import json
import math

import numpy
from reference_network import ACTIVATIONS, Network
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from weft_command import DEVICE, CommandTest, main

DRAWS = 6
OUTPUTS = 5


def linear(outputs):
    return of("linear", outputs=outputs)


def of(kind, **keys):
    return {"type": kind, **keys}


def step_of(maximum):
    # The card's dy, and x behind the first layer, are larger by a little than the reference's.
    return 2.0 ** math.ceil(math.log2(1.02 * maximum / 127))


class Gradients(CommandTest):
    def step(self, layers, shape, x, labels, parameters):
        """The loss and the gradients of one step on the card."""
        numpy.save(self.folder / "x.npy", x.reshape(len(x), -1).astype(numpy.float32))
        numpy.save(self.folder / "y.npy", labels.astype(numpy.int64))
        rows, cols, channels = shape if len(shape) == 3 else (1, shape[0], 1)
        files = {"x": "x.npy", "y": "y.npy"}
        (self.folder / "c.json").write_text(json.dumps({
            "data": {"train": files, "test": files},
            "input": {"rows": rows, "cols": cols, "channels": channels},
            "layers": layers,
            "optimizer": {"type": "sgd", "rate": 1, "schedule": "constant", "momentum": 0,
                          "weight_decay": 0},
            "epochs": 1,
            "batch": len(x),
        }))
        # A checkpoint to write the parameters into, and to set back to the first step.
        self.json_of("train", "--config", "c.json", "--lr", 0, "-o", "c.safetensors",
                     "--device", DEVICE)
        before = load_file(self.folder / "c.safetensors")
        with safe_open(self.folder / "c.safetensors", "numpy") as file:
            metadata = file.metadata()
        weights = {name for name in before if not name.startswith("optimizer.")}
        self.assertEqual(weights, set(parameters))
        for name in before:
            self.assertEqual(before[name].shape, parameters[name.split("velocity.")[-1]].shape)
            before[name] = numpy.zeros_like(before[name])
            if name in parameters:
                before[name] += parameters[name].astype(numpy.float32)
        training = json.loads(metadata["weft_training"])
        training["config"]["optimizer"]["rate"] = 1
        training["history"] = {"losses": [], "accuracies": [], "loss_sum": 0, "right": 0}
        metadata.update(weft_step="0", weft_training=json.dumps(training))
        save_file(before, self.folder / "c.safetensors", metadata)
        result = self.json_of("train", "--resume", "c.safetensors", "--device", DEVICE)
        self.assertEqual(result["steps"], 1)
        after = load_file(self.folder / "c.safetensors")
        gradients = {name: parameters[name] - after[name].astype(numpy.float64)
                     for name in weights}
        return result["loss_history"][0], gradients

    def compare(self, layers, shape, batch=40):
        random = numpy.random.default_rng(1)
        layers = [*layers, linear(OUTPUTS)]
        network = Network(layers, shape, random)
        x = random.uniform(-1, 1, (batch, *shape)).astype(numpy.float32).astype(numpy.float64)
        labels = random.integers(0, OUTPUTS, batch)
        loss = network.losses(x, labels)[0]
        exact = network.gradients(x, labels)
        largest = {stem: network.largest_operands(stem, x, labels) for stem in network.products}
        loss_squares, squares = 0.0, dict.fromkeys(exact, 0.0)
        for _ in range(DRAWS):
            for stem, operands in largest.items():
                network.set_errors(stem, *(random.uniform(-1, 1, extents) * step_of(maximum)
                                           for extents, maximum in operands))
            loss_squares += (network.losses(x, labels)[0] - loss) ** 2 / DRAWS
            for name, gradient in network.gradients(x, labels).items():
                squares[name] += ((gradient - exact[name]) ** 2).sum() / DRAWS

        card_loss, card = self.step(layers, shape, x, labels, network.parameters)
        self.assertLessEqual(abs(card_loss - loss), 3 * loss_squares**0.5 + 1e-6)
        for name, gradient in exact.items():
            norm = numpy.linalg.norm(gradient)
            # Weight and gradient share a subtraction in FP32; the rest of FP32 is smaller still.
            fp32 = 1e-6 * (numpy.linalg.norm(network.parameters[name]) + norm)
            factor = min(3, 1 + 4.2 / math.sqrt(gradient.size))
            tolerance = factor * squares[name] ** 0.5 + fp32
            distance = numpy.linalg.norm(card[name] - gradient)
            told = f"{layers}: {name} {distance / norm:.4f} {tolerance / norm:.4f} of the norm"
            self.assertLessEqual(distance, tolerance, told)
            self.assertLess(tolerance, norm / 2, told)

    def test_a_linear_layer(self):
        self.compare([], (40,))

    def test_activations(self):
        for activation in ACTIVATIONS:
            self.compare([linear(12), of(activation)], (40,))

    def test_norms(self):
        for norm in ("layer_norm", "rms_norm"):
            self.compare([linear(12), of(norm), of("tanh")], (40,))

    def test_a_convolution_with_padding_and_max_pooling(self):
        self.compare([of("conv", filters=4, kernel=3, padding=1), of("relu"),
                      of("max_pool", window=2), of("flatten")], (6, 6, 2), batch=6)

    def test_strides_and_average_pooling_that_leave_pixels_over(self):
        self.compare([of("conv", filters=3, kernel=3, stride=2), of("gelu"),
                      of("conv", filters=4, kernel=3, stride=2, padding=1), of("silu"),
                      of("average_pool", window=2), of("flatten")], (14, 14, 1), batch=6)

    def test_max_pooling_between_convolutions(self):
        self.compare([of("conv", filters=3, kernel=3, padding=1), of("max_pool", window=3),
                      of("conv", filters=4, kernel=2), of("tanh"), of("flatten")],
                     (9, 9, 1), batch=6)


if __name__ == "__main__":
    main()
