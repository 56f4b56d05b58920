// SPDX-License-Identifier: Apache-2.0
// From bytes to text; see asm.h.
#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>

#include "runtime/program/asm.h"
#include "weft/spec_fields.h"

namespace weft {
namespace {

using spec::Kind;

const spec::Layout* layout_of(const CommandBytes& command) {
  for (const auto& layout : spec::kCommands) {
    if (layout.opcode == std::to_integer<std::uint32_t>(command[0])) return &layout;
  }
  return nullptr;
}

// Whether the named fields carry every bit of the command.
bool complete(const CommandBytes& command, const spec::Layout& layout) {
  CommandBytes rebuilt{};
  for (const auto& field : layout.fields) spec::put(rebuilt, field, spec::get(command, field));
  return rebuilt == command;
}

std::string raw(const CommandBytes& command) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "raw ";
  for (const auto byte : command) {
    text += digits[std::to_integer<std::size_t>(byte >> 4)];
    text += digits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  return text;
}

std::string hexadecimal(std::uint64_t value) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
  return "0x" + std::string(digits.data(), end);
}

std::string fp32(std::uint32_t bits) {
  const auto value = std::bit_cast<float>(bits);
  if (!std::isfinite(value)) return hexadecimal(bits);
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return "0f" + std::string(digits.data(), end);
}

std::string value_text(const spec::Field& field, std::uint64_t value, const ProgramImage& image) {
  if (value < field.values.size()) return std::string(field.values[value]);
  switch (field.kind) {
    case Kind::kBinding:
      if (value < image.bindings.size()) return image.bindings[value].name;
      break;
    case Kind::kScalar:
      if (value > 0 && value <= image.scalars.size()) return image.scalars[value - 1];
      break;
    case Kind::kFp32:
      return fp32(static_cast<std::uint32_t>(value));
    default:
      break;
  }
  return std::to_string(value);
}

// Zero goes without saying, except where it names something.
bool worth_saying(const spec::Field& field, std::uint64_t value) {
  if (value != 0) return true;
  if (field.kind == Kind::kBinding) return true;
  constexpr std::array<std::string_view, 6> usual{"none", "zero", "memory", "no", "nearest", "row"};
  return !field.values.empty() &&
         std::find(usual.begin(), usual.end(), field.values[0]) == usual.end();
}

std::string_view rights_text(std::uint32_t rights) {
  if (rights == kRightRead) return "read";
  return rights == kRightWrite ? "write" : "read+write";
}

}  // namespace

std::string disassemble_command(const CommandBytes& command, const ProgramImage& image) {
  const auto* layout = layout_of(command);
  if (layout == nullptr || !complete(command, *layout)) return raw(command);
  std::string text{layout->name};
  std::string after;
  for (const auto& field : layout->fields) {
    const auto value = spec::get(command, field);
    if (field.kind == Kind::kAfter) {
      if (value == 0) continue;
      after += after.empty() ? " after=" : ",";
      after += field.name.substr(field.name.find('_') + 1);
      after += ":" + std::to_string(value);
    } else if (field.name != "opcode" && worth_saying(field, value)) {
      text += " ";
      text += field.name;
      text += "=" + value_text(field, value, image);
    }
  }
  return text + after;
}

std::string disassemble(const ProgramImage& image) {
  std::string text;
  for (const auto& binding : image.bindings) {
    text += ".binding " + binding.name + " " + std::string(rights_text(binding.rights)) + " " +
            std::to_string(binding.size) + "\n";
  }
  for (const auto& scalar : image.scalars) text += ".scalar " + scalar + "\n";
  for (std::size_t i = 0; i < image.commands.size(); ++i) {
    text += disassemble_command(image.commands[i], image) + "  ; " + std::to_string(i) + "\n";
  }
  return text;
}

}  // namespace weft
