// SPDX-License-Identifier: Apache-2.0
// Random programs are what they promise, and mutants differ in one command.
#include "tests/conformance/random_program.h"

#include <gtest/gtest.h>

#include <map>

#include "runtime/program/asm.h"
#include "runtime/program/verifier.h"
#include "weft/spec_fields.h"

namespace weft::test {
namespace {

TEST(RandomProgram, IsLegalEndsInAStoreAndBringsItsData) {
  for (const auto& config : spec::kConfigs) {
    std::map<std::byte, int> opcodes;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      const auto program = random_program(config, seed);
      const auto result = verify(program.image, config);
      ASSERT_TRUE(result) << "seed " << seed << ": " << result.error().message();
      ASSERT_GE(program.image.commands.size(), 5u);
      ASSERT_LE(program.image.commands.size(), 16u);
      ASSERT_EQ(static_cast<spec::Opcode>(program.image.commands.back()[0]), spec::Opcode::kStore);
      ASSERT_EQ(program.data.size(), program.image.bindings.size());
      for (std::size_t i = 0; i < program.data.size(); ++i) {
        ASSERT_EQ(program.data[i].size(), program.image.bindings[i].size);
      }
      for (const auto& command : program.image.commands) ++opcodes[command[0]];
    }
    for (const auto& [opcode, count] : opcodes) EXPECT_GT(count, 200);
  }
}

TEST(RandomProgram, UsesEveryValueOfEveryEnumeration) {
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    for (const auto& command : random_program(spec::kConfigs[0], seed).image.commands) {
      const auto& layout = spec::kCommands[std::to_integer<std::size_t>(command[0]) - 1];
      for (const auto& field : layout.fields) {
        if (field.values.empty()) continue;
        ++seen[std::string(field.name) + "=" +
               std::string(field.values[spec::get(command, field)])];
      }
    }
  }
  for (const auto& layout : spec::kCommands) {
    for (const auto& field : layout.fields) {
      for (const auto value : field.values) {
        const auto name = std::string(field.name) + "=" + std::string(value);
        EXPECT_GT(seen[name], 5) << name;
      }
    }
  }
}

TEST(RandomProgram, IsTheSameForTheSameSeed) {
  const auto first = random_program(spec::kConfigs[0], 42);
  const auto second = random_program(spec::kConfigs[0], 42);
  EXPECT_EQ(first.image, second.image);
  EXPECT_EQ(first.data, second.data);
  EXPECT_EQ(first.scalars, second.scalars);
  EXPECT_NE(first.image, random_program(spec::kConfigs[0], 43).image);
}

TEST(Mutant, DiffersInExactlyTheCommandItNames) {
  const auto image = random_program(spec::kConfigs[0], 1).image;
  int legal = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const auto mutant = mutate(image, seed);
    ASSERT_EQ(mutant.image.commands.size(), image.commands.size());
    for (std::size_t i = 0; i < image.commands.size(); ++i) {
      ASSERT_EQ(mutant.image.commands[i] != image.commands[i], i == mutant.command) << mutant.what;
    }
    legal += verify(mutant.image, spec::kConfigs[0]).has_value();
  }
  EXPECT_GT(legal, 50);
  EXPECT_LT(legal, 1950);
}

}  // namespace
}  // namespace weft::test
