// SPDX-License-Identifier: Apache-2.0
// Random legal programs give the oracle's bytes on every device.
#include <gtest/gtest.h>

#include <string>

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

// The digests cover what never reaches memory: mantissas, scales, V.
TEST(RandomPrograms, WriteTheSameBytesCommandByCommand) {
  const std::string name{device().info().config.name};
  const std::string uri = device_uri();
  Device on = Device::open(uri + (uri.ends_with(":") ? "?" : "&") + "digests=1").value();
  Device reference = Device::open("fast:?digests=1&config=" + name).value();
  const std::uint64_t first = seed();
  for (std::uint64_t at = first; at < first + cases(200); ++at) {
    const RandomProgram program = random_program(on.info().config, at);
    Memory here = program.data;
    Memory there = program.data;
    const auto x = run(on, program.image, program.scalars, here);
    const auto y = run(reference, program.image, program.scalars, there);
    ASSERT_TRUE(x && y) << "WEFT_SEED=" << at;
    ASSERT_EQ(x->digests.size(), program.image.commands.size()) << "WEFT_SEED=" << at;
    ASSERT_EQ(x->digests, y->digests) << "WEFT_SEED=" << at << "\n" << disassemble(program.image);
  }
}

}  // namespace
}  // namespace weft::test
