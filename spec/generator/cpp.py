# SPDX-License-Identifier: Apache-2.0
"""The C++ header weft/spec.h: enumerations, structures, pack and unpack, configurations."""

from . import model
from .text import banner, camel, literal, sentence, unit_items, wrap

HEAD = """\
//
// pack_x(unpack_x(bytes)) keeps every field; reserved bytes come out zero. unpack_x accepts any
// bytes: an enumeration may then hold a value it does not name, for which name() is "?".
// ranges_ok() covers min, max and enumerations; what fields mean together is runtime/program/check.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace weft::spec {

namespace detail {

template <class T>
constexpr T get(std::span<const std::byte> bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value |= std::to_integer<std::uint64_t>(bytes[at + i]) << (8 * i);
  }
  return static_cast<T>(value);
}

template <class T>
constexpr void put(std::span<std::byte> bytes, std::size_t at, T field) {
  const auto value = static_cast<std::uint64_t>(field);
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[at + i] = static_cast<std::byte>(value >> (8 * i));
  }
}

constexpr bool zero(std::span<const std::byte> bytes, std::size_t at, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    if (bytes[at + i] != std::byte{0}) return false;
  }
  return true;
}

}  // namespace detail

"""


def _lookup(function: str, kind: str, texts: list[str], first: int = 0) -> list[str]:
    lines = [f"constexpr std::string_view {function}({kind} value) {{", "  switch (value) {"]
    return lines + texts + ["  }", '  return "?";', "}", ""]


def _enum(name: str, bits: int, items: list[tuple[str, int, str]], doc: str) -> list[str]:
    kind = camel(name)
    lines = wrap(sentence(doc), "// ") + [f"enum class {kind} : std::uint{bits}_t {{"]
    for label, value, note in items:
        if note:
            lines += wrap(sentence(note), "  // ")
        lines.append(f"  k{camel(label)} = {value},")
    lines += ["};", ""]
    cases = [f'    case {kind}::k{camel(label)}: return "{label}";' for label, _, _ in items]
    return lines + _lookup("name", kind, cases)


def _items(name: str, items: list[model.Item], doc: str) -> list[str]:
    return _enum(name, 8, [(item.name, i, item.doc) for i, item in enumerate(items)], doc)


def field_type(field: model.Field) -> str:
    if field.name == "opcode":
        return "Opcode"
    return camel(field.enum) if field.enum else f"std::uint{field.bits}_t"


def _member(layout: model.Layout, field: model.Field) -> list[str]:
    kind = field_type(field)
    note = f" Unit: {field.scale}." if field.scale else ""
    lines = wrap(sentence(field.doc) + "." + note, "  // ")
    if field.count > 1:
        return lines + [f"  std::array<{kind}, {field.count}> {field.name}{{}};"]
    if field.name == "opcode":
        return lines + [f"  {kind} {field.name} = Opcode::k{camel(layout.name)};"]
    return lines + [f"  {kind} {field.name}{{}};"]


