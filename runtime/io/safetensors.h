// SPDX-License-Identifier: Apache-2.0
// runtime/io/safetensors.h: reads the safetensors format (little-endian header length, JSON header,
// tensor data).
//
// Everything is checked before use: lengths against the file, each tensor's bytes against its shape
// and type, names for duplicates, the data for holes and overlaps. Any other content is
// kCorruptFile, naming the tensor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "weft/result.h"

namespace weft::io {

class Safetensors {
 public:
  struct Tensor {
    std::string type;  // as in the file: F32, BF16, I8, ...
    std::vector<std::uint64_t> shape;
    std::size_t begin = 0;  // in the file
    std::size_t bytes = 0;

    [[nodiscard]] std::uint64_t elements() const;
  };

  // Takes the whole file. `name` is for error messages.
  [[nodiscard]] static Result<Safetensors> parse(std::vector<std::byte> file,
                                                 const std::string& name);

  [[nodiscard]] const std::map<std::string, Tensor>& tensors() const { return tensors_; }
  [[nodiscard]] const std::map<std::string, std::string>& metadata() const { return metadata_; }

  // kNotFound: no such tensor.
  [[nodiscard]] Result<const Tensor*> find(const std::string& tensor) const;
  // The elements of an F32 or BF16 tensor, BF16 widened. kUnsupported: another type.
  [[nodiscard]] Result<std::vector<float>> floats(const std::string& tensor) const;

 private:
  std::string name_;
  std::vector<std::byte> file_;
  std::map<std::string, Tensor> tensors_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace weft::io
