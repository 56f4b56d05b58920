# SPDX-License-Identifier: Apache-2.0
"""The C++ side of the native wrappers: one DPI-C function per function and number of lanes.

A loop over the lanes calls the source in hls/functions; functions marked `hardware` use the host's
floating-point unit where hls/native/hardware.h finds a suitable one.
"""

from wrapper import LANE_COUNTS


def c_type(width):
    limit = next(limit for limit in (8, 16, 32, 64) if width <= limit)
    return f"std::uint{limit}_t"


def source(banner, functions):
    lines = [banner, "// The functions of hls/ for simulation, called by the wrappers over DPI-C.",
             "", "#include <cstdint>", ""]
    lines += [f'#include "hls/functions/{f.name}.h"' for f in functions]
    lines += ['#include "hls/native/hardware.h"', "", "namespace {", ""]
    for function in functions:
        lines += loop(function)
    lines += ["}  // namespace", "", 'extern "C" {']
    for function in functions:
        lines += [entry(function, count) for count in LANE_COUNTS]
    return "\n".join([*lines, "}", ""])


def parameters(function):
    signature = function.signature
    listed = [f"const {c_type(p.width)}* __restrict {p.name}" for p in signature.parameters]
    return ", ".join([*listed, f"{c_type(signature.result_width)}* __restrict results"])


def names(function):
    return ", ".join([*(p.name for p in function.signature.parameters), "results"])


def loop(function):
    values = ", ".join(f"{p.name}[lane]" + (" != 0" if p.width == 1 else "")
                       for p in function.signature.parameters)
    result = c_type(function.signature.result_width)
    lines = [f"WEFT_HOST_VECTOR void {function.name}_lanes(int lanes, {parameters(function)}) {{"]
    if function.hardware:
        lines += ["  if (weft::hls::native::hardware_usable()) {",
                  f"    weft::hls::native::{function.name}(lanes, {names(function)});",
                  "    return;", "  }"]
    return [*lines, "  for (int lane = 0; lane < lanes; ++lane) {",
            f"    results[lane] = {result}(weft::hls::{function.name}({values}));", "  }", "}", ""]


def entry(function, count):
    return (f"void weft_native_{function.name}_{count}({parameters(function)}) {{\n"
            f"  {function.name}_lanes({count}, {names(function)});\n}}")
