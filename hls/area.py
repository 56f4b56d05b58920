# SPDX-License-Identifier: Apache-2.0
"""Estimates the area of one generated pipeline by Yosys, for two families.

Synthesis only, no placement: LUT counts include shift registers made of LUTs, not what packing
saves. Writes JSON: {"name", "ultrascale": {"lut", "ff", "dsp"}, "ecp5": {...}}.

usage: area.py --yosys PROGRAM --name FUNCTION --sv FILE --json FILE
"""

import argparse
import json
import re
import subprocess
import tempfile
from pathlib import Path

FLOWS = {
    "ultrascale": "synth_xilinx -family xcup -flatten -noiopad -noclkbuf",
    "ecp5": "synth_ecp5",
}
# Cells of the families by what they cost.
KINDS = {
    "lut": re.compile(r"LUT\d|SRL\w+"),
    "ff": re.compile(r"FD[RSCP]E|TRELLIS_FF"),
    "dsp": re.compile(r"DSP48E2|MULT18X18D"),
}
PER_CARRY = {"CCU2C": 2}  # an ECP5 carry cell occupies two LUTs


def estimate(yosys, flow, path, module):
    with tempfile.TemporaryDirectory() as folder:
        # The program may see only its own folder (WebAssembly).
        (Path(folder) / "in.sv").write_text(path.read_text())
        script = (f"read_verilog -sv in.sv; hierarchy -top {module}; {flow}; "
                  "tee -o out.json stat -json")
        subprocess.run([yosys, "-q", "-p", script], cwd=folder, check=True, capture_output=True)
        text = (Path(folder) / "out.json").read_text()
    modules = json.loads(text[text.index("{"):])["modules"]
    cells = next(iter(modules.values()))["num_cells_by_type"]
    area = {kind: sum(count for cell, count in cells.items() if pattern.fullmatch(cell))
            for kind, pattern in KINDS.items()}
    area["lut"] += sum(PER_CARRY.get(cell, 0) * count for cell, count in cells.items())
    return area


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--yosys", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--sv", type=Path, required=True)
    parser.add_argument("--json", type=Path, required=True)
    arguments = parser.parse_args()
    result = {"name": arguments.name}
    for family, flow in FLOWS.items():
        result[family] = estimate(arguments.yosys, flow, arguments.sv,
                                  f"weft_{arguments.name}_pipeline")
    arguments.json.write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
