# SPDX-License-Identifier: Apache-2.0
"""Yosys' intermediate text (RTLIL), as far as counting area needs it.

read() splits an elaborated design into modules. Elaboration makes a module of every instance, named
MODULE$PATH, so copies are found again by their text: two modules with the same key() differ in
nothing but names that the elaboration counted up, and need synthesis once.
"""

import dataclasses
import hashlib
import re

MODULE = re.compile(r"^module (\S+)$")
WIRE = re.compile(r"^  wire .*\b(input|output) \d+ (\S+)$")
CELL = re.compile(r"^  cell (\\\S+) (\S+)$")
COUNTED = re.compile(r"\$[^\s\[\]]*?\$\d+(?=[\s\[\]_])|\$[^\s\[\]]*\$\d+$")


@dataclasses.dataclass
class Module:
    name: str
    lines: list[str]  # between `module` and `end`, without attributes
    ports: list[str]  # the wires that are ports
    children: list[str]  # module names, one per instance

    @property
    def base(self) -> str:
        return self.name.split("$")[0].lstrip("\\")


def read(text: str) -> dict[str, Module]:
    modules: dict[str, Module] = {}
    current = None
    for line in text.splitlines():
        if current is None:
            if match := MODULE.match(line):
                current = Module(match[1], [], [], [])
            continue
        if line == "end":
            modules[current.name] = current
            current = None
            continue
        if line.lstrip().startswith("attribute \\src"):
            continue
        current.lines.append(line)
        if WIRE.match(line):
            current.ports.append(line)
        elif match := CELL.match(line):
            current.children.append(match[1])
    return modules


def key(module: Module, modules: dict[str, Module]) -> str:
    """The same for modules whose own logic is the same, whatever their children contain."""
    names: dict[str, str] = {}

    def counted(match: re.Match) -> str:
        return names.setdefault(match[0], f"$n{len(names)}")

    digest = hashlib.sha256(module.base.encode())
    for line in module.lines:
        if match := CELL.match(line):
            child = modules.get(match[1])
            if child:
                line = f"  cell {child.base} {match[2]}\n" + "\n".join(child.ports)
        digest.update(COUNTED.sub(counted, line).encode() + b"\n")
    return digest.hexdigest()[:16]


def alone(batch: list[Module], modules: dict[str, Module]) -> str:
    """RTLIL of some modules, their children black boxes, below a module `batch` that keeps them.

    They are renamed by their position: one may be another's child.
    """
    parts, boxes, keep = [], {}, ["module \\batch"]
    for number, module in enumerate(batch):
        parts.append(f"module {renamed(number, module)}")
        parts += [box(line, boxes, modules) for line in module.lines]
        parts.append("end")
        keep += ["  attribute \\keep 1", f"  cell {renamed(number, module)} \\i{number}", "  end"]
    for name, child in boxes.items():
        parts += ["attribute \\blackbox 1", f"module {name}", *modules[child].ports, "end"]
    return "\n".join([*parts, *keep, "end"]) + "\n"


def renamed(number: int, module: Module) -> str:
    return f"\\m{number}_{module.base}"


def box(line: str, boxes: dict[str, str], modules: dict[str, Module]) -> str:
    match = CELL.match(line)
    if not match or match[1] not in modules:
        return line
    name = f"\\box_{match[1][1:]}"
    boxes[name] = match[1]
    return f"  cell {name} {match[2]}"
