// SPDX-License-Identifier: Apache-2.0
#include "weft/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/core/program_contents.h"
#include "runtime/program/check.h"
#include "runtime/program/footprint.h"
#include "runtime/program/verifier.h"

namespace weft {
namespace {

// Larger than what any field can address, so that only the program itself bounds its needs.
constexpr spec::Config kUnbounded{.name = "unbounded",
                                  .array_rows = 4,
                                  .array_columns = 16,
                                  .array_depth = 8,
                                  .axi_bytes = 64,
                                  .a_bytes = 1u << 31,
                                  .b_bytes = 1u << 31,
                                  .v_bytes = 1u << 31};

// Bytes of a scratchpad whose first `units` units a footprint reaches.
std::uint32_t operand_bytes(std::uint64_t units) {
  constexpr std::uint64_t kUnitsPerCell = spec::kCellBytes / spec::kBlock;
  return static_cast<std::uint32_t>((units + kUnitsPerCell - 1) / kUnitsPerCell * spec::kCellBytes);
}

std::uint32_t v_bytes(std::uint64_t elements) {
  return static_cast<std::uint32_t>((elements + spec::kWordElements - 1) / spec::kWordElements *
                                    spec::kWordBytes);
}

// Commands that are not well formed touch nothing: they fault.
ScratchpadNeeds scratchpad_needs(const ProgramImage& image) {
  std::vector<spec::Binding> bindings;
  for (const DeclaredBinding& binding : image.bindings) {
    bindings.push_back({.offset = 0, .size = binding.size, .rights = binding.rights});
  }
  constexpr UnitCounts kAnyCount{spec::kMaxCommands, spec::kMaxCommands, spec::kMaxCommands,
                                 spec::kMaxCommands};
  ScratchpadNeeds needs;
  for (const CommandBytes& command : image.commands) {
    if (check_command(command, kAnyCount, bindings, kUnbounded) != spec::Fault::kNone) continue;
    const Footprint touched = footprint(command);
    for (const Region& region : touched.regions()) {
      const std::uint64_t end = region.box.end();
      switch (region.space) {
        case Space::kAMantissas:
        case Space::kAScales:
          needs.a_bytes = std::max(needs.a_bytes, operand_bytes(end));
          break;
        case Space::kBMantissas:
        case Space::kBScales:
          needs.b_bytes = std::max(needs.b_bytes, operand_bytes(end));
          break;
        case Space::kV:
          needs.v_bytes = std::max(needs.v_bytes, v_bytes(end));
          break;
        case Space::kMemory:
          break;
      }
    }
  }
  return needs;
}

Result<void> check_counts(const std::string& name, const ProgramImage& image) {
  if (image.commands.empty() || image.commands.size() > spec::kMaxCommands) {
    return fail(Code::kInvalidArgument,
                fmt::format("program `{}` has {} commands", name, image.commands.size()),
                fmt::format("a program has 1 to {} commands", spec::kMaxCommands));
  }
  if (image.bindings.size() > spec::kMaxBindings) {
    return fail(Code::kInvalidArgument,
                fmt::format("program `{}` declares {} bindings", name, image.bindings.size()),
                fmt::format("a program has at most {} bindings", spec::kMaxBindings));
  }
  return {};
}

}  // namespace

Result<Program> make_program(std::string name, ProgramImage image, Verify verify_mode) {
  if (auto counts = check_counts(name, image); !counts) return tl::unexpected(counts.error());
  auto contents = std::make_shared<Program::Contents>();
  contents->needs = scratchpad_needs(image);
  if (verify_mode == Verify::kOn) {
    spec::Config config = kUnbounded;
    config.name = "smallest";
    config.a_bytes = contents->needs.a_bytes;
    config.b_bytes = contents->needs.b_bytes;
    config.v_bytes = contents->needs.v_bytes;
    if (auto verified = weft::verify(image, config); !verified) {
      return tl::unexpected(verified.error());
    }
    contents->verified = true;
  }
  for (const DeclaredBinding& binding : image.bindings) {
    contents->bindings.push_back({.name = binding.name,
                                  .size_bytes = binding.size,
                                  .rights = static_cast<Rights>(binding.rights)});
  }
  contents->name = std::move(name);
  contents->image = std::move(image);
  return Program(std::move(contents));
}

const std::string& Program::name() const {
  return contents_->name;
}

std::span<const std::byte> Program::command_bytes() const {
  const auto& commands = contents_->image.commands;
  return std::as_bytes(std::span(commands.data(), commands.size()));
}

std::size_t Program::command_count() const {
  return contents_->image.commands.size();
}

std::span<const BindingDeclaration> Program::bindings() const {
  return contents_->bindings;
}

ScratchpadNeeds Program::needs() const {
  return contents_->needs;
}

bool Program::verified() const {
  return contents_->verified;
}

std::uint8_t ProgramBuilder::bind(std::string name, std::uint64_t size_bytes, Rights rights) {
  bindings_.push_back({.name = std::move(name), .size_bytes = size_bytes, .rights = rights});
  return static_cast<std::uint8_t>(bindings_.size() - 1);
}

std::uint8_t ProgramBuilder::scalar(std::string name) {
  scalars_.push_back(std::move(name));
  return static_cast<std::uint8_t>(scalars_.size() - 1);
}

ProgramBuilder& ProgramBuilder::append(const spec::Load& command) {
  return append_bytes(spec::pack(command));
}

ProgramBuilder& ProgramBuilder::append(const spec::Matmul& command) {
  return append_bytes(spec::pack(command));
}

ProgramBuilder& ProgramBuilder::append(const spec::Vector& command) {
  return append_bytes(spec::pack(command));
}

ProgramBuilder& ProgramBuilder::append(const spec::Store& command) {
  return append_bytes(spec::pack(command));
}

ProgramBuilder& ProgramBuilder::append_bytes(std::span<const std::byte> commands) {
  for (std::size_t at = 0; at < commands.size(); at += spec::kCommandBytes) {
    const auto opcode = std::to_integer<std::size_t>(commands[at]);
    if (opcode >= 1 && opcode <= counts_.size()) ++counts_[opcode - 1];
  }
  bytes_.insert(bytes_.end(), commands.begin(), commands.end());
  return *this;
}

std::uint32_t ProgramBuilder::count(spec::Unit unit) const {
  return counts_[static_cast<std::size_t>(unit)];
}

Result<Program> ProgramBuilder::finalise(Verify verify_mode) && {
  if (bytes_.size() % spec::kCommandBytes != 0) {
    return fail(Code::kInvalidArgument,
                fmt::format("program `{}` has {} bytes of commands, not a multiple of {}", name_,
                            bytes_.size(), spec::kCommandBytes));
  }
  ProgramImage image;
  image.commands.resize(command_count());
  for (std::size_t i = 0; i < image.commands.size(); ++i) {
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(i * spec::kCommandBytes),
                spec::kCommandBytes, image.commands[i].begin());
  }
  for (BindingDeclaration& binding : bindings_) {
    image.bindings.push_back({.name = std::move(binding.name),
                              .size = binding.size_bytes,
                              .rights = static_cast<std::uint32_t>(binding.rights)});
  }
  image.scalars = std::move(scalars_);
  return make_program(std::move(name_), std::move(image), verify_mode);
}

}  // namespace weft
