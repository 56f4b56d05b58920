// SPDX-License-Identifier: Apache-2.0
// runtime/io/hash.h: the hash by which outputs are compared: 64-bit FNV-1a over the bytes, in
// order.
//
// Everything the command prints as a hash (output_hash, logits_hash, hashes in bundles) is this,
// written as 16 lower-case hexadecimal digits. It detects differences; it is no signature.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace weft::io {

inline constexpr std::uint64_t kHashStart = 0xcbf29ce484222325u;

// Continues `hash` with more bytes.
[[nodiscard]] constexpr std::uint64_t hash_bytes(std::span<const std::byte> bytes,
                                                 std::uint64_t hash = kHashStart) {
  for (const std::byte byte : bytes) {
    hash = (hash ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3u;
  }
  return hash;
}

[[nodiscard]] inline std::string hash_text(std::uint64_t hash) {
  std::string text(16, '0');
  for (std::size_t i = 0; i < text.size(); ++i) {
    text[text.size() - 1 - i] = "0123456789abcdef"[(hash >> (4 * i)) & 15];
  }
  return text;
}

}  // namespace weft::io
