# SPDX-License-Identifier: Apache-2.0
"""XLS IR to pipelined SystemVerilog: optimise, schedule into `latency` stages, generate.

The module has clk, one input per parameter and `out`; a result leaves exactly `latency` cycles
after its operands, one per cycle, without stall, reset or valid bit.
"""

import re

import frontend
from xls import raw
from xls.c_api import Package

# Relative delays of a standard-cell library balance the stages better than unit delays.
DELAY_MODEL = "sky130"


def optimise(package, name):
    return raw.c_api.xls_optimize_ir(package.to_string(), name)


def generate(ir_text, module, latency):
    package = Package.parse_ir(ir_text)
    result = package.schedule_and_codegen(
        with_delay_model=True, delay_model=DELAY_MODEL, generator="pipeline",
        pipeline_stages=latency, module_name=module, use_system_verilog=True, flop_inputs=False,
        flop_outputs=True, add_invariant_assertions=False)
    text = raw.c_api.xls_schedule_and_codegen_result_get_verilog_text(
        getattr(result, "_raw", result))
    refuse_double_shifts(module, text)
    # Shifts and sums leave top bits that the scheduler knows to be unused.
    return ("// verilator lint_off UNUSEDSIGNAL\n" + text.rstrip() +
            "\n// verilator lint_on UNUSEDSIGNAL\n")


def refuse_double_shifts(module, text):
    """Verilator 5.48 makes (a << b) << c into a << (b + c), with a sum as narrow as b and c.

    It does so where the inner shift serves nothing else (declared, assigned and used once).
    """
    shifts = dict(re.findall(r"assign (\w+) = (\w+) (?:<<|>>>?) [a-z{]", text))
    for name, operand in shifts.items():
        if operand in shifts and len(re.findall(rf"\b{operand}\b", text)) == 3:
            raise frontend.CompileError(
                f"{module}: {operand}, the result of a shift by a variable, is shifted again "
                f"({name}); shift once by the sum")
