# SPDX-License-Identifier: Apache-2.0
"""The reference pages: commands, records, faults, states, sizes."""

from . import model
from .text import banner, literal, sentence, unit_items


def _page(spec: model.Spec, title: str, intro: str, lines: list[str]) -> str:
    head = banner(spec, "", title).replace("\n ", "\n").strip()
    return f"<!--\n{head}\n-->\n# {title}\n\n{intro}\n\n" + "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return sentence(text).replace("|", "\\|")


def _range(field: model.Field, spec: model.Spec) -> str:
    if field.enum:
        values = spec.enums[field.enum].values
        return ", ".join(f"{i} `{v}`" for i, v in enumerate(values) if i >= field.min)
    if field.min == 0 and field.top == field.limit:
        return "any"
    top = hex(field.top) if field.top > 0xFFFFFFFF else field.top
    return f"{field.min} to {top}"


def _layout(layout: model.Layout, fields: list[model.Field], spec: model.Spec) -> list[str]:
    lines = ["| byte | bits | field | values | unit | meaning |", "|---|---|---|---|---|---|"]
    for f in sorted(fields, key=lambda field: field.at):
        bits = f"{f.bits} x {f.count}" if f.count > 1 else f.bits
        lines.append(f"| {f.at} | {bits} | `{f.name}` | {_range(f, spec)} | {f.scale or ''} | "
                     f"{_cell(f.doc)} |")
    spans = [f"{at}" if size == 1 else f"{at} to {at + size - 1}" for at, size in layout.reserved()]
    reserved = f"Reserved, must be zero: byte {', '.join(spans)}." if spans else "Nothing reserved."
    return lines + ["", reserved, ""]


def _items(items: list[model.Item], advice: bool) -> list[str]:
    extra = (" what to do |", "---|") if advice else ("", "")
    lines = [f"| value | name | meaning |{extra[0]}", f"|---|---|---|{extra[1]}"]
    for i, item in enumerate(items):
        tail = f" {_cell(item.do)} |" if advice else ""
        lines.append(f"| {i} | `{item.name}` | {_cell(item.doc)} |{tail}")
    return lines + [""]


def _commands(spec: model.Spec) -> str:
    lines = ["## All commands", ""]
    lines += _layout(model.Layout("command", spec.commands[0].bytes, "", spec.common),
                     spec.common, spec)[:-2]
    opcodes = ", ".join(f"{c.opcode} `{c.name}`" for c in spec.commands)
    lines += [f"Opcodes: {opcodes}.", ""]
    for command in spec.commands:
        own = [f for f in command.fields if f not in spec.common]
        lines += [f"## {command.name} (opcode {command.opcode})", "", command.doc.strip(), ""]
        lines += _layout(command, own, spec)
    lines += ["## Enumerations", ""]
    for enum in spec.enums.values():
        values = ", ".join(f"{i} `{value}`" for i, value in enumerate(enum.values))
        lines += [f"**{enum.name}**: {_cell(enum.doc)}. Values: {values}.", ""]
    intro = (f"A command is {spec.commands[0].bytes} bytes, little endian. Bytes that no field "
             "names are reserved.\nA field outside its values raises the fault `bad_field`.")
    return _page(spec, "Commands", intro, lines)


def _records(spec: model.Spec) -> str:
    lines = []
    for record in spec.records:
        lines += [f"## {record.name} ({record.bytes} bytes)", "", record.doc.strip() + ".", ""]
        lines += _layout(record, record.fields, spec)
    return _page(spec, "Records", "Structures in memory, little endian.", lines)


def _machine(spec: model.Spec) -> str:
    lines = ["## Configurations", "", "| size | " + " | ".join(c.name for c in spec.configs) + " |",
             "|---|" + "---|" * len(spec.configs)]
    for key in spec.configs[0].sizes:
        sizes = " | ".join(str(config.sizes[key]) for config in spec.configs)
        lines.append(f"| `{key}` | {sizes} |")
    lines += ["", "## Constants", "", "| name | value | meaning |", "|---|---|---|"]
    lines += [f"| `{c.name}` | {literal(c)} | {_cell(c.doc)} |" for c in spec.constants]
    lines += ["", "## Units", ""] + _items(unit_items(spec), advice=False)
    return _page(spec, "Machine", f"Spec hash `{spec.hash:016x}`.", lines)


def pages(spec: model.Spec) -> dict[str, str]:
    faults = ("A fault ends the launch; the completion record names it, the program, the command "
              "and the unit.")
    states = "Each unit is in exactly one of these states in each cycle of a launch."
    return {
        "commands.md": _commands(spec),
        "records.md": _records(spec),
        "machine.md": _machine(spec),
        "faults.md": _page(spec, "Faults", faults, _items(spec.faults, advice=True)),
        "states.md": _page(spec, "States", states, _items(spec.states, advice=False)),
    }
