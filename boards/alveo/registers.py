# SPDX-License-Identifier: Apache-2.0
"""The kernel's arguments, from spec/registers.rdl.

An argument is 64 bits wide, in two registers NAME_lo and NAME_hi, four bytes apart. What XRT does
with an argument is not in the register description, so it is here: arena is a pointer to memory,
record a number.
"""

import dataclasses

from systemrdl import RDLCompiler

# ap_ctrl_hs by the names UG1393 has for them; here they are ctrl, gier, ier, isr.
CONTROL = {"CTRL": 0x00, "GIER": 0x04, "IP_IER": 0x08, "IP_ISR": 0x0C}
# Register name: the argument's name in kernel.xml, its C type, whether it is a pointer.
ARGUMENTS = {"arena": ("arena", "void*", True), "record": ("launch", "ulong", False)}


@dataclasses.dataclass(frozen=True)
class Argument:
    name: str
    id: int
    offset: int
    type: str
    pointer: bool


def offsets(rdl: str) -> dict[str, int]:
    compiler = RDLCompiler()
    compiler.compile_file(rdl)
    return {r.inst_name: r.absolute_address for r in compiler.elaborate().top.registers()}


def arguments(rdl: str) -> list[Argument]:
    """In the order of their addresses. ValueError when the registers are not ap_ctrl_hs."""
    registers = offsets(rdl)
    for name, offset in CONTROL.items():
        if registers.get(name.removeprefix("IP_").lower()) != offset:
            raise ValueError(f"{rdl}: register {name} must be at {offset:#x} for ap_ctrl_hs")
    found = sorted((o, n[:-3]) for n, o in registers.items() if n.endswith("_lo"))
    result = []
    for number, (offset, name) in enumerate(found):
        if registers.get(f"{name}_hi") != offset + 4:
            raise ValueError(f"{rdl}: {name}_hi must follow {name}_lo")
        if name not in ARGUMENTS:
            raise ValueError(f"{rdl}: {name} looks like an argument; add it to ARGUMENTS")
        result.append(Argument(ARGUMENTS[name][0], number, offset, *ARGUMENTS[name][1:]))
    if missing := set(ARGUMENTS) - {name for _, name in found}:
        raise ValueError(f"{rdl}: no registers {', '.join(sorted(missing))}_lo and _hi")
    return result
