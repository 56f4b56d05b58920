# SPDX-License-Identifier: Apache-2.0
"""Refuses definitions that contradict themselves; see validate()."""

import re

from . import model
from .model import SpecError
from .text import C_RESERVED

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def _names(names: list[str], place: str) -> None:
    for name in names:
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise SpecError(f"{place}: '{name}' is not a lower_case name")
        if name in C_RESERVED:
            raise SpecError(f"{place}: '{name}' is a keyword of C or C++; choose another name")
    for name in names:
        if names.count(name) > 1:
            raise SpecError(f"{place}: '{name}' appears twice")


def _field(field: model.Field, layout: model.Layout, spec: model.Spec) -> None:
    place = f"'{layout.name}', field '{field.name}'"
    if field.bits not in (8, 16, 32, 64):
        raise SpecError(f"{place}: {field.bits} bits; must be 8, 16, 32 or 64")
    if field.count < 1:
        raise SpecError(f"{place}: count must be at least 1")
    if field.at % (field.bits // 8):
        raise SpecError(f"{place}: byte {field.at} is not aligned to its {field.bits} bits")
    if field.at < 0 or field.at + field.size > layout.bytes:
        raise SpecError(f"{place}: ends at byte {field.at + field.size}, "
                        f"beyond the {layout.bytes} of '{layout.name}'")
    if field.enum is not None:
        if field.enum not in spec.enums:
            raise SpecError(f"{place}: unknown enum '{field.enum}'")
        enum = spec.enums[field.enum]
        if enum.bits not in (0, field.bits):
            raise SpecError(f"{place}: enum '{enum.name}' is {enum.bits} bits wide elsewhere")
        enum.bits = field.bits
        if field.max not in (None, len(enum.values) - 1):
            raise SpecError(f"{place}: an enumeration takes no max")
        field.max = len(enum.values) - 1
    if field.kind not in (None, *model.KINDS):
        raise SpecError(f"{place}: unknown kind '{field.kind}'")
    if not 0 <= field.min <= field.top <= field.limit:
        raise SpecError(f"{place}: range {field.min}..{field.top} is empty or does not fit in "
                        f"{field.bits} bits")


def _layout(layout: model.Layout, spec: model.Spec) -> None:
    _names([field.name for field in layout.fields], f"'{layout.name}'")
    owner: dict[int, str] = {}
    for field in layout.fields:
        _field(field, layout, spec)
        for byte in range(field.at, field.at + field.size):
            if byte in owner:
                raise SpecError(f"'{layout.name}': fields '{owner[byte]}' and '{field.name}' "
                                f"overlap at byte {byte}")
            owner[byte] = field.name


def _config(config: model.Config, spec: model.Spec) -> None:
    place = f"config '{config.name}'"
    if list(config.sizes) != list(spec.configs[0].sizes):
        raise SpecError(f"{place}: sizes differ in name or order from the first config's")
    for key, size in config.sizes.items():
        if size <= 0 or size & (size - 1):
            raise SpecError(f"{place}: {key} = {size} is not a power of two")


def validate(spec: model.Spec) -> None:
    """Raises SpecError at the first contradiction; fills in widths and limits of enumerations."""
    for what, names in {
        "commands": [c.name for c in spec.commands],
        "records": [r.name for r in spec.records],
        "units": [u.name for u in spec.units],
        "enums": list(spec.enums),
        "constants": [c.name for c in spec.constants],
        "configs": [f"config_{c.name}" for c in spec.configs],
    }.items():
        _names(names, what)
    for enum in spec.enums.values():
        _names(enum.values, f"enum '{enum.name}'")
    for kind, items, limit in (("fault", spec.faults, 256), ("state", spec.states, 16)):
        _names([item.name for item in items], f"{kind}s")
        if len(items) > limit:
            raise SpecError(f"more than {limit} {kind}s")
    if [c.name for c in spec.commands] != [u.name for u in spec.units]:
        raise SpecError("commands and units must be the same names in the same order")
    if len({c.opcode for c in spec.commands}) != len(spec.commands):
        raise SpecError("two commands share an opcode")
    for command in spec.commands:
        if command.opcode is None or not 0 < command.opcode < 256:
            raise SpecError(f"command '{command.name}': opcode must be 1..255")
    expected = ["opcode"] + [f"after_{unit.name}" for unit in spec.units]
    if [field.name for field in spec.common] != expected:
        raise SpecError(f"common fields must be {', '.join(expected)}")
    for layout in spec.commands + spec.records:
        _layout(layout, spec)
    for enum in spec.enums.values():
        if enum.bits == 0:
            raise SpecError(f"enum '{enum.name}' is used by no field")
    for constant in spec.constants:
        if not 0 <= constant.value < 1 << 32:
            raise SpecError(f"constant '{constant.name}': does not fit in 32 bits")
    for config in spec.configs:
        _config(config, spec)
