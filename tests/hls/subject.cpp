// SPDX-License-Identifier: Apache-2.0
// The test vectors for Python: a shared library that runs a function of hls/, or a mutant of one
// given as a pointer, over the vectors of vectors.h.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include "vectors.h"

namespace weft::hls::test {
namespace {

const Function* find(const char* name) {
  for (const Function& function : functions()) {
    if (std::strcmp(function.name, name) == 0) return &function;
  }
  return nullptr;
}

}  // namespace

extern "C" {

// Writes `count` vectors of `name` (5 words each) and what the source makes of them. 0 if unknown.
std::uint64_t weft_hls_vectors(const char* name, std::uint64_t seed, std::uint64_t count,
                               std::uint32_t* operands, std::uint32_t* results) {
  const Function* function = find(name);
  if (function == nullptr) return 0;
  const HostFlush flush;
  Random random(seed);
  for (std::uint64_t i = 0; i < count; ++i) {
    const Operands x = function->vector(random, i);
    std::copy(x.begin(), x.end(), operands + i * kMaxParameters);
    results[i] = function->source(x);
  }
  return count;
}

// The number of the first vector on which `subject` does not give the result, else `count`.
std::uint64_t weft_hls_first_difference(const char* name, Subject subject, std::uint64_t count,
                                        const std::uint32_t* operands,
                                        const std::uint32_t* results) {
  const Function* function = find(name);
  Operands x{};
  for (std::uint64_t i = 0; i < count; ++i) {
    std::copy_n(operands + i * kMaxParameters, kMaxParameters, x.begin());
    if (function->call(subject, x) != results[i]) return i;
  }
  return count;
}

// How many operands the function has. 0 if unknown.
std::uint32_t weft_hls_parameters(const char* name) {
  const Function* function = find(name);
  return function == nullptr ? 0 : function->parameters;
}

// Whether `subject` gives what the source gives for each of the 2^32 operands there are, for a
// function of one; on all cores.
std::uint32_t weft_hls_equal_everywhere(const char* name, Subject subject) {
  constexpr std::uint64_t kPart = 1 << 20;
  const Function* function = find(name);
  std::atomic<std::uint64_t> next = 0;
  std::atomic<bool> equal = true;
  const auto work = [&] {
    for (std::uint64_t part = 0; equal && (part = next.fetch_add(kPart)) < 1ull << 32;) {
      for (std::uint64_t i = part; i < part + kPart; ++i) {
        const Operands x{static_cast<std::uint32_t>(i)};
        if (function->call(subject, x) != function->source(x)) equal = false;
      }
    }
  };
  std::vector<std::thread> threads(std::max(1u, std::thread::hardware_concurrency()));
  for (std::thread& thread : threads) thread = std::thread(work);
  for (std::thread& thread : threads) thread.join();
  return equal ? 1 : 0;
}

}  // extern "C"

}  // namespace weft::hls::test
