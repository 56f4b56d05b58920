# SPDX-License-Identifier: Apache-2.0
"""What the command prints and returns when all is well."""

import json
import re

from weft_command import DEVICE, SHARE, WEFT, CommandTest, main

ASSEMBLY = """\
.binding x read 64
.binding y write 64
load target=v binding=x format=fp32 rows=1 cols=16
vector multiplicand=value0 rows=1 cols=16 value0=0f2 after=load:1
store format=word32 binding=y rows=1 cols=16 after=vector:1
"""


class Command(CommandTest):
    def test_devices_lists_what_can_be_opened(self):
        devices = {entry["uri"]: entry for entry in self.json_of("devices")["devices"]}
        self.assertTrue(devices["fast:?config=default"]["ready"])
        self.assertTrue(devices["fast:?config=small"]["ready"])

    def test_info_reports_the_array(self):
        info = self.json_of("info", "--device", DEVICE)
        self.assertEqual(info["multiplies_per_cycle"], 512)
        self.assertRegex(info["spec_hash"], "^[0-9a-f]{16}$")

    def test_run_classifies_the_test_split(self):
        result = self.json_of("run", "digits.safetensors", "--data", "digits", "--device", DEVICE)
        self.assertEqual(result["count"], 360)
        self.assertGreaterEqual(result["accuracy"], 0.95)
        self.assertRegex(result["logits_hash"], "^[0-9a-f]{16}$")
        self.assertIn("cycles", result)
        # Eight bits against FP32: within this of it on logits of a few tens.
        self.assertLess(result["fp32"]["max_abs_difference"], 0.5)

    def test_run_keeps_its_keys(self):
        result = self.json_of("run", "digits.safetensors", "--data", "digits", "--device", DEVICE)
        self.assertEqual(
            set(result),
            {"device", "model", "count", "accuracy", "logits_hash", "cycles", "seconds"}
            | {"predictions", "fp32", "layers"},
        )
        self.assertEqual(set(result["fp32"]), {"accuracy", "max_abs_difference"})
        sizes = [tuple(layer[key] for key in "mnk") for layer in result["layers"]]
        self.assertEqual(sizes, [(360, 64, 64), (360, 32, 64), (360, 10, 32)])
        for layer in result["layers"]:
            self.assertLessEqual({"weight", "cycles", "utilisation"}, set(layer))

    def test_run_does_not_depend_on_batch_or_configuration(self):
        arguments = ["run", "digits.safetensors", "--data", "digits", "--device"]
        hashes = {
            self.json_of(*arguments, DEVICE)["logits_hash"],
            self.json_of(*arguments, DEVICE, "--batch", "7")["logits_hash"],
            self.json_of(*arguments, "fast:?config=small")["logits_hash"],
        }
        self.assertEqual(len(hashes), 1)

    def test_run_gives_the_same_bytes_on_several_devices(self):
        arguments = ["run", "digits.safetensors", "--data", "digits", "--device"]
        alone = self.json_of(*arguments, DEVICE)
        both = f"{DEVICE},fast:?config=small"
        for batch in ("0", "50"):
            together = self.json_of(*arguments, both, "--batch", batch)
            self.assertEqual(together["device"], both)
            for key in ("logits_hash", "predictions", "layers", "fp32"):
                self.assertEqual(together[key], alone[key], key)

    def test_run_classifies_an_image(self):
        images = sorted(SHARE.glob("digit_*.png"))
        self.assertEqual(len(images), 10)
        right = 0
        for image in images:
            result = self.json_of("run", "digits.safetensors", "--input", image)
            right += result["predictions"] == [re.match("digit_(.)", image.name)[1]]
        self.assertGreaterEqual(right, 9)

    def test_show_draws_images(self):
        text = self.run_weft("run", "digits.safetensors", "--data", "digits", "--show", "3").stdout
        self.assertEqual(text.count("->"), 3)
        self.assertIn("@@", text)

    def test_bench_gemm_keeps_its_keys(self):
        for form in ("mxint8", "int8", "bf16", "fp32"):
            for m, n, k in ((50, 70, 33), (1, 64, 640)):
                result = self.json_of(
                    *("bench", "gemm", "--device", DEVICE, "--format", form),
                    *("--m", m, "--n", n, "--k", k, "--repeat", 2),
                )
                for key in (
                    *("cycles", "utilisation", "bound", "mac_per_second", "output_hash"),
                    "counters",
                ):
                    self.assertIn(key, result)
                self.assertGreater(result["bound"], 0)
                self.assertLessEqual(result["bound"], 1)

    def test_bench_gemm_takes_the_products_of_training(self):
        shape = ("bench", "gemm", "--device", DEVICE, "--m", 20, "--n", 30, "--k", 40)
        for product in ("forward", "dgrad", "wgrad"):
            options = ("--format", "fp32", "--product", product, "--rounding", "stochastic")
            self.assertEqual(self.json_of(*shape, *options)["product"], product)

    def test_record_replay_and_diff(self):
        run = [WEFT, "bench", "gemm", "--device", "fast:?config=small"]
        run += ["--m", "20", "--n", "30", "--k", "40"]
        recorded = json.loads(self.run_weft("record", "-o", "x.weft", "--json", "--", *run).stdout)
        self.assertEqual(recorded["launches"], 1)
        for device in ("fast:", "fast:?config=small"):
            replayed = self.json_of("replay", "x.weft", "--device", device)
            self.assertTrue(replayed["equal"])
            self.assertEqual(replayed["output_hash"], recorded["output_hash"])
        self.assertTrue(self.json_of("diff", "x.weft", "x.weft")["equal"])
        same = self.json_of("diff", "x.weft", "--device", "fast:", "--device", "fast:?config=small")
        self.assertTrue(same["equal"])
        self.run_weft("record", "-o", "y.weft", "--", *run, "--format", "fp32")
        other = self.json_of("diff", "x.weft", "y.weft", code=1)
        self.assertFalse(other["equal"])
        self.assertIn("launch 0", other["difference"])

        text = self.run_weft("asm", "x.weft").stdout
        self.assertIn("; launch 0, step 0: ", text)
        self.run_weft("asm", "x.weft", "-o", "x.s")
        self.assertEqual((self.folder / "x.s").read_text(), text)

    def test_doctor_finds_this_build_in_order(self):
        result = self.json_of("doctor")
        self.assertTrue(result["ok"], result)
        self.assertIn("fast:?config=small", [check["check"] for check in result["checks"]])

    def test_record_passes_on_the_exit_code(self):
        self.run_weft("record", "-o", "x.weft", "--", "sh", "-c", "exit 7", code=7)
        self.run_weft("record", "-o", "x.weft", "--", "true", code=3)
        self.run_weft("record", "-o", "x.weft", "--", "no-such-command", code=3)

    def test_record_knows_itself_as_weft(self):
        self.run_weft("record", "-o", "x.weft", "--", "weft", "bench", "gemm", "--m", "1")

    def test_asm_goes_both_ways(self):
        (self.folder / "x.s").write_text(ASSEMBLY)
        result = self.json_of("asm", "x.s", "-o", "x.weftp", "--verify", "small")
        self.assertEqual(result["commands"], 3)
        text = self.run_weft("asm", "x.weftp").stdout
        (self.folder / "y.s").write_text(text)
        self.run_weft("asm", "y.s", "-o", "y.weftp")
        self.assertEqual(
            (self.folder / "x.weftp").read_bytes(), (self.folder / "y.weftp").read_bytes()
        )

    def test_help_and_version_go_to_stdout(self):
        self.assertIn("Exit codes", self.run_weft("--help").stdout)
        self.assertRegex(self.run_weft("--version").stdout, r"^\d+\.\d+\.\d+\n$")

    def test_no_escape_codes_without_a_terminal(self):
        result = self.run_weft("run", "digits.safetensors", "--data", "digits")
        self.assertNotIn("\x1b", result.stdout + result.stderr)


if __name__ == "__main__":
    main()
