# SPDX-License-Identifier: Apache-2.0
"""The C header weft/spec_c.h for driver and firmware: constants, encodings, records."""

from . import model
from .text import banner, literal, sentence, unit_items, wrap

HEAD = """\
//
// C11, needs only fixed-width integers. Structures are little endian as in memory, naturally
// aligned and without implicit padding; reserved bytes must be written as zero.
#ifndef WEFT_SPEC_C_H
#define WEFT_SPEC_C_H

#ifdef __KERNEL__
#include <linux/stddef.h>
#include <linux/types.h>
#else
#include <stddef.h>
#include <stdint.h>
#endif

"""


def _define(name: str, value: str) -> str:
    return f"#define WEFT_{name.upper()} {value}"


def _layout(layout: model.Layout) -> list[str]:
    lines = ["/* " + sentence(layout.doc) + " */"] if len(layout.doc) < 90 else (
        ["/*"] + wrap(sentence(layout.doc), " * ") + [" */"])
    lines.append(f"struct weft_{layout.name} {{")
    members = [(f.at, f"uint{f.bits}_t {f.name}" + (f"[{f.count}]" if f.count > 1 else ""))
               for f in layout.fields]
    members += [(at, f"uint8_t reserved_{at}[{size}]") for at, size in layout.reserved()]
    lines += [f"\t{text};" for _, text in sorted(members)] + ["};"]
    lines.append(f"_Static_assert(sizeof(struct weft_{layout.name}) == {layout.bytes}, "
                 '"no implicit padding");')
    lines += [f"_Static_assert(offsetof(struct weft_{layout.name}, {f.name}) == {f.at}, "
              f'"{f.name}");' for f in layout.fields]
    return lines + [""]


def header(spec: model.Spec) -> str:
    lines = [_define("spec_hash", f"0x{spec.hash:016x}ull")]
    for constant in spec.constants:
        lines.append(_define(constant.name, f"{literal(constant)}u /* {sentence(constant.doc)} */"))
    lines.append("")
    for command in spec.commands:
        lines.append(_define(f"opcode_{command.name}", f"{command.opcode}u"))
    for kind, items in (("unit", unit_items(spec)), ("fault", spec.faults), ("state", spec.states)):
        lines.append("")
        lines += [_define(f"{kind}_{item.name}", f"{i}u") for i, item in enumerate(items)]
    for enum in spec.enums.values():
        lines.append("")
        lines += [_define(f"{enum.name}_{value}", f"{i}u") for i, value in enumerate(enum.values)]
    lines.append("")
    for layout in spec.commands + spec.records:
        lines += _layout(layout)
    purpose = "weft/spec_c.h: encodings and records shared with the hardware, in C."
    return banner(spec, "//", purpose) + HEAD + "\n".join(lines) + "#endif\n"
