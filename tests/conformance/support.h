// SPDX-License-Identifier: Apache-2.0
// What the conformance suite runs on: the device named by WEFT_DEVICE (default fast:), opened once.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/core/program_contents.h"
#include "tests/conformance/oracle.h"
#include "weft/weft.h"

namespace weft::test {

[[nodiscard]] std::string device_uri();
[[nodiscard]] Device& device();

// Any device but fast: that is a simulated card, behind whatever transport.
[[nodiscard]] bool is_simulated();

// fast: in the same configuration, to compare with.
[[nodiscard]] Device& reference_device();

// Seeds are printed with a failure; WEFT_SEED replaces the fixed one.
[[nodiscard]] std::uint64_t seed();

// How many random cases a test runs here: `count` on fast:, fewer where a device is slow.
[[nodiscard]] std::size_t cases(std::size_t count);

// Runs one program on buffers with these contents and replaces them by what is there afterwards.
[[nodiscard]] Result<LaunchReport> run(Device& on, const ProgramImage& image,
                                       const Scalars& scalars, Memory& memory,
                                       Verify verify = Verify::kOn);

// The declared bindings filled with `fill`, and the program run on device() and on the oracle; all
// bindings must be equal byte by byte.
void expect_as_oracle(const ProgramImage& image, const Memory& before, const Scalars& scalars = {});

// Equal, or where the first difference is.
[[nodiscard]] testing::AssertionResult equal_bytes(std::span<const std::byte> expected,
                                                   std::span<const std::byte> actual);

// Builds programs without a device: bindings with contents, commands.
class Draft {
 public:
  std::uint8_t bind(std::string name, std::vector<std::byte> contents, Rights rights);

  template <class Command>
  Draft& append(const Command& command) {
    image.commands.push_back(spec::pack(command));
    return *this;
  }

  ProgramImage image;
  Memory memory;
};

}  // namespace weft::test
