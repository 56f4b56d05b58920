# SPDX-License-Identifier: Apache-2.0
"""The C++ header weft/spec_fields.h: commands and records as tables, for assemblers and tests."""

from . import model
from .text import banner, camel, sentence

HEAD = """\
//
// For code that treats fields alike: assembler, disassembler, fuzzers, tests.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "weft/spec.h"

namespace weft::spec {

// What a field names, besides a number or a value of an enumeration.
enum class Kind : std::uint8_t { kPlain, kAfter, kBinding, kScalar, kFp32 };

// `count` little endian values of `bits` bits from byte `at` on.
struct Field {
  std::string_view name;
  std::uint32_t at;
  std::uint32_t bits;
  std::uint32_t count;
  std::uint64_t min;
  std::uint64_t max;
  Kind kind;
  std::span<const std::string_view> values;  // names of an enumeration, by value; else empty
  std::string_view doc;
};

// A command (opcode > 0) or a record.
struct Layout {
  std::string_view name;
  std::uint32_t opcode;
  std::uint32_t bytes;
  std::span<const Field> fields;
};

constexpr std::uint64_t get(std::span<const std::byte> bytes, const Field& field,
                            std::size_t index = 0) {
  const std::size_t size = field.bits / 8;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value |= std::to_integer<std::uint64_t>(bytes[field.at + index * size + i]) << (8 * i);
  }
  return value;
}

constexpr void put(std::span<std::byte> bytes, const Field& field, std::uint64_t value,
                   std::size_t index = 0) {
  const std::size_t size = field.bits / 8;
  for (std::size_t i = 0; i < size; ++i) {
    bytes[field.at + index * size + i] = static_cast<std::byte>(value >> (8 * i));
  }
}

namespace detail {

"""


def _values(enum: model.Enum) -> str:
    names = ", ".join(f'"{value}"' for value in enum.values)
    return (f"inline constexpr std::array<std::string_view, {len(enum.values)}> "
            f"k{camel(enum.name)}Values{{\n    {names}}};\n")


def _fields(layout: model.Layout) -> str:
    lines = [f"inline constexpr std::array<Field, {len(layout.fields)}> "
             f"k{camel(layout.name)}Fields{{{{"]
    for f in layout.fields:
        values = f"k{camel(f.enum)}Values" if f.enum else "{}"
        kind = f"Kind::k{camel(f.kind or 'plain')}"
        lines.append(f'    {{"{f.name}", {f.at}, {f.bits}, {f.count}, {f.min}u, {f.top}u, {kind},\n'
                     f"     {values},\n"
                     f'     "{sentence(f.doc)}"}},')
    return "\n".join(lines) + "\n}};\n"


def _table(name: str, layouts: list[model.Layout]) -> str:
    lines = [f"inline constexpr std::array<Layout, {len(layouts)}> {name}{{{{"]
    lines += [f'    {{"{x.name}", {x.opcode or 0}, {x.bytes}, detail::k{camel(x.name)}Fields}},'
              for x in layouts]
    return "\n".join(lines) + "\n}};\n"


def header(spec: model.Spec) -> str:
    parts = [_values(enum) for enum in spec.enums.values()]
    parts += [_fields(layout) for layout in spec.commands + spec.records]
    parts.append("}  // namespace detail\n")
    parts.append("// Commands, in the order of the units.\n" + _table("kCommands", spec.commands))
    parts.append(_table("kRecords", spec.records))
    purpose = "weft/spec_fields.h: commands and records as tables."
    foot = "\n}  // namespace weft::spec\n"
    return banner(spec, "//", purpose) + HEAD + "\n".join(parts) + foot
