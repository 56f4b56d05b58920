// SPDX-License-Identifier: Apache-2.0
// The seed of a test run: WEFT_TEST_SEED or the clock; printed once, so that a failure repeats.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>

namespace weft::test {

inline std::uint64_t test_seed() {
  static const std::uint64_t seed = [] {
    const char* text = std::getenv("WEFT_TEST_SEED");
    const auto now = std::chrono::system_clock::now().time_since_epoch().count();
    const std::uint64_t chosen =
        text != nullptr ? std::strtoull(text, nullptr, 0) : static_cast<std::uint64_t>(now);
    std::cout << "seed: WEFT_TEST_SEED=" << chosen << '\n';
    return chosen;
  }();
  return seed;
}

}  // namespace weft::test
