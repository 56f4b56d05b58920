# SPDX-License-Identifier: Apache-2.0
"""The SystemVerilog package weft_spec_pkg."""

from . import model
from .text import banner, camel, sentence, sv_name, unit_items, wrap


def _enum(name: str, bits: int, values: list[tuple[str, int]], doc: str) -> list[str]:
    lines = wrap(sentence(doc), "  // ")
    lines.append(f"  typedef enum logic [{bits - 1}:0] {{")
    body = [f"    {label} = {bits}'d{value}" for label, value in values]
    lines.append(",\n".join(body))
    return lines + [f"  }} {name}_e;", ""]


def _type(field: model.Field) -> str:
    array = f"[{field.count - 1}:0]" if field.count > 1 else ""
    return f"logic {array}[{field.bits - 1}:0]"


def _slice(field: model.Field) -> str:
    return f"[{field.at * 8} +: {field.size * 8}]"


def _layout(layout: model.Layout) -> list[str]:
    name, bits = layout.name, layout.bytes * 8
    vector = f"logic [{bits - 1}:0]"
    lines = wrap(sentence(layout.doc), "  // ")
    lines.append("  typedef struct packed {")
    lines += [f"    {_type(f)} {sv_name(f.name)};" for f in layout.fields]
    lines += [f"  }} {name}_fields_t;", ""]

    lines.append(f"  function automatic {name}_fields_t unpack_{name}({vector} c);")
    lines.append(f"    {name}_fields_t f;")
    lines += [f"    f.{sv_name(f.name)} = c{_slice(f)};" for f in layout.fields]
    lines += ["    return f;", "  endfunction", ""]

    lines.append(f"  function automatic {vector} pack_{name}({name}_fields_t f);")
    lines += [f"    {vector} c;", "    c = '0;"]
    lines += [f"    c{_slice(f)} = f.{sv_name(f.name)};" for f in layout.fields]
    lines += ["    return c;", "  endfunction", ""]

    tests = [f"c[{at * 8} +: {size * 8}] == '0" for at, size in layout.reserved()] or ["1'b1"]
    lines.append("  // True when every reserved byte is zero.")
    lines.append(f"  function automatic logic reserved_zero_{name}({vector} c);")
    lines += _conjunction(tests)

    tests = []
    for field in layout.bounded():
        member = f"f.{sv_name(field.name)}"
        if field.min > 0:
            tests.append(f"{member} >= {field.bits}'d{field.min}")
        if field.top < field.limit:
            tests.append(f"{member} <= {field.bits}'d{field.top}")
    lines.append("  // True when every field lies within its bounds or enumeration.")
    lines.append(f"  function automatic logic ranges_ok_{name}({name}_fields_t f);")
    return lines + _conjunction(tests or ["1'b1"])


def _conjunction(tests: list[str]) -> list[str]:
    lines = [f"    return {tests[0]}"] + [f"        && {test}" for test in tests[1:]]
    lines[-1] += ";"
    return lines + ["  endfunction", ""]


def _items(kind: str, bits: int, items: list[model.Item], doc: str) -> list[str]:
    values = [(camel(kind) + camel(item.name), i) for i, item in enumerate(items)]
    return _enum(kind, bits, values, doc)


def _configs(spec: model.Spec) -> list[str]:
    lines = ["  // Sizes of a configuration.", "  typedef struct packed {"]
    lines += [f"    logic [31:0] {key};" for key in spec.configs[0].sizes] + ["  } config_t;", ""]
    for config in spec.configs:
        lines += wrap(sentence(config.doc), "  // ")
        lines.append(f"  localparam config_t Config{camel(config.name)} = '{{")
        lines.append(",\n".join(f"    {key}: 32'd{size}" for key, size in config.sizes.items()))
        lines += ["  };", ""]
    return lines


def package(spec: model.Spec) -> str:
    lines = [banner(spec, "//", "weft_spec_pkg: encodings, layouts and sizes software can see.")]
    lines += [
        "// A field whose name is a SystemVerilog keyword carries a trailing underscore.",
        "// unpack_x(pack_x(f)) == f; ranges_ok_x covers min, max and enumerations, nothing else.",
        "",
        "/* verilator lint_off UNUSEDSIGNAL */  // reserved bytes of a layout are read by no field",
        "/* verilator lint_off UNUSEDPARAM */   // a design need not use every constant",
        "package weft_spec_pkg;",
        "",
        f"  localparam logic [63:0] SpecHash = 64'h{spec.hash:016x};",
        "",
    ]
    for constant in spec.constants:
        lines += wrap(sentence(constant.doc), "  // ")
        lines.append(f"  localparam int unsigned {camel(constant.name)} = {constant.value};")
    lines += [
        f"  localparam int unsigned CommandBytes = {spec.commands[0].bytes};",
        f"  localparam int unsigned NumUnits = {len(spec.units)};",
        f"  localparam int unsigned NumStates = {len(spec.states)};",
        "",
    ]
    lines += _configs(spec)
    opcodes = [("Op" + camel(command.name), command.opcode) for command in spec.commands]
    lines += _enum("opcode", 8, opcodes, "Which unit executes a command.")
    for enum in spec.enums.values():
        values = [(camel(enum.name) + camel(v), i) for i, v in enumerate(enum.values)]
        lines += _enum(enum.name, enum.bits, values, enum.doc)
    units = "Units, and the sequencer as the origin of faults."
    lines += _items("unit", 3, unit_items(spec), units)
    lines += _items("fault", 8, spec.faults, "Faults, in the order of their checks.")
    lines += _items("state", 4, spec.states, "What a unit does in a cycle.")
    for layout in spec.commands + spec.records:
        lines += _layout(layout)
    lines += [
        "endpackage",
        "/* verilator lint_on UNUSEDSIGNAL */",
        "/* verilator lint_on UNUSEDPARAM */",
    ]
    return "\n".join(lines) + "\n"
