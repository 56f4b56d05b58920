#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Area of a small design, from sources to cells: each module once, and known ones not again.

usage: alveo_area_test.py --root ROOT --build FOLDER
"""

import argparse
import contextlib
import io
import json
import pathlib
import shutil
import sys
import tempfile
import tomllib
import unittest

ROOT = BUILD = pathlib.Path()

# Two multipliers, each with three bits of state.
DESIGN = """
module top (input logic clk, input logic [7:0] a, b, output logic [15:0] p [2]);
  for (genvar i = 0; i < 2; i++) begin : g
    multiply u (.clk, .a, .b(b ^ 8'(i)), .p(p[i]));
  end
endmodule
module multiply (input logic clk, input logic [7:0] a, b, output logic [15:0] p);
  logic [2:0] count_q;
  always_ff @(posedge clk) count_q <= count_q + {2'b0, a[0]};
  assign p = 16'(a) * 16'(b) ^ 16'(count_q);
endmodule
"""


def setUpModule():
    sys.path.insert(0, str(ROOT / "boards" / "alveo"))


class Area(unittest.TestCase):
    def setUp(self):
        # YoWASP sees only the project's folder.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="area-", dir=BUILD))
        self.addCleanup(shutil.rmtree, self.folder)

    def test_copies_count_and_are_synthesised_once(self):
        import area

        source = self.folder / "top.sv"
        source.write_text(DESIGN)
        include = json.loads((BUILD / "files.json").read_text())["include"]
        files = {"top": "top", "include": include, "sources": [str(source)]}
        modules = area.elaborate(files, ROOT, self.folder, sys.executable)
        results = area.synthesise(modules, ROOT, self.folder, sys.executable)
        report = area.add_up(modules, results, "top")
        self.assertEqual((report["instances"], report["synthesised"]), (3, 2))
        engine = report["units"]["engine"]
        self.assertEqual((engine["dsp"], engine["ff"], engine["bram"]), (2, 2 * 3, 0))
        # Known results need no yosys.
        again = area.synthesise(modules, ROOT, self.folder, "/no/python3")
        self.assertEqual(again, results)

        self.assertRegex(self.printed(report), r"engine +[1-9].*\n")

    def printed(self, figures):
        import check

        facts = tomllib.loads((ROOT / "boards" / "alveo" / "cards.toml").read_text())
        report = {"area": figures, "limits": facts["limits"],
                  "cards": check.cards(facts, figures["units"]["engine"])}
        with contextlib.redirect_stdout(io.StringIO()) as out:
            check.print_area(report)
        for card in facts["card"].values():
            self.assertIn(f"\n{card['name']} ", out.getvalue())
        return out.getvalue()

    def test_no_module_is_left_out_of_the_batches(self):
        import area
        import netlist

        lengths = {"a": 7000, "b": 10, "c": 5000, "d": 900, "e": 200}
        unique = {k: netlist.Module(k, [""] * n, [], []) for k, n in lengths.items()}
        found = area.batches(list(unique), unique, 6000)
        self.assertEqual(found, [["a"], ["c", "d"], ["e", "b"]])

    def test_an_unknown_cell_is_refused(self):
        import area

        with self.assertRaisesRegex(area.Failed, "LUT9, which area.py does not know"):
            area.cost({"LUT9": 1}, "module")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    options, rest = parser.parse_known_args()
    ROOT, BUILD = options.root.resolve(), options.build.resolve()
    unittest.main(argv=[sys.argv[0], *rest])
