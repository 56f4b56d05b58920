# SPDX-License-Identifier: Apache-2.0
"""Every kind of bad input ends with a clear error and its exit code, with --json on one line."""

import random
import struct
import time

from weft_command import SHARE, WEFT, CommandTest, main

USAGE, INPUT, DEVICE, PROGRAM = 2, 3, 4, 5


class BadInput(CommandTest):
    def refuse(self, code, *arguments, says=""):
        error = self.json_of(*arguments, code=code)["error"]
        self.assertTrue(error["what"])
        self.assertIn(says, error["what"])

    def run_digits(self, code, *arguments, says=""):
        self.refuse(code, "run", "digits.safetensors", *arguments, says=says)

    def write_npy(self, name, values, shape, descr="<f4", letter="f"):
        header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
        header = header.ljust(117) + "\n"
        data = struct.pack(f"<{len(values)}{letter}", *values)
        path = self.folder / name
        path.write_bytes(
            b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data
        )

    def test_usage(self):
        self.refuse(USAGE)
        self.refuse(USAGE, "no-such-verb")
        self.refuse(USAGE, "bench", "gemm", "--m", "many")
        self.refuse(USAGE, "bench", "gemm", "--format", "int3", says="int3")
        self.run_digits(USAGE, says="nothing to classify")
        self.refuse(USAGE, "diff", "a", "b", "--device", "fast:")

    def test_device_uris(self):
        for uri in ("quick:", "fast:?speed=9", "fast:?config=huge", "sim:?latency=x", "fast", ""):
            self.refuse(USAGE, "info", "--device", uri)

    def test_device_lists(self):
        data = ("--data", "digits", "--device")
        for devices in ("fast:,", ",fast:", "fast:,fast", "fast:,quick:", "fast:;fast:", "sim:0"):
            self.run_digits(USAGE, *data, devices)
        self.run_digits(USAGE, *data, "fast:,fast:?speed=9", says="speed")
        self.refuse(USAGE, "train", "digits", "--device", "fast:,fast:", says="2 devices")
        self.refuse(USAGE, "info", "--device", "fast:,fast:", says="has no numbers")

    def test_shapes(self):
        for m, n, k in ((0, 1, 1), (1, 0, 1), (1, 1, 0)):
            self.refuse(USAGE, "bench", "gemm", "--m", m, "--n", n, "--k", k)
        big = ("bench", "gemm", "--m", 4000, "--n", 4000, "--k", 64)
        self.refuse(DEVICE, *big, "--device", "fast:?memory=1")

    def test_checkpoints(self):
        self.refuse(INPUT, "run", "absent.safetensors", "--data", "digits", says="absent")
        whole = (SHARE / "digits.safetensors").read_bytes()
        for size in (0, 4, 100, len(whole) - 1):
            (self.folder / "cut.safetensors").write_bytes(whole[:size])
            self.refuse(INPUT, "run", "cut.safetensors", "--data", "digits", says="cut.safetensors")
        for change, into, says in (
            (b"layer1.bias", b"layer1.bild", "layer1.bias"),
            (b"linear", b"linexr", "layers[0].type is 'linexr'"),
            (b'outputs\\": 64', b'outputs\\": 63', "layer0.weight has the shape [64, 64]"),
            (b'rows\\": 8', b'rows\\": 9', "layer0.weight has the shape [64, 64]"),
            (b'version\\": 2', b'version\\": 3', "version"),
        ):
            self.assertIn(change, whole)
            (self.folder / "odd.safetensors").write_bytes(whole.replace(change, into, 1))
            self.refuse(INPUT, "run", "odd.safetensors", "--data", "digits", says=says)

    def test_images(self):
        whole = min(SHARE.glob("digit_*.png")).read_bytes()
        damaged = bytearray(whole)
        damaged[len(whole) // 2] ^= 4
        for name, data in (("cut", whole[:-20]), ("bad", damaged), ("text", b"not a picture")):
            (self.folder / f"{name}.png").write_bytes(data)
            self.run_digits(INPUT, "--input", f"{name}.png", says=f"{name}.png")
        self.run_digits(INPUT, "--input", "absent.png")

    def test_data_sets(self):
        self.run_digits(INPUT, "--data", "absent")
        self.write_npy("x.x.npy", [0.0] * 63, "(1, 63)")
        self.write_npy("x.y.npy", [1], "(1,)", "<i8", "q")
        self.run_digits(USAGE, "--data", "x", says="63")
        self.write_npy("y.x.npy", [0.0] * 64, "(1, 64)")
        self.write_npy("y.y.npy", [10], "(1,)", "<i8", "q")
        self.run_digits(USAGE, "--data", "y", says="label 10")
        self.write_npy("z.x.npy", [0.0] * 10, "(1, 64)")
        self.write_npy("z.y.npy", [1], "(1,)", "<i8", "q")
        self.run_digits(INPUT, "--data", "z", says="z.x.npy")

    def test_nan_and_infinity_are_defined(self):
        """A block of 32 with NaN or infinity is NaN, and so are the logits of its row alone."""
        image = [float("nan")] + [0.0] * 62 + [float("inf")]
        self.write_npy("n.x.npy", image + [1.0] * 64, "(2, 64)")
        self.write_npy("n.y.npy", [0, 1], "(2,)", "<i8", "q")
        result = self.json_of("run", "digits.safetensors", "--data", "n")
        self.assertEqual(result["predictions"][0], "0")
        self.assertIsNone(result["fp32"]["max_abs_difference"])

    def test_bundles_and_programs_of_random_bytes(self):
        seed = time.time_ns()
        print(f"seed {seed}")
        source = random.Random(seed)
        for letters, code in ((b"", USAGE), (b"WEFTBNDL", INPUT), (b"WEFTPROG", PROGRAM)):
            (self.folder / "r").write_bytes(letters + source.randbytes(500))
            self.refuse(INPUT, "replay", "r")
            self.refuse(INPUT, "diff", "r", "r")
            self.assertIn("weft: ", self.run_weft("asm", "r", code=code).stderr)

    def test_a_bundle_of_another_spec(self):
        self.run_weft("record", "-o", "x.weft", "--", WEFT, "bench", "gemm", "--m", "1")
        data = bytearray((self.folder / "x.weft").read_bytes())
        data[16] ^= 1
        value = 0xCBF29CE484222325
        for byte in data[:-8]:
            value = (value ^ byte) * 0x100000001B3 & (2**64 - 1)
        data[-8:] = struct.pack("<Q", value)
        (self.folder / "y.weft").write_bytes(data)
        self.refuse(PROGRAM, "replay", "y.weft", says="spec")

    def test_a_program_the_verifier_refuses(self):
        (self.folder / "x.s").write_text(
            ".binding y write 64\nstore format=word32 binding=y rows=1 cols=16\n"
        )
        self.refuse(PROGRAM, "asm", "x.s", "--verify", "default")
        self.refuse(USAGE, "asm", "x.s", "--verify", "huge")


if __name__ == "__main__":
    main()
