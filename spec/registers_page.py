#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The reference page of the registers, from registers.rdl.

usage: registers_page.py RDL PAGE

Access is as software sees it: what a read and a write do to the bits besides what the text says.
"""

import pathlib
import sys

from systemrdl import RDLCompiler
from systemrdl.node import FieldNode, RegNode

HEAD = """<!-- SPDX-License-Identifier: Apache-2.0 -->
# Registers

Made from spec/registers.rdl. One AXI4-Lite slave, 32-bit registers, byte addresses. Bits no field
names read as zero and ignore writes.

| address | register | bits | field | access | reset | meaning |
|---|---|---|---|---|---|---|
"""


def _bits(field: FieldNode) -> str:
    return str(field.low) if field.width == 1 else f"{field.high}:{field.low}"


def _access(field: FieldNode) -> str:
    effects = [effect.name for name in ("onread", "onwrite")
               if (effect := field.get_property(name)) is not None]
    return ", ".join([field.get_property("sw").name, *effects])


def _rows(register: RegNode) -> list[str]:
    head = f"{register.absolute_address:#04x} | `{register.inst_name}`: "
    head += register.get_property("name")
    rows = []
    for field in register.fields():
        reset = field.get_property("reset")
        rows.append(f"| {head} | {_bits(field)} | `{field.inst_name}` | {_access(field)} | "
                    f"{'' if reset is None else reset} | {field.get_property('desc')} |")
        head = " | "
    return rows


def main(rdl: str, page: str) -> None:
    compiler = RDLCompiler()
    compiler.compile_file(rdl)
    top = compiler.elaborate().top
    rows = [row for register in top.registers() for row in _rows(register)]
    pathlib.Path(page).write_text(HEAD + "\n".join(rows) + "\n", encoding="ascii")


if __name__ == "__main__":
    main(*sys.argv[1:])
