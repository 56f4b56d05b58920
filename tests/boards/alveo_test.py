#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""boards/alveo without vendor tools: what the checks accept, what they must refuse, the build
script with stand-ins for vivado and v++.

usage: alveo_test.py --root ROOT --build FOLDER
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import tomllib
import unittest

ROOT = BUILD = pathlib.Path()
SMALL = {"lut": 100000, "ff": 100000, "dsp": 100, "bram": 100, "uram": 10}


def setUpModule():
    sys.path.insert(0, str(ROOT / "boards" / "alveo"))


class Scratch(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="weft-alveo-"))
        self.addCleanup(shutil.rmtree, self.folder)
        for name in ("kernel.xml", "files.tcl", "files.json"):
            shutil.copy(BUILD / name, self.folder)
        self.files = json.loads((BUILD / "files.json").read_text())
        self.rdl = str(ROOT / "spec" / "registers.rdl")
        self.script = self.folder / "package.tcl"
        shutil.copy(ROOT / "boards" / "alveo" / "package.tcl", self.script)

    def change(self, path, old, new):
        text = path.read_text()
        self.assertIn(old, text)
        path.write_text(text.replace(old, new))


class Flow(Scratch):
    def package(self):
        import flow

        return flow.package(self.folder, self.files, self.script, self.rdl, "xcu50")

    def refused(self, reason):
        import flow

        with self.assertRaisesRegex(flow.Failed, reason):
            self.package()

    def test_the_files_of_this_build_pass(self):
        import flow

        flow.kernel_xml(self.folder / "kernel.xml", self.rdl)
        flow.wrapper_ports(ROOT / "boards" / "alveo" / "weft_kernel.v")
        self.package()

    def test_an_argument_at_another_offset_is_refused(self):
        import flow

        self.change(self.folder / "kernel.xml", 'offset="0x1c"', 'offset="0x18"')
        with self.assertRaisesRegex(flow.Failed, "launch at 0x18"):
            flow.kernel_xml(self.folder / "kernel.xml", self.rdl)

    def test_a_number_for_the_pointer_is_refused(self):
        import flow

        self.change(self.folder / "kernel.xml", 'addressQualifier="1"', 'addressQualifier="0"')
        with self.assertRaisesRegex(flow.Failed, "pointer"):
            flow.kernel_xml(self.folder / "kernel.xml", self.rdl)

    def test_a_port_of_another_direction_is_refused(self):
        import flow

        wrapper = self.folder / "weft_kernel.v"
        shutil.copy(ROOT / "boards" / "alveo" / "weft_kernel.v", wrapper)
        self.change(wrapper, "output wire                     m_axi_gmem_wlast",
                    "input  wire                     m_axi_gmem_wlast")
        with self.assertRaisesRegex(flow.Failed, "wlast must be an output"):
            flow.wrapper_ports(wrapper)

    def test_a_source_that_does_not_exist_is_refused(self):
        self.change(self.folder / "files.tcl", "weft_top.sv", "weft_tip.sv")
        self.refused("weft_tip.sv, which does not exist")

    def test_a_source_left_out_is_refused(self):
        text = (self.folder / "files.tcl").read_text().splitlines()
        (self.folder / "files.tcl").write_text(
            "\n".join(line for line in text if "weft_fetch.sv" not in line) + "\n")
        self.refused("not the file list CMake knows")

    def test_a_command_vivado_lacks_is_refused(self):
        self.change(self.script, "ipx::save_core", "ipx::safe_core")
        self.refused("safe_core")

    def test_an_interface_without_a_clock_is_refused(self):
        self.change(self.script, "-busif m_axi_gmem -clock ap_clk", "-busif m_axi_gmem")
        self.refused("clocks of interfaces")

    def test_a_missing_reset_is_refused(self):
        self.change(self.script, "-clock ap_clk -reset ap_rst_n", "-clock ap_clk")
        self.refused("resets are")


