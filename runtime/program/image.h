// SPDX-License-Identifier: Apache-2.0
// runtime/program/image.h: a program as data, and its file format (.weftp).
//
// File    little endian: the letters WEFTPROG, spec hash (u64), counts of commands, bindings and
//         scalars (u32 each), zero (u32); per binding size (u64), rights (u32), length of the name
//         (u32), name; per scalar length (u32), name; then 64 bytes per command. Nothing follows.
// Names   start with a letter or underscore, go on with those, digits, '.', '/', '-'; unique
//         among bindings, unique among scalars.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weft/result.h"
#include "weft/spec.h"

namespace weft {

using CommandBytes = std::array<std::byte, spec::kCommandBytes>;

// Bits of a binding's rights.
inline constexpr std::uint32_t kRightRead = 1;
inline constexpr std::uint32_t kRightWrite = 2;

// What a launch must bind at this index: at least `size` bytes with these rights.
struct DeclaredBinding {
  std::string name;
  std::uint64_t size = 0;
  std::uint32_t rights = 0;

  friend bool operator==(const DeclaredBinding&, const DeclaredBinding&) = default;
};

struct ProgramImage {
  std::vector<CommandBytes> commands;
  std::vector<DeclaredBinding> bindings;
  std::vector<std::string> scalars;  // names of the first scalars of the launch

  friend bool operator==(const ProgramImage&, const ProgramImage&) = default;
};

[[nodiscard]] bool is_program_name(std::string_view text);

// Counts, names, sizes and rights make sense; says nothing about the commands.
[[nodiscard]] Result<void> validate_declarations(const ProgramImage& image);

[[nodiscard]] std::vector<std::byte> serialize(const ProgramImage& image);

// Code::kCorruptFile for anything serialize() cannot have written,
// Code::kUnsupported for another spec version. Any bytes are safe.
[[nodiscard]] Result<ProgramImage> parse_image(std::span<const std::byte> bytes);

}  // namespace weft