def _layout(layout: model.Layout) -> list[str]:
    name, kind = layout.name, camel(layout.name)
    size = f"{layout.bytes}"
    lines = wrap(sentence(layout.doc), "// ") + [f"struct {kind} {{"]
    for field in layout.fields:
        lines += _member(layout, field)
    lines += [f"  friend bool operator==(const {kind}&, const {kind}&) = default;", "};", ""]

    lines += [f"constexpr std::array<std::byte, {size}> pack(const {kind}& from) {{",
              f"  std::array<std::byte, {size}> bytes{{}};"]
    for f in layout.fields:
        if f.count == 1:
            lines.append(f"  detail::put(bytes, {f.at}, from.{f.name});")
        else:
            lines += [f"  for (std::size_t i = 0; i < {f.count}; ++i) {{",
                      f"    detail::put(bytes, {f.at} + {f.bits // 8} * i, from.{f.name}[i]);",
                      "  }"]
    lines += ["  return bytes;", "}", ""]

    lines += [f"constexpr {kind} unpack_{name}(std::span<const std::byte, {size}> bytes) {{",
              f"  {kind} to;"]
    for f in layout.fields:
        get = f"detail::get<{field_type(f)}>"
        if f.count == 1:
            lines.append(f"  to.{f.name} = {get}(bytes, {f.at});")
        else:
            lines += [f"  for (std::size_t i = 0; i < {f.count}; ++i) {{",
                      f"    to.{f.name}[i] = {get}(bytes, {f.at} + {f.bits // 8} * i);",
                      "  }"]
    lines += ["  return to;", "}", ""]

    tests = [f"detail::zero(bytes, {at}, {size})" for at, size in layout.reserved()] or ["true"]
    parameter = "bytes" if layout.reserved() else "/*bytes*/"
    lines.append(f"constexpr bool reserved_zero_{name}"
                 f"(std::span<const std::byte, {layout.bytes}> {parameter}) {{")
    lines += _conjunction(tests)

    tests = []
    for f in layout.bounded():
        value = f"static_cast<std::uint{f.bits}_t>(of.{f.name})"
        if f.min > 0:
            tests.append(f"{value} >= {f.min}u")
        if f.top < f.limit:
            tests.append(f"{value} <= {f.top}u")
    parameter = "of" if tests else "/*of*/"
    lines.append(f"constexpr bool ranges_ok(const {kind}& {parameter}) {{")
    return lines + _conjunction(tests or ["true"])


def _conjunction(tests: list[str]) -> list[str]:
    lines = [f"  return {tests[0]}"] + [f"         {test}" for test in tests[1:]]
    lines[:-1] = [line + " &&" for line in lines[:-1]]
    return lines[:-1] + [lines[-1] + ";", "}", ""]


def _configs(spec: model.Spec) -> list[str]:
    lines = ["// Sizes of the array, the memory port and the scratchpads.", "struct Config {",
             "  std::string_view name;"]
    lines += [f"  std::uint32_t {key};" for key in spec.configs[0].sizes] + ["};", ""]
    lines.append(f"inline constexpr std::array<Config, {len(spec.configs)}> kConfigs{{{{")
    for config in spec.configs:
        sizes = [f".{key} = {size}" for key, size in config.sizes.items()]
        lines += wrap(sentence(config.doc), "    // ") + [f'    {{.name = "{config.name}",']
        lines += [f"     {size}," for size in sizes] + ["    },"]
    return lines + ["}};", ""]


def header(spec: model.Spec) -> str:
    lines = [f"inline constexpr std::uint64_t kSpecHash = 0x{spec.hash:016x};"]
    for constant in spec.constants:
        lines += wrap(sentence(constant.doc), "// ")
        value = literal(constant)
        lines.append(f"inline constexpr std::uint32_t k{camel(constant.name)} = {value};")
    lines += [
        f"inline constexpr std::uint32_t kCommandBytes = {spec.commands[0].bytes};",
        f"inline constexpr std::size_t kNumUnits = {len(spec.units)};",
        f"inline constexpr std::size_t kNumStates = {len(spec.states)};",
        "",
    ]
    lines += _configs(spec)
    opcodes = [(c.name, c.opcode, "") for c in spec.commands]
    lines += _enum("opcode", 8, opcodes, "Which unit executes a command.")
    for enum in spec.enums.values():
        values = [(value, i, "") for i, value in enumerate(enum.values)]
        lines += _enum(enum.name, enum.bits, values, enum.doc)
    lines += _items("unit", unit_items(spec), "Units, and the sequencer as the origin of faults.")
    lines += _items("fault", spec.faults, "Faults, in the order of their checks.")
    lines += wrap("What the fault says, and what its reader can do about it.", "// ")
    for function, key in (("doc", "doc"), ("advice", "do")):
        cases = [f'    case Fault::k{camel(f.name)}: return "{sentence(getattr(f, key))}";'
                 for f in spec.faults]
        lines += _lookup(function, "Fault", cases)
    lines += _items("state", spec.states, "What a unit does in a cycle.")
    for layout in spec.commands + spec.records:
        lines += _layout(layout)
    purpose = "weft/spec.h: encodings, layouts and sizes shared with the hardware."
    return banner(spec, "//", purpose) + HEAD + "\n".join(lines) + "\n}  // namespace weft::spec\n"
