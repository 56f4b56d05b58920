// SPDX-License-Identifier: Apache-2.0
// Digests of what a command writes: a sum over its bytes, so that the order of writing does not
// matter and any two devices can be compared, whatever their width.
//
// A byte has a space, an address in it that all configurations share, and a value:
//   A, B          mantissas: (cell * 16 + row) * 64 + k
//   A, B scales   e8m0: (cell * 16 + row) * 2 + block
//   V             word * 64 + byte
//   memory        offset from the start of the arena
#pragma once

#include <cstdint>
#include <map>
#include <utility>

namespace weft::core {

enum class DigestSpace : std::uint8_t { kA, kB, kAScales, kBScales, kV, kMemory };

struct Digest {
  std::uint64_t value = 0;
  std::uint64_t bytes = 0;

  friend bool operator==(const Digest&, const Digest&) = default;
};

// By position of the program in the launch and of the command in the program.
using Digests = std::map<std::pair<std::uint32_t, std::uint32_t>, Digest>;

// The finaliser of MurmurHash3 (Appleby, public domain): every input bit reaches every output bit.
constexpr std::uint64_t digest_mix(std::uint64_t x) {
  x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdull;
  x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53ull;
  return x ^ (x >> 33);
}

inline void digest_byte(Digest& digest, DigestSpace space, std::uint64_t address,
                        std::uint8_t byte) {
  const std::uint64_t place = (address << 3) | static_cast<std::uint64_t>(space);
  digest.value += digest_mix(digest_mix(place) + byte + 1);
  ++digest.bytes;
}

}  // namespace weft::core
