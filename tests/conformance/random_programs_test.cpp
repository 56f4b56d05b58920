// SPDX-License-Identifier: Apache-2.0
// Random legal programs give the oracle's bytes on every device.
#include <gtest/gtest.h>

#include "runtime/program/asm.h"
#include "tests/conformance/random_program.h"
#include "tests/conformance/support.h"

namespace weft::test {
namespace {

TEST(RandomPrograms, GiveTheBytesOfTheOracle) {
  const std::uint64_t first = seed();
  for (std::uint64_t at = first; at < first + cases(800); ++at) {
    const RandomProgram program = random_program(device().info().config, at);
    expect_as_oracle(program.image, program.data, program.scalars);
    ASSERT_FALSE(testing::Test::HasFailure()) << "WEFT_SEED=" << at << "\n"
                                              << disassemble(program.image);
  }
}

}  // namespace
}  // namespace weft::test
