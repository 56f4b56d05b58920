// SPDX-License-Identifier: Apache-2.0
// runtime/io/safetensors_writer.h: F32 tensors and metadata as the bytes of a safetensors file.
//
// Tensors lie in the order of their names; the header is padded so that data starts at a multiple
// of 8 bytes. Equal contents give equal bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace weft::io {

struct WrittenTensor {
  std::vector<std::uint64_t> shape;
  std::span<const float> values;  // as many as the shape says
};

[[nodiscard]] std::vector<std::byte> serialize_safetensors(
    const std::map<std::string, WrittenTensor>& tensors,
    const std::map<std::string, std::string>& metadata);

}  // namespace weft::io
