// SPDX-License-Identifier: Apache-2.0
// Every function of hls/ with its test vectors, its source and an independent reference.
//
// One table serves the tests of the source, of the native calls, of the generated RTL and of the
// mutants, so that all of them see the same vectors. Operands and results are words of 32 bits,
// zero extended (a signed 21-bit sum is its low 21 bits).
#pragma once

#include <array>
#include <cstdint>
#include <ostream>
#include <random>
#include <span>

namespace weft::hls::test {

inline constexpr unsigned kMaxParameters = 5;
using Operands = std::array<std::uint32_t, kMaxParameters>;
using Random = std::mt19937_64;

// A function of any type; cast back before the call.
using Subject = void (*)();

struct Function {
  const char* name;
  unsigned parameters;
  // Vector number `index`: small domains are walked by index, the rest is random with many edges.
  Operands (*vector)(Random&, std::uint64_t index);
  // Calls `subject`, which has the type of the source: the source itself or a mutant of it.
  std::uint32_t (*call)(Subject subject, const Operands&);
  Subject subject;
  // How far a result is from the right one, as a multiple of the error bound: at most 1 is right.
  // By the host's IEEE arithmetic, the C library or straight from the definition; never by the
  // source. A function without rounding of its own choice has one right result: 0 or infinity.
  double (*error)(const Operands&, std::uint32_t result);

  std::uint32_t source(const Operands& x) const { return call(subject, x); }
};

std::span<const Function> functions();

inline void PrintTo(const Function& function, std::ostream* out) {
  *out << function.name;
}

// FTZ and DAZ in the host's floating-point unit while it lives; reference() needs it.
class HostFlush {
 public:
  HostFlush();
  ~HostFlush();
  HostFlush(const HostFlush&) = delete;
  HostFlush& operator=(const HostFlush&) = delete;

 private:
  unsigned saved_;
};

}  // namespace weft::hls::test
