#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The proofs of boards/alveo: they hold, and each one fails when what it is about is broken.

usage: alveo_proofs_test.py --root ROOT --build FOLDER
"""

import argparse
import json
import pathlib
import shutil
import sys
import tempfile
import unittest

ROOT = BUILD = pathlib.Path()

# Proof: file, what stands there, what breaks it.
MUTANTS = {
    "weft_proof_read_address": [
        # A late requester 0 displaces an address of requester 1 that waits.
        ("weft_axi_read_mux.sv", "locked_q <= ar_valid_o && !ar_ready_i", "locked_q <= 1'b0"),
    ],
    "weft_proof_fetch": [
        ("weft_fetch.sv", "cancel_i && !ar_valid_o", "cancel_i"),  # AR is withdrawn
        ("weft_fetch.sv", "to_boundary < 7'(burst)", "1'b0"),  # a burst crosses 4 KiB
        ("weft_fetch.sv", "32'(burst) <= Depth", "32'(burst) <= Depth + 1"),
    ],
    "weft_proof_bursts": [
        ("weft_bursts.sv", "13'd4096 - ", "13'd4160 - "),  # one beat behind the boundary
    ],
    "weft_proof_load": [
        ("weft_load.sv", "assign ar_valid_o = burst_valid && open_ready",
         "assign ar_valid_o = burst_valid && open_ready && !r_valid_i"),
        ("weft_load.sv", "(burst_take ? CountWidth'(", "(ar_valid_o ? CountWidth'("),
    ],
    "weft_proof_completion": [
        ("weft_completion.sv", "if (aw_ready_i) address_q", "if (w_ready_i) address_q"),
        ("weft_completion.sv", "if (data_q && w_ready_i) begin", "if (data_q) begin"),
    ],
    "weft_proof_queue": [
        ("weft_fifo.sv", "store_q[write_q] <= in_data_i", "store_q[read_q] <= in_data_i"),
    ],
    "weft_kernel": [
        ("weft_kernel.v", "m_axi_gmem_arcache  = 4'b0011", "m_axi_gmem_arcache  = 4'b1111"),
        ("weft_kernel.v", ".m_axi_bid(m_axi_gmem_bid)", ".m_axi_bid(m_axi_gmem_rid)"),
        ("weft_kernel.v", "reset_n <= ap_rst_n", "reset_n <= 1'b1"),
    ],
    "weft_top": [
        ("weft_top.sv", "m_axi_arburst = 2'b01", "m_axi_arburst = 2'b00"),
        ("weft_top.sv", "record_aw_valid ? record_aw_len : store_aw_len", "store_aw_len"),
        ("weft_top.sv", "m_axi_awready && !record_aw_valid", "m_axi_awready && record_aw_valid"),
    ],
}


def setUpModule():
    sys.path.insert(0, str(ROOT / "boards" / "alveo"))


class Proofs(unittest.TestCase):
    def setUp(self):
        # YoWASP sees only the project's folder.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="proofs-", dir=BUILD))
        self.addCleanup(shutil.rmtree, self.folder)
        self.files = json.loads((BUILD / "files.json").read_text())

    def run_proof(self, name, sources):
        import proofs

        return proofs.run(self.files | {"sources": sources}, ROOT, self.folder, sys.executable,
                          [name])

    def test_every_proof_has_a_mutant(self):
        import proofs

        self.assertEqual(set(MUTANTS), {*proofs.CELLS, *proofs.WIRING})

    def test_every_port_of_the_wrapper_is_in_its_proof(self):
        import flow
        import proofs

        ports = {p for _, p in flow.PORT.findall(
            (ROOT / "boards" / "alveo" / "weft_kernel.v").read_text())}
        named = {side.split("[")[0] for pair in proofs.wrapper_wires() for side in pair}
        self.assertEqual(ports - named, {"ap_rst_n"})  # compared over two cycles

    def test_proofs_hold(self):
        for name in MUTANTS:
            with self.subTest(name):
                self.assertEqual(len(self.run_proof(name, self.files["sources"])), 1)

    def test_broken_rtl_is_refused(self):
        import area

        for name, mutants in MUTANTS.items():
            for file, old, new in mutants:
                with self.subTest(f"{name}: {new}"):
                    original = next(pathlib.Path(s) for s in self.files["sources"]
                                    if pathlib.Path(s).name == file)
                    text = original.read_text()
                    self.assertIn(old, text)
                    broken = self.folder / file
                    broken.write_text(text.replace(old, new, 1))
                    sources = [str(broken) if pathlib.Path(s) == original else s
                               for s in self.files["sources"]]
                    with self.assertRaisesRegex(area.Failed, "proof did fail"):
                        self.run_proof(name, sources)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    options, rest = parser.parse_known_args()
    ROOT, BUILD = options.root.resolve(), options.build.resolve()
    unittest.main(argv=[sys.argv[0], *rest])
