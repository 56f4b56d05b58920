# SPDX-License-Identifier: Apache-2.0
"""weft train: accuracy, resuming, faults, descriptions of networks, several processes."""

import json
import os
import resource
import shutil
import signal
import struct
import subprocess
import time

from weft_command import DEVICE, SHARE, WEFT, CommandTest, main

USAGE, INPUT, DIVERGED, INTERRUPTED = 2, 3, 6, 130


class Train(CommandTest):
    def train(self, *arguments, code=0, device=DEVICE):
        return self.json_of("train", *arguments, "--device", device, code=code)

    def refuse(self, code, *arguments, says=""):
        error = self.train(*arguments, code=code)["error"]
        self.assertIn(says, error["what"] + error["advice"])

    def expect_runs(self, checkpoint, data, trained):
        """`weft run` answers as the training did, on every configuration with the same bytes."""
        hashes = set()
        for device in (DEVICE, "fast:?config=small"):
            run = self.json_of("run", checkpoint, "--data", data, "--device", device)
            self.assertEqual(run["accuracy"], trained["test_accuracy"])
            hashes.add(run["logits_hash"])
        self.assertEqual(len(hashes), 1)
        # Eight bits against FP32, on logits of a few tens.
        self.assertLess(run["fp32"]["max_abs_difference"], 2)

    def write_npy(self, name, values, shape, descr, letter):
        header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
        header = header.ljust(117) + "\n"
        data = struct.pack(f"<{len(values)}{letter}", *values)
        (self.folder / name).write_bytes(
            b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data
        )

    def write_samples(self, name, xs, labels, width=2):
        count = len(labels)
        self.write_npy(f"{name}.x.npy", xs, f"({count}, {width})", "<f4", "f")
        self.write_npy(f"{name}.y.npy", labels, f"({count},)", "<i8", "q")

    def write_config(self, **changes):
        """The sign of a product of two coordinates, 200 samples."""
        xs = [((i * 37) % 200 - 99.5) / 100 if i % 2 else ((i * 91) % 200 - 99.5) / 100
              for i in range(400)]
        labels = [int(xs[2 * i] * xs[2 * i + 1] > 0) for i in range(200)]
        self.write_samples("s", xs, labels)
        files = {"x": "s.x.npy", "y": "s.y.npy"}
        config = {
            "data": {"train": files, "test": files},
            "layers": [
                {"type": "linear", "outputs": 32},
                {"type": "layer_norm"},
                {"type": "gelu"},
                {"type": "linear", "outputs": 2},
            ],
            "optimizer": {"type": "adamw", "rate": 0.02, "schedule": "linear"},
            "epochs": 40,
            "batch": 20,
            **changes,
        }
        (self.folder / "c.json").write_text(json.dumps(config))
        return config

    def test_digits_reach_their_accuracy(self):
        result = self.train("digits", "-o", "d.safetensors", "--plot", "d.svg")
        self.assertGreaterEqual(result["test_accuracy"], 0.96)
        self.assertRegex(result["weights_hash"], "^[0-9a-f]{16}$")
        self.assertEqual(len(result["loss_history"]), result["epochs"])
        self.assertLess(result["loss_history"][-1], 0.2 * result["loss_history"][0])
        for phase in ("forward", "dgrad", "wgrad", "optimizer", "other"):
            self.assertEqual(result["phases"][phase], {"cycles": None, "utilisation": None})
        self.assertIn("<polyline", (self.folder / "d.svg").read_text())
        self.expect_runs("d.safetensors", "digits", result)

    def test_a_convolutional_network(self):
        arguments = ("digits", "--model", "cnn", "--epochs", 4)
        result = self.train(*arguments, "-o", "n.safetensors")
        self.assertGreaterEqual(result["test_accuracy"], 0.95)
        small = self.train(*arguments, device="fast:?config=small")
        self.assertEqual(small["weights_hash"], result["weights_hash"])
        resumed = self.train("--resume", "n.safetensors")
        self.assertEqual(resumed["test_accuracy"], result["test_accuracy"])
        self.expect_runs("n.safetensors", "digits", result)

    def test_layers_of_maps_that_do_not_fit_are_named(self):
        conv = {"type": "conv", "filters": 4, "padding": 1}
        flat, linear = {"type": "flatten"}, {"type": "linear", "outputs": 2}
        shape = {"rows": 1, "cols": 2}
        for says, layers, described in (
            ("layers[1] does not fit: linear of x", [conv, linear], shape),
            ("layers[2] does not fit: conv2d of x", [conv, flat, conv, linear], shape),
            ("layers[1] does not fit: max_pool of",
             [conv, {"type": "max_pool", "window": 2}, flat, linear], shape),
            ("layers[0] does not fit: conv2d of x",
             [{**conv, "kernel": 7}, flat, linear], shape),
            ("layers[0] does not fit: flatten of", [flat, linear], shape),
            ("layers[0].filters is missing", [{"type": "conv"}, flat, linear], shape),
            ("layers[0].padding is -1", [{**conv, "padding": -1}, flat, linear], shape),
            ("input needs rows and cols", [conv, flat, linear], {"scale": 1}),
        ):
            self.write_config(layers=layers, input=described)
            self.refuse(USAGE, "--config", "c.json", says=says)
        self.write_config(layers=[conv, flat, linear], input={"rows": 1, "cols": 1, "channels": 2})
        self.assertEqual(self.train("--config", "c.json", "--epochs", 1)["steps"], 10)

    def test_adamw_and_the_small_configuration(self):
        arguments = ("digits", "--optimizer", "adamw", "--epochs", 3)
        results = [self.train(*arguments, device=uri) for uri in (DEVICE, "fast:?config=small")]
        self.assertEqual(results[0]["weights_hash"], results[1]["weights_hash"])
        self.assertNotEqual(
            self.train(*arguments, "--seed", 2)["weights_hash"], results[0]["weights_hash"]
        )

    def test_the_curve_is_drawn(self):
        text = self.run_weft("train", "digits", "--epochs", 4, "--device", DEVICE).stdout
        self.assertGreaterEqual(text.count("*"), 4)
        self.assertIn("test accuracy", text)

    def test_ctrl_c_and_resume_give_the_same_weights(self):
        arguments = ("digits", "--epochs", 60)
        whole = self.train(*arguments)
        process = subprocess.Popen(
            [WEFT, "train", *map(str, arguments), "--device", DEVICE, "-o", "r.safetensors"]
            + ["--json"],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        until = time.monotonic() + 60
        while not (self.folder / "r.safetensors").exists() and time.monotonic() < until:
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        stopped = json.loads(process.communicate(timeout=60)[0])
        self.assertEqual(process.returncode, INTERRUPTED)
        self.assertTrue(stopped["interrupted"])
        self.assertLess(stopped["steps"], whole["steps"])
        resumed = self.train("--resume", "r.safetensors")
        for key in ("weights_hash", "test_accuracy", "steps", "loss_history", "accuracy_history"):
            self.assertEqual(resumed[key], whole[key], key)
        # A training that is over stays as it is.
        self.assertEqual(
            self.train("--resume", "r.safetensors")["weights_hash"], whole["weights_hash"]
        )

    def test_resume_keeps_what_the_training_began_with(self):
        self.train("digits", "--epochs", 2, "-o", "r.safetensors")
        self.refuse(USAGE, "--resume", "r.safetensors", "--epochs", 3, says="--epochs")
        self.refuse(USAGE, "--resume", "r.safetensors", "--optimizer", "adamw", says="--optimizer")
        self.refuse(INPUT, "--resume", SHARE / "digits.safetensors", says="steps")
        self.refuse(INPUT, "--resume", "absent.safetensors", says="absent")

    def test_a_loss_that_is_not_finite_names_its_tensor(self):
        self.train("digits", "--epochs", 1, "-o", "g.safetensors")
        kept = (self.folder / "g.safetensors").read_bytes()
        error = self.train("digits", "--lr", "1e30", "-o", "g.safetensors", code=DIVERGED)["error"]
        self.assertRegex(error["what"], "the loss of step [0-9]+ .*first tensor .* is [a-z_0-9.]+")
        self.assertEqual((self.folder / "g.safetensors").read_bytes(), kept)

    def test_a_full_disk_keeps_the_old_checkpoint(self):
        self.train("digits", "--epochs", 1, "-o", "f.safetensors")
        kept = (self.folder / "f.safetensors").read_bytes()
        result = subprocess.run(
            [WEFT, "train", "digits", "--epochs", "2", "--device", DEVICE, "-o", "f.safetensors"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
        )
        self.assertEqual(result.returncode, INPUT, result.stderr)
        self.assertIn("f.safetensors", result.stderr)
        self.assertEqual((self.folder / "f.safetensors").read_bytes(), kept)
        self.assertEqual(len(list(self.folder.iterdir())), 1)

    def test_a_described_network(self):
        self.write_config()
        result = self.train("--config", "c.json", "-o", "c.safetensors")
        self.assertGreaterEqual(result["test_accuracy"], 0.9)
        # Options replace what the file says.
        self.assertEqual(self.train("--config", "c.json", "--epochs", 1)["steps"], 10)
        # Continued from anywhere: the checkpoint knows where the samples are.
        (self.folder / "c.json").unlink()
        self.assertEqual(
            self.train("--resume", "c.safetensors")["weights_hash"], result["weights_hash"]
        )
        self.expect_runs("c.safetensors", "s", result)

    def test_descriptions_name_the_key_that_is_wrong(self):
        linear = {"type": "linear", "outputs": 2}
        for key, changes in {
            "layers[0].outputs": {"layers": [{"type": "linear", "outputs": -3}, linear]},
            "layers[1].type": {"layers": [linear, {"type": "conv3d"}]},
            "layers": {"layers": []},
            "layers[0].width": {"layers": [{**linear, "width": 3}]},
            "optimizer.type": {"optimizer": {"type": "lion"}},
            "optimizer.momentum": {"optimizer": {"type": "sgd", "momentum": 2}},
            "optimizer.beta1": {"optimizer": {"type": "sgd", "beta1": 0.9}},
            "optimizer.schedule": {"optimizer": {"type": "sgd", "schedule": "steep"}},
            "epochs": {"epochs": 0},
            "batch": {"batch": 1.5},
            "seed": {"seed": "one"},
            "data.test": {"data": {"train": {"x": "s.x.npy", "y": "s.y.npy"}}},
            "input.scale": {"input": {"scale": "big"}},
            "labels": {"labels": ["one"]},
            "depth": {"depth": 3},
        }.items():
            self.write_config(**changes)
            self.refuse(USAGE, "--config", "c.json", says=f"c.json: {key} ")
        (self.folder / "c.json").write_text("{")
        self.refuse(USAGE, "--config", "c.json", says="not JSON")

    def test_samples_that_make_no_sense(self):
        self.write_config(batch=500)
        self.refuse(USAGE, "--config", "c.json", says="a batch of 500 of 200 samples")
        self.write_config()
        self.write_samples("s", [0.0] * 400, [0] * 57 + [2] + [0] * 142)
        self.refuse(USAGE, "--config", "c.json", says="label 2 for sample 57")
        self.write_samples("s", [0.0] * 9 + [float("nan")] + [0.0] * 390, [0] * 200)
        self.refuse(USAGE, "--config", "c.json", says="nan in sample 4")
        self.write_npy("s.y.npy", [0] * 199, "(199,)", "<i8", "q")
        self.refuse(USAGE, "--config", "c.json", says="199 labels")
        (self.folder / "s.x.npy").write_bytes(b"\x93NUMPY")
        self.refuse(INPUT, "--config", "c.json", says="s.x.npy")
        (self.folder / "s.x.npy").unlink()
        self.refuse(INPUT, "--config", "c.json", says="s.x.npy")

    def test_arguments_that_make_no_sense(self):
        self.refuse(USAGE)
        self.refuse(USAGE, "letters", says="letters")
        self.refuse(USAGE, "digits", "--config", "c.json")
        self.refuse(USAGE, "digits", "--model", "rnn", says="rnn")
        self.refuse(USAGE, "--config", "c.json", "--model", "cnn", says="--model")
        self.refuse(USAGE, "digits", "--optimizer", "lion", says="lion")
        self.refuse(USAGE, "digits", "--batch", 0)
        self.refuse(USAGE, "digits", "--epochs", 0)
        self.refuse(USAGE, "digits", "--micro-batches", 7, says="7 parts")
        self.refuse(USAGE, "digits", "--lr", "fast")
        self.refuse(USAGE, "digits", "--lr", "-1")

    def test_processes_give_the_weights_of_parts(self):
        if shutil.which("mpirun") is None:
            self.skipTest("no mpirun")
        result = self.two_processes("--device", DEVICE)
        if "without MPI" in result.stderr:
            self.skipTest("built without MPI")
        self.assertEqual(result.returncode, 0, result.stderr)
        together = json.loads(result.stdout)
        alone = self.train("digits", "--epochs", 2, "--micro-batches", 2)
        self.assertEqual(together["weights_hash"], alone["weights_hash"])
        self.assertEqual(together["loss_history"], alone["loss_history"])
        # Of a list of devices each process has one.
        devices = self.two_processes("--device", f"{DEVICE},fast:?config=small")
        self.assertEqual(devices.returncode, 0, devices.stderr)
        self.assertEqual(json.loads(devices.stdout)["weights_hash"], alone["weights_hash"])
        # The second is that of the second process.
        absent = self.two_processes("--device", f"{DEVICE},fast:?config=huge")
        self.assertEqual(absent.returncode, USAGE, absent.stderr)
        self.assertIn("process 1: ", absent.stderr)
        # What fails in all is one line of the first.
        failed = self.two_processes("--device", DEVICE, "--lr", "1e30")
        self.assertEqual(failed.returncode, DIVERGED, failed.stderr)
        self.assertIn("--micro-batches 2", json.loads(failed.stdout)["error"]["advice"])

    def two_processes(self, *arguments):
        # Open MPI itself leaves memory behind when it ends.
        sanitizer = ":".join([os.environ.get("ASAN_OPTIONS", ""), "detect_leaks=0"])
        started = ["mpirun", "-n", "2", "--allow-run-as-root", "--oversubscribe", WEFT]
        return subprocess.run(
            [*started, "train", "digits", "--epochs", "2", "--json", *arguments],
            cwd=self.folder,
            env={**os.environ, "ASAN_OPTIONS": sanitizer},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


if __name__ == "__main__":
    main()
