// SPDX-License-Identifier: Apache-2.0
// Seeded damage to files, for tests that a reader refuses what it cannot understand and never
// crashes. The seed comes from WEFT_SEED or the clock and is printed, so that a failure repeats.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <vector>

namespace weft::test {

inline std::uint64_t chosen_seed() {
  const char* text = std::getenv("WEFT_SEED");
  const std::uint64_t seed =
      text != nullptr
          ? std::strtoull(text, nullptr, 0)
          : static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  std::cout << "seed: WEFT_SEED=" << seed << '\n';
  return seed;
}

using Random = std::mt19937_64;

inline std::size_t below(Random& random, std::size_t bound) {
  return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
}

inline std::vector<std::byte> random_bytes(Random& random, std::size_t count) {
  std::vector<std::byte> bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(below(random, 256));
  return bytes;
}

// One to four of: a changed byte, a cut end, a removed range, a repeated range, added bytes.
inline std::vector<std::byte> mutate(Random& random, std::vector<std::byte> bytes) {
  for (std::size_t count = 1 + below(random, 4); count-- > 0 && !bytes.empty();) {
    const std::size_t at = below(random, bytes.size());
    const auto here = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    const std::size_t length = 1 + below(random, std::min<std::size_t>(bytes.size() - at, 64));
    const auto there = here + static_cast<std::ptrdiff_t>(length);
    switch (below(random, 6)) {
      case 0:
        bytes.resize(at);
        break;
      case 1:
        bytes.erase(here, there);
        break;
      case 2: {
        const std::vector<std::byte> copy(here, there);
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(below(random, bytes.size())),
                     copy.begin(), copy.end());
        break;
      }
      case 3: {
        const auto extra = random_bytes(random, length);
        bytes.insert(here, extra.begin(), extra.end());
        break;
      }
      default:
        *here = static_cast<std::byte>(below(random, 256));
    }
  }
  return bytes;
}

}  // namespace weft::test
