# SPDX-License-Identifier: Apache-2.0
"""XLS IR to pipelined SystemVerilog: optimise, schedule into `latency` stages, generate.

The module has clk, one input per parameter and `out`; a result leaves exactly `latency` cycles
after its operands, one per cycle, without stall, reset or valid bit.
"""

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
    # Shifts and sums leave top bits that the scheduler knows to be unused.
    return ("// verilator lint_off UNUSEDSIGNAL\n" + text.rstrip() +
            "\n// verilator lint_on UNUSEDSIGNAL\n")
