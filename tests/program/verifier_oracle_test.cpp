// SPDX-License-Identifier: Apache-2.0
// The verifier against a slow one written from the definition: every pair of commands, every unit
// of storage as an element of a set, happens-before as reachability in a graph.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "runtime/program/asm.h"
#include "runtime/program/check.h"
#include "runtime/program/footprint.h"
#include "runtime/program/verifier.h"
#include "tests/conformance/random.h"
#include "tests/conformance/random_program.h"

namespace weft::test {
namespace {

using Place = std::tuple<Space, std::uint8_t, std::uint64_t>;
using Places = std::set<Place>;

std::size_t unit_of(const CommandBytes& command) {
  return std::to_integer<std::size_t>(command[0]) - 1;
}

Places places(const CommandBytes& command, bool writes) {
  Places result;
  const auto touched = footprint(command);
  for (const auto& region : touched.regions()) {
    if (region.writes != writes) continue;
    region.box.each_row([&](std::uint64_t begin, std::uint64_t end) {
      for (auto unit = begin; unit < end; ++unit) {
        result.emplace(region.space, region.binding, unit);
      }
    });
  }
  return result;
}

// Whether a store writes less memory than it has elements for.
bool writes_twice(const CommandBytes& command) {
  if (static_cast<spec::Opcode>(command[0]) != spec::Opcode::kStore) return false;
  const auto store = spec::unpack_store(command);
  return places(command, true).size() <
         (store.extra_groups + 1u) * store.rows * store.cols * element_bytes(store.format);
}

bool meet(const Places& x, const Places& y) {
  for (const auto& place : x.size() < y.size() ? x : y) {
    if ((x.size() < y.size() ? y : x).contains(place)) return true;
  }
  return false;
}

// before[i][j]: command j has surely retired when command i starts.
std::vector<std::vector<bool>> order(const std::vector<CommandBytes>& commands) {
  const auto size = commands.size();
  std::vector<std::vector<bool>> before(size, std::vector<bool>(size));
  for (std::size_t i = 0; i < size; ++i) {
    const auto fields = spec::unpack_load(commands[i]);
    const UnitCounts after{fields.after_load, fields.after_matmul, fields.after_vector,
                           fields.after_store};
    UnitCounts seen{};
    for (std::size_t j = 0; j < i; ++j) {
      if (++seen[unit_of(commands[j])] > after[unit_of(commands[j])]) continue;
      before[i][j] = true;
      for (std::size_t k = 0; k < j; ++k) {
        // What retired before j started, and, units retiring in order, all before it in its unit.
        if (before[j][k]) before[i][k] = true;
      }
    }
    for (std::size_t j = i; j-- > 0;) {
      for (std::size_t k = 0; before[i][j] && k < j; ++k) {
        if (before[j][k] || unit_of(commands[k]) == unit_of(commands[j])) before[i][k] = true;
      }
    }
  }
  return before;
}

bool accepts(const ProgramImage& image, const spec::Config& config) {
  std::vector<spec::Binding> bindings;
  for (const auto& binding : image.bindings) {
    bindings.push_back({.size = binding.size, .rights = binding.rights});
  }
  UnitCounts counts{};
  for (const auto& command : image.commands) {
    if (check_command(command, counts, bindings, config) != spec::Fault::kNone) return false;
    ++counts[unit_of(command)];
  }
  const auto before = order(image.commands);
  std::vector<Places> reads, writes;
  Places written;
  for (std::size_t i = 0; i < image.commands.size(); ++i) {
    if (writes_twice(image.commands[i])) return false;
    reads.push_back(places(image.commands[i], false));
    writes.push_back(places(image.commands[i], true));
    for (const auto& place : reads[i]) {
      if (std::get<0>(place) != Space::kMemory && !written.contains(place)) return false;
    }
    for (std::size_t j = 0; j < i; ++j) {
      const bool race =
          meet(writes[i], writes[j]) || meet(writes[i], reads[j]) || meet(reads[i], writes[j]);
      if (race && !before[i][j]) return false;
    }
    const auto touched = footprint(image.commands[i]);
    for (const auto& region : touched.regions()) {
      for (const auto& other : touched.regions()) {
        if (&other == &region || !other.writes || other.space != Space::kV) continue;
        if (region.space != Space::kV || !overlap(region.box, other.box)) continue;
        if (other.apart || !(region.writes || region.in_place)) return false;
      }
    }
    written.insert(writes[i].begin(), writes[i].end());
  }
  return true;
}

// Takes a little ordering away, or moves something onto something else.
void loosen(Dice& dice, ProgramImage& image) {
  auto& command = image.commands[dice.between(1, image.commands.size() - 1)];
  const auto at = 2 + 2 * dice.between(0, 3);
  if (command[at] != std::byte{0}) {
    command[at] = static_cast<std::byte>(std::to_integer<unsigned>(command[at]) - 1);
  } else {
    image = mutate(image, dice.bits()).image;
  }
}

TEST(Verifier, AgreesWithTheDefinitionOnLoosenedPrograms) {
  constexpr std::uint64_t kSeed = 10;
  std::cout << "seed " << kSeed << '\n';
  Dice dice(kSeed);
  const auto& config = spec::kConfigs[1];
  std::map<bool, int> verdicts;
  for (std::uint64_t i = 0; i < 150; ++i) {
    const auto program = random_program(config, dice.bits());
    ASSERT_TRUE(accepts(program.image, config)) << disassemble(program.image);
    for (int step = 0; step < 4; ++step) {
      auto image = program.image;
      loosen(dice, image);
      const auto result = verify(image, config);
      const auto expected = accepts(image, config);
      ASSERT_EQ(result.has_value(), expected)
          << disassemble(image) << (result ? "accepted" : result.error().message());
      ++verdicts[expected];
    }
  }
  EXPECT_GT(verdicts[true], 30);
  EXPECT_GT(verdicts[false], 100);
}

}  // namespace
}  // namespace weft::test
