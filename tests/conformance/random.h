// SPDX-License-Identifier: Apache-2.0
// Random numbers that are the same on every machine and standard library.
#pragma once

#include <cstdint>
#include <vector>

namespace weft::test {

// splitmix64.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t bits() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  // low..high, both included.
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + bits() % (high - low + 1);
  }

  bool one_in(std::uint64_t n) { return bits() % n == 0; }

  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[bits() % from.size()];
  }

 private:
  std::uint64_t state_;
};

}  // namespace weft::test