class Fit(unittest.TestCase):
    def setUp(self):
        facts = tomllib.loads((ROOT / "boards" / "alveo" / "cards.toml").read_text())
        self.cards, self.limits = facts["card"], facts["limits"]

    def test_links_of_every_number_of_engines_use_memories_once(self):
        import flow

        flow.links({"card": self.cards, "limits": self.limits})

    def test_engines_stay_below_the_limits_and_one_lies_in_each_region(self):
        import fit

        placed = fit.engines(self.cards["u280"], self.limits, SMALL)
        self.assertEqual(placed, [0, 0, 1, 1, 2, 2])  # 70 % of 333,000 LUTs are two of 100,000
        self.assertEqual(fit.engines(self.cards["u250"], self.limits, SMALL), [0, 1, 2, 3])

    def test_an_engine_above_a_limit_does_not_fit(self):
        import fit

        self.assertEqual(fit.engines(self.cards["u50"], self.limits, SMALL | {"dsp": 2100}), [])

    def test_an_unknown_area_says_what_to_run(self):
        import fit

        with self.assertRaisesRegex(fit.Unfit, "./dev alveo-check"):
            fit.choose(self.cards["u50"], self.limits, "/no/area.json", None)

    def test_a_region_takes_its_own_bank_of_ddr(self):
        import fit

        self.assertEqual(fit.banks(self.cards["u200"]["memory"], [0, 2]), ["DDR[0]", "DDR[3]"])

    def test_copies_of_a_module_have_one_key(self):
        import netlist

        def module(instance, count, width):
            return (f"module \\m$top.{instance}\n  attribute \\src \"{instance}\"\n"
                    f"  wire width {width} input 1 \\a\n  wire $add$m.sv:{count}$9{count}_Y\nend\n")

        modules = netlist.read(module("u_0", 1, 8) + module("u_1", 1, 8) + module("u_2", 1, 9))
        keys = [netlist.key(m, modules) for m in modules.values()]
        self.assertEqual(keys[0], keys[1])
        self.assertNotEqual(keys[0], keys[2])


class Build(Scratch):
    def setUp(self):
        super().setUp()
        self.tools = self.folder / "tools"
        self.tools.mkdir()
        self.log = self.folder / "called"

    def tool(self, name, body="exit 0"):
        path = self.tools / name
        path.write_text(f"#!/bin/sh\necho {name} >>{self.log}\n{body}\n")
        path.chmod(0o755)

    def build(self, *arguments):
        env = {**os.environ, "PATH": f"{self.tools}:{os.environ['PATH']}",
               "WEFT_ALVEO_BUILD": str(self.folder), "WEFT_PYTHON": sys.executable}
        return subprocess.run([ROOT / "boards" / "alveo" / "build", *arguments], env=env,
                              capture_output=True, text=True, timeout=60)

    def called(self):
        return self.log.read_text().split() if self.log.exists() else []

    def test_an_unknown_card_lists_those_there_are(self):
        done = self.build("u30")
        self.assertEqual(done.returncode, 2)
        self.assertIn("u50 u55c u200 u250 u280", done.stderr)

    def test_without_vivado_it_says_what_is_needed(self):
        if shutil.which("vivado"):
            self.skipTest("vivado is installed")
        done = self.build("u50", "--engines", "1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("vivado is not found", done.stderr)

    def test_a_failed_step_is_repeated_and_a_finished_one_is_not(self):
        self.tool("vivado", f"touch {self.folder}/u50/weft.xo")
        self.tool("v++", "exit 1")
        done = self.build("u50", "--engines", "2")
        self.assertEqual(done.returncode, 1)
        self.assertIn("link failed", done.stderr)
        self.tool("v++", f"touch {self.folder}/u50/weft.xclbin")
        self.assertEqual(self.build("u50", "--engines", "2").returncode, 0)
        self.assertEqual(self.called(), ["vivado", "v++", "v++"])
        self.assertEqual(self.build("u50", "--engines", "2").returncode, 0)
        self.assertEqual(self.called(), ["vivado", "v++", "v++"])
        self.assertEqual(self.build("u50", "--engines", "1").returncode, 0)  # another link.cfg
        self.assertEqual(self.called(), ["vivado", "v++", "v++", "v++"])

    def test_the_area_chooses_the_engines(self):
        (self.folder / "area.json").write_text(json.dumps({"units": {"engine": SMALL}}))
        self.tool("vivado", f"touch {self.folder}/u250/weft.xo")
        self.tool("v++")
        self.assertEqual(self.build("u250").returncode, 0)
        self.assertIn("nk=weft:4:weft_1.weft_2.weft_3.weft_4",
                      (self.folder / "u250" / "link.cfg").read_text())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    options, rest = parser.parse_known_args()
    ROOT, BUILD = options.root.resolve(), options.build.resolve()
    unittest.main(argv=[sys.argv[0], *rest])
