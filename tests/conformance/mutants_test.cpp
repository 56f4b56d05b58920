// SPDX-License-Identifier: Apache-2.0
// Broken programs end the same way everywhere. One damaged command in a legal program is refused by
// the verifier, or raises the same fault in the same command on every device, or changes nothing
// that could differ: then the bytes are equal. Nothing crashes and nothing hangs.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <optional>

#include "runtime/program/asm.h"
#include "runtime/program/check.h"
#include "runtime/program/verifier.h"
#include "tests/conformance/random_program.h"
#include "tests/conformance/support.h"

namespace weft::test {
namespace {

// Where and why the commands of a launch stop at decode, which no race can change.
struct Stop {
  spec::Fault fault = spec::Fault::kNone;
  std::size_t command = 0;
};

Stop decode(const ProgramImage& image, const spec::Config& config) {
  std::vector<spec::Binding> bindings;
  for (const DeclaredBinding& each : image.bindings) {
    bindings.push_back({.offset = 0, .size = each.size, .rights = each.rights});
  }
  UnitCounts earlier{};
  for (std::size_t i = 0; i < image.commands.size(); ++i) {
    const auto fault = check_command(image.commands[i], earlier, bindings, config);
    if (fault != spec::Fault::kNone) return {.fault = fault, .command = i};
    ++earlier[std::to_integer<std::size_t>(image.commands[i][0]) - 1];
  }
  return {};
}

std::string outcome(const Result<LaunchReport>& report) {
  return report ? "done" : report.error().message();
}

struct Tally {
  std::size_t refused = 0;
  std::size_t faulted = 0;
  std::size_t equal = 0;
};

void check_mutant(std::uint64_t at, Tally& tally) {
  const spec::Config& config = device().info().config;
  const RandomProgram good = random_program(config, at / 8);
  const Mutant mutant = mutate(good.image, at);
  const Stop stop = decode(mutant.image, config);
  const bool legal = verify(mutant.image, config).has_value();
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(at) + " " + mutant.what + "\n" +
               disassemble(mutant.image));
  if (!legal && stop.fault == spec::Fault::kNone) {
    // A race or a read of what was never written: bytes are unspecified, so it is not run.
    ++tally.refused;
    return;
  }
  Memory memory = good.data;
  const auto report = run(device(), mutant.image, good.scalars, memory, Verify::kOff);
  if (stop.fault != spec::Fault::kNone) {
    ++tally.faulted;
    EXPECT_FALSE(legal);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, Code::kFault);
    const std::string text = report.error().what;
    EXPECT_TRUE(text.starts_with(spec::name(stop.fault))) << text;
    EXPECT_NE(text.find("command " + std::to_string(stop.command) + ":"), std::string::npos)
        << text;
    return;
  }
  ++tally.equal;
  Memory expected = good.data;
  const auto reference =
      run(reference_device(), mutant.image, good.scalars, expected, Verify::kOff);
  ASSERT_EQ(outcome(reference), outcome(report));
  // An index out of range: what later commands have written meanwhile is not specified.
  if (!report) return;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_TRUE(equal_bytes(expected[i], memory[i])) << mutant.image.bindings[i].name;
  }
}

// WEFT_MUTANTS sets how many.
std::size_t mutants() {
  const char* text = std::getenv("WEFT_MUTANTS");
  return text == nullptr ? cases(10000) : std::strtoull(text, nullptr, 0);
}

TEST(Mutants, AreRefusedOrFaultAlikeOrChangeNothing) {
  Tally tally;
  const std::uint64_t first = seed();
  for (std::uint64_t at = first; at < first + mutants(); ++at) {
    check_mutant(at, tally);
    ASSERT_FALSE(testing::Test::HasFailure());
  }
  std::cout << mutants() << " mutants: " << tally.refused << " refused, " << tally.faulted
            << " faulted alike, " << tally.equal << " with equal bytes\n";
  EXPECT_GT(tally.refused, 0u);
  EXPECT_GT(tally.faulted, 0u);
  EXPECT_GT(tally.equal, 0u);
}

}  // namespace
}  // namespace weft::test
