# SPDX-License-Identifier: Apache-2.0
"""Hosts that know nothing of this project, on the distribution's XRT and the emulated card.

Called with: the build folder. Every wait has a bound; after each test nothing may be left: no
process, no socket, no file.
"""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

BUILD = pathlib.Path(sys.argv[1])
WEFT = BUILD / "bin" / "weft"
CARD = BUILD / "libexec" / "weft-xrt-card"
HOSTS = {"native": BUILD / "bin" / "xrt_native_host", "opencl": BUILD / "bin" / "xrt_opencl_host"}
USER = "weft-test-" + str(os.getpid())  # a socket folder of its own
SOCKETS = pathlib.Path("/tmp") / USER
# A machine that builds something else at the same time is slow; a healthy one needs a second.
BOUND = 100
MOMENT = 20


def until(condition, bound, what):
    """Waits for something true and returns it."""
    end = time.monotonic() + bound
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {bound} s: {what}")
        time.sleep(0.02)
    return found


def processes():
    """Numbers of all processes of cards, and of their janitors."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if not entry.name.isdigit():
                continue
            if pathlib.Path(os.readlink(entry / "exe")).name in (CARD.name, WEFT.name):
                if f"USER={USER}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
        except OSError:
            pass  # it has ended
    return found


def parent(process):
    return int(pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[1])


class HostTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.shared.name)
        cls.xclbin = folder / "weft_small.xclbin"
        subprocess.run([WEFT, "pack", "--config", "small", "-o", cls.xclbin], check=True,
                       stdout=subprocess.DEVNULL, timeout=BOUND)
        cls.bundle = cls.record(folder / "small.weft", 70)
        cls.long_bundle = cls.record(folder / "long.weft", 600)

    @classmethod
    def tearDownClass(cls):
        cls.shared.cleanup()
        SOCKETS.rmdir()  # fails if anything is in it

    @staticmethod
    def record(bundle, size):
        """A GEMM of that size, recorded on the functional model."""
        gemm = ["weft", "bench", "gemm", "--device", "fast:?config=small", "--repeat", "1"]
        for side in ("--m", "--n", "--k"):
            gemm += [side, str(size)]
        subprocess.run([WEFT, "record", "-o", bundle, "--", *gemm], check=True, timeout=BOUND,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return bundle

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.environment = {**os.environ, "USER": USER, "SDACCEL_EM_RUN_DIR": folder.name}

    def start(self, api, bundle, start_new_session=True, **more):
        host = subprocess.Popen(
            [WEFT, "xrt", "--xclbin", self.xclbin, "--", HOSTS[api], self.xclbin, bundle],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            cwd=self.folder, env={**self.environment, **more}, start_new_session=start_new_session)
        self.addCleanup(self.end, host)
        return host

    @staticmethod
    def end(host):
        if host.poll() is None:
            host.kill()
        host.communicate()

    def simulator(self, host):
        """The process that simulates, once it is using the processor."""

        def find():
            for process in processes():
                try:
                    front = parent(process)
                    if front != host.pid and parent(front) == host.pid:
                        fields = pathlib.Path(f"/proc/{process}/stat").read_text().split()
                        if int(fields[13]) > 20:  # ticks: it has loaded, and runs the launch
                            return process
                except OSError:
                    pass
            return None

        return until(find, BOUND, "a simulator that runs")

    def expect_nothing_left(self):
        def left():
            return processes() + list(self.folder.iterdir()) + list(SOCKETS.iterdir())

        end = time.monotonic() + MOMENT
        while left() and time.monotonic() < end:
            time.sleep(0.02)
        self.assertEqual(left(), [])

    def expect_result(self, api):
        host = self.start(api, self.bundle)
        output, errors = host.communicate(timeout=BOUND)
        self.assertEqual(host.returncode, 0, errors)
        self.assertRegex(output, r"\d+ launches, \d+ bytes of output as recorded\n")
        self.expect_nothing_left()

    def test_native_host(self):
        self.expect_result("native")

    def test_opencl_host(self):
        self.expect_result("opencl")

    def test_run_folder_of_its_own(self):
        """Without SDACCEL_EM_RUN_DIR; it is private and does not outlive the host."""
        environment = {k: v for k, v in self.environment.items() if k != "SDACCEL_EM_RUN_DIR"}
        command = f'echo "$SDACCEL_EM_RUN_DIR"; exec {HOSTS["native"]} {self.xclbin} {self.bundle}'
        result = subprocess.run(
            [WEFT, "xrt", "--xclbin", self.xclbin, "--", "sh", "-c", command], timeout=BOUND,
            capture_output=True, text=True, cwd=self.folder, env=environment)
        self.assertEqual(result.returncode, 0, result.stderr)
        folder = pathlib.Path(result.stdout.splitlines()[0])
        self.assertTrue(folder.name.startswith("weft-xrt-"), folder)
        until(lambda: not folder.exists(), MOMENT, "the end of its run folder")
        self.expect_nothing_left()

    def test_host_that_ignores_its_children(self):
        """XRT waits for any child when it closes a card; with SIGCHLD ignored there is none."""
        command = f'trap "" CHLD; exec {HOSTS["native"]} {self.xclbin} {self.bundle}'
        result = subprocess.run(
            [WEFT, "xrt", "--xclbin", self.xclbin, "--", "sh", "-c", command], timeout=BOUND,
            capture_output=True, text=True, cwd=self.folder, env=self.environment)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.expect_nothing_left()

    def test_host_killed_while_a_launch_runs(self):
        for api in HOSTS:
            with self.subTest(api):
                host = self.start(api, self.long_bundle)
                self.simulator(host)
                host.kill()
                host.communicate(timeout=MOMENT)
                self.expect_nothing_left()

    def test_group_killed_while_a_launch_runs(self):
        host = self.start("native", self.long_bundle)
        self.simulator(host)
        os.killpg(host.pid, signal.SIGKILL)
        host.communicate(timeout=MOMENT)
        self.expect_nothing_left()

    def test_simulator_killed_while_a_launch_runs(self):
        for api in HOSTS:
            with self.subTest(api):
                host = self.start(api, self.long_bundle)
                os.kill(self.simulator(host), signal.SIGKILL)
                _, errors = host.communicate(timeout=MOMENT)
                self.assertEqual(host.returncode, 1)
                self.assertIn("the simulator was ended by signal 9", errors)
                self.assertIn("fault card_lost: the card is gone", errors)
                self.expect_nothing_left()

    def test_simulator_hangs_while_a_launch_runs(self):
        host = self.start("native", self.long_bundle)
        os.kill(self.simulator(host), signal.SIGSTOP)
        _, errors = host.communicate(timeout=BOUND)
        self.assertEqual(host.returncode, 1)
        self.assertIn("the simulator used no processor time for 10 s", errors)
        self.assertIn("fault card_lost: the card is gone", errors)
        self.expect_nothing_left()

    def test_host_crash_ends_nobody_else(self):
        """XRT's handler would send the signal to the process group: this test's, in this case."""
        for number in (signal.SIGABRT, signal.SIGSEGV, signal.SIGFPE):
            with self.subTest(number):
                host = self.start("native", self.long_bundle, start_new_session=False)
                self.simulator(host)
                os.kill(host.pid, number)
                host.communicate(timeout=MOMENT)
                self.assertEqual(host.returncode, -number)
                self.expect_nothing_left()

    def test_front_killed(self):
        """XRT then spins for ever: only who watches the host can end it."""
        host = self.start("native", self.long_bundle)
        simulator = self.simulator(host)
        os.kill(parent(simulator), signal.SIGKILL)
        until(lambda: simulator not in processes(), MOMENT, "the end of the simulator")
        host.kill()
        host.communicate(timeout=MOMENT)
        self.expect_nothing_left()

    def test_interrupts_are_the_hosts_affair(self):
        host = self.start("native", self.long_bundle)
        simulator = self.simulator(host)
        front = parent(simulator)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGABRT):
            os.kill(front, number)
            os.kill(simulator, number)
        time.sleep(0.3)
        self.assertIsNone(host.poll())
        self.assertIn(simulator, processes())
        os.killpg(host.pid, signal.SIGTERM)
        host.communicate(timeout=MOMENT)
        self.expect_nothing_left()

    def test_no_simulator_to_load(self):
        host = self.start("native", self.bundle, WEFT_XRT_CARD=str(self.copied_card()))
        _, errors = host.communicate(timeout=BOUND)
        self.assertEqual(host.returncode, 1)
        self.assertIn("simulated card libweft_card_small_native.so is in none of", errors)
        self.assertIn("fault card_lost: the card is gone", errors)
        self.expect_nothing_left()

    def copied_card(self):
        """The card's program, far from its libraries."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        card = pathlib.Path(folder.name) / "weft-xrt-card"
        card.write_bytes(CARD.read_bytes())
        card.chmod(0o755)
        return card

    def test_no_card_program(self):
        host = self.start("native", self.bundle, WEFT_XRT_CARD="/nowhere/weft-xrt-card")
        _, errors = host.communicate(timeout=BOUND)
        self.assertEqual(host.returncode, -signal.SIGTERM)
        self.assertIn("no card program at /nowhere/weft-xrt-card", errors)
        self.expect_nothing_left()

    def test_two_hosts_have_cards_of_their_own(self):
        hosts = [self.start(api, self.bundle) for api in HOSTS]
        for host in hosts:
            _, errors = host.communicate(timeout=BOUND)
            self.assertEqual(host.returncode, 0, errors)
        self.expect_nothing_left()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
