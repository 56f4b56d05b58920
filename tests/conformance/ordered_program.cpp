// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/ordered_program.h"

#include <algorithm>
#include <vector>

#include "runtime/program/footprint.h"
#include "runtime/program/verifier.h"

namespace weft::test {
namespace {

UnitCounts after_of(const CommandBytes& command) {
  const auto load = spec::unpack_load(command);
  return {load.after_load, load.after_matmul, load.after_vector, load.after_store};
}

void set_after(CommandBytes& command, const UnitCounts& after) {
  auto fields = spec::unpack_load(command);
  fields.after_load = static_cast<std::uint16_t>(after[0]);
  fields.after_matmul = static_cast<std::uint16_t>(after[1]);
  fields.after_vector = static_cast<std::uint16_t>(after[2]);
  fields.after_store = static_cast<std::uint16_t>(after[3]);
  // The common fields end before byte 10.
  std::copy_n(spec::pack(fields).begin() + 2, 8, command.begin() + 2);
}

bool conflict(const Footprint& x, const Footprint& y) {
  for (const auto& p : x.regions()) {
    for (const auto& q : y.regions()) {
      if (p.space == q.space && p.binding == q.binding && (p.writes || q.writes) &&
          overlap(p.box, q.box)) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

bool OrderedProgram::keep(CommandBytes command) {
  auto& commands = image.commands;
  std::vector<spec::Binding> bindings;
  for (const auto& binding : image.bindings) {
    bindings.push_back({.size = binding.size, .rights = binding.rights});
  }
  const auto earlier = count(commands.size());
  if (check_command(command, earlier, bindings, config_) != spec::Fault::kNone) return false;

  UnitCounts after{};
  const auto touched = footprint(command);
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (!conflict(touched, footprint(commands[i]))) continue;
    const auto unit = std::to_integer<std::size_t>(commands[i][0]) - 1;
    after[unit] = count(i + 1)[unit];
  }
  for (std::size_t unit = 0; unit < after.size(); ++unit) {
    if (dice_.one_in(10))
      after[unit] = static_cast<std::uint32_t>(dice_.between(after[unit], earlier[unit]));
  }
  set_after(command, after);
  commands.push_back(command);
  if (!verify(image, config_)) {
    commands.pop_back();
    return false;
  }
  relax();
  return true;
}

void OrderedProgram::relax() {
  auto& command = image.commands.back();
  for (std::size_t unit = 0; unit < spec::kNumUnits; ++unit) {
    if (dice_.one_in(2)) continue;
    const auto before = command;
    auto after = after_of(command);
    after[unit] = 0;
    set_after(command, after);
    if (!verify(image, config_)) command = before;
  }
}

UnitCounts OrderedProgram::count(std::size_t size) const {
  UnitCounts counts{};
  for (std::size_t i = 0; i < size; ++i) {
    ++counts[std::to_integer<std::size_t>(image.commands[i][0]) - 1];
  }
  return counts;
}

}  // namespace weft::test
