# SPDX-License-Identifier: Apache-2.0
"""The command on a device of XRT or OpenCL: one word, and the same numbers as on fast:."""

import concurrent.futures
import os
import pathlib
import subprocess
import time
import unittest

from weft_command import DEVICE, SHARE, WEFT, CommandTest, main

XRT_VARIABLES = ("XILINX_XRT", "XCL_EMULATION_MODE", "XRT_INI_PATH", "LD_PRELOAD", "USER")
SMALL = f"{DEVICE}?config=small"


class Commands(CommandTest):
    @classmethod
    def setUpClass(cls):
        # As a user's shell: nothing of XRT is set.
        for name in (*XRT_VARIABLES, "OCL_ICD_VENDORS", "EMCONFIG_PATH", "WEFT_XCLBIN"):
            os.environ.pop(name, None)

    def test_train_gives_the_weights_of_the_fast_model(self):
        card = self.json_of("train", "digits", "--device", SMALL, "--epochs", "1")
        model = self.json_of("train", "digits", "--device", "fast:", "--epochs", "1")
        for key in ("weights_hash", "test_accuracy", "loss_history"):
            self.assertEqual(card[key], model[key], key)

    def test_run_classifies_as_the_fast_model(self):
        card = self.json_of("run", "digits.safetensors", "--data", "digits", "--device", SMALL)
        model = self.json_of("run", "digits.safetensors", "--data", "digits", "--device", "fast:")
        for key in ("accuracy", "logits_hash", "predictions"):
            self.assertEqual(card[key], model[key], key)

    def test_run_spreads_over_the_engines_of_a_card(self):
        self.run_weft("pack", "--config", "small", "--engines", "2", "-o", "two.xclbin")
        engines = [f"{DEVICE}?xclbin=two.xclbin&engine={number}" for number in (1, 2)]
        run = ("run", "digits.safetensors", "--data", "digits", "--batch", "40", "--device")
        model = self.json_of(*run, "fast:")
        for devices in (",".join(engines), f"fast:,{engines[1]}"):
            both = self.json_of(*run, devices)
            self.assertEqual(both["device"], devices)
            for key in ("accuracy", "logits_hash", "predictions"):
                self.assertEqual(both[key], model[key], key)

    def test_stdout_is_the_result_and_nothing_of_xrt(self):
        result = self.run_weft("info", "--device", SMALL)
        self.assertTrue(result.stdout.startswith("device"), result.stdout)
        self.assertNotIn("scheduler", result.stdout + result.stderr)

    def test_two_processes_use_a_card_each(self):
        arguments = ("bench", "gemm", "--m", 64, "--n", 64, "--k", 64, "--device", SMALL)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            both = [pool.submit(self.json_of, *arguments) for _ in range(2)]
            hashes = {each.result()["output_hash"] for each in both}
        hashes.add(self.json_of(*arguments[:-1], "fast:")["output_hash"])
        self.assertEqual(len(hashes), 1)

    def test_nothing_is_left_behind(self):
        self.run_weft("info", "--device", SMALL)
        self.assertEqual(list(self.folder.iterdir()), [])
        run_folder = pathlib.Path(WEFT).parent / ".run"

        def left():
            found = list(run_folder.iterdir()) if run_folder.exists() else []
            return [each for each in found if not process_lives(each.name)]

        until(lambda: not left(), "an empty run folder")

    def test_killed_while_it_trains_nothing_is_left(self):
        user = f"weft-kill-{os.getpid()}"
        sockets = pathlib.Path("/tmp") / user
        self.addCleanup(sockets.rmdir)  # fails if anything is in it
        training = subprocess.Popen(
            [WEFT, "train", "digits", "--device", SMALL, "--epochs", "1000"],
            env=os.environ | {"USER": user},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.addCleanup(training.kill)
        until(lambda: cards_of(user), "a card")
        training.kill()
        training.wait()
        until(lambda: not cards_of(user) and not list(sockets.iterdir()), "the end of the card")

    def test_doctor_names_what_it_found_and_set(self):
        checks = {each["check"]: each for each in self.json_of("doctor", "xrt")["checks"]}
        for name in ("XCL_EMULATION_MODE", "XILINX_XRT", "XRT_INI_PATH", "USER"):
            self.assertTrue(checks[name]["ok"], checks[name])
            self.assertIn("set by weft", checks[name]["found"])
        for uri in ("xrt:0", "opencl:0"):
            self.assertTrue(checks[uri]["ok"], checks[uri])

    def test_a_program_without_the_environment_is_told_what_is_missing(self):
        # A second start is not tried again, so this is what a program of the user's own sees.
        result = subprocess.run(
            [WEFT, "info", "--device", SMALL],
            env=os.environ | {"WEFT_RESTARTED": ""},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.assertEqual(result.returncode, 5, result.stderr)
        for name in ("XCL_EMULATION_MODE", "XILINX_XRT", "XRT_INI_PATH", "weft xrt -- PROGRAM"):
            self.assertIn(name, result.stderr)

    def refusal(self, *expected, code, **variables):
        """What `weft info` says in this environment."""
        result = subprocess.run(
            [WEFT, "info", "--device", SMALL],
            env=os.environ | variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.assertEqual(result.returncode, code, result.stderr)
        for text in expected:
            self.assertIn(text, result.stderr)

    def test_without_the_libraries_the_package_is_named(self):
        # Found first, and not libraries: as if they were gone since the build.
        for name in ("libxrt_coreutil.so.2", "libOpenCL.so.1"):
            (self.folder / name).touch()
        self.refusal("libxrt1", code=5, LD_LIBRARY_PATH=str(self.folder))

    if DEVICE.startswith("opencl"):

        def test_without_a_registration_the_platform_is_not_found(self):
            self.refusal("platform", code=3, OCL_ICD_VENDORS=str(self.folder))

    def test_an_ini_of_the_users_stays_if_it_keeps_the_heap_whole(self):
        shared = (SHARE / "xrt" / "xrt.ini").read_text()
        mine = self.folder / "mine.ini"
        mine.write_text(shared.replace("suppress_infos=true", "suppress_infos=false"))
        os.environ["XRT_INI_PATH"] = str(mine)
        self.addCleanup(os.environ.pop, "XRT_INI_PATH")
        checks = {each["check"]: each for each in self.json_of("doctor", "xrt")["checks"]}
        self.assertEqual(checks["XRT_INI_PATH"]["found"], str(mine))
        mine.write_text("[Emulation]\n")
        checks = {each["check"]: each for each in self.json_of("doctor", "xrt")["checks"]}
        self.assertIn("set by weft", checks["XRT_INI_PATH"]["found"])


def until(condition, what):
    """What cleans up ends a moment after the command."""
    end = time.monotonic() + 60
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within a minute: {what}")
        time.sleep(0.05)


def cards_of(user):
    """Processes of cards, with the name of this user in their environment."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.readlink(entry / "exe").endswith("/weft-xrt-card"):
                if f"USER={user}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(entry.name)
        except OSError:
            pass  # it has ended
    return found


def process_lives(name):
    return pathlib.Path("/proc", name).exists()


if __name__ == "__main__":
    unittest.TestCase.maxDiff = None
    main()
