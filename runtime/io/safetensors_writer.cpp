// SPDX-License-Identifier: Apache-2.0
#include "runtime/io/safetensors_writer.h"

#include <cstring>
#include <nlohmann/json.hpp>

namespace weft::io {

std::vector<std::byte> serialize_safetensors(const std::map<std::string, WrittenTensor>& tensors,
                                             const std::map<std::string, std::string>& metadata) {
  using Json = nlohmann::ordered_json;
  Json header = Json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t end = 0;
  for (const auto& [name, tensor] : tensors) {
    const std::uint64_t begin = end;
    end += tensor.values.size_bytes();
    header[name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {begin, end}}};
  }
  std::string text = header.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.resize((text.size() + 7) / 8 * 8, ' ');

  std::vector<std::byte> file(8 + text.size() + end);
  for (std::size_t i = 0; i < 8; ++i) {
    file[i] = static_cast<std::byte>(std::uint64_t{text.size()} >> (8 * i));
  }
  std::memcpy(file.data() + 8, text.data(), text.size());
  std::size_t at = 8 + text.size();
  for (const auto& [name, tensor] : tensors) {
    if (!tensor.values.empty()) {
      std::memcpy(file.data() + at, tensor.values.data(), tensor.values.size_bytes());
    }
    at += tensor.values.size_bytes();
  }
  return file;
}

}  // namespace weft::io
