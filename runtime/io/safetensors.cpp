// SPDX-License-Identifier: Apache-2.0
#include "runtime/io/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <utility>

namespace weft::io {
namespace {

using nlohmann::json;

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kMaxHeaderBytes = 100'000'000;  // the limit of the reference implementation

struct TypeSize {
  std::string_view name;
  std::uint64_t bytes;
};
constexpr std::array<TypeSize, 15> kTypes{{{"BOOL", 1},
                                           {"U8", 1},
                                           {"I8", 1},
                                           {"F8_E4M3", 1},
                                           {"F8_E5M2", 1},
                                           {"I16", 2},
                                           {"U16", 2},
                                           {"F16", 2},
                                           {"BF16", 2},
                                           {"I32", 4},
                                           {"U32", 4},
                                           {"F32", 4},
                                           {"F64", 8},
                                           {"I64", 8},
                                           {"U64", 8}}};

std::uint64_t type_bytes(std::string_view type) {
  for (const TypeSize& entry : kTypes) {
    if (entry.name == type) return entry.bytes;
  }
  return 0;
}

// Parses the header; false when it is no JSON object or names something twice.
bool parse_header(std::string_view text, json& header) {
  std::vector<std::set<std::string>> names;
  bool unique = true;
  const auto note_names = [&](int, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::object_start) names.emplace_back();
    if (event == json::parse_event_t::object_end) names.pop_back();
    if (event == json::parse_event_t::key) {
      unique &= names.back().insert(value.get<std::string>()).second;
    }
    return true;
  };
  header = json::parse(text, note_names, /*allow_exceptions=*/false);
  return unique && header.is_object();
}

bool is_count(const json& value) {
  return value.is_number_unsigned();
}

// Fills `tensor` from its header entry; the data section starts at `data` and has `size` bytes.
// Returns what is wrong, or nothing.
std::string parse_tensor(const json& entry, std::size_t data, std::size_t size,
                         Safetensors::Tensor& tensor) {
  if (!entry.is_object() || !entry.contains("dtype") || !entry["dtype"].is_string() ||
      !entry.contains("shape") || !entry["shape"].is_array() || !entry.contains("data_offsets") ||
      !entry["data_offsets"].is_array() || entry["data_offsets"].size() != 2) {
    return "has no dtype, shape and data_offsets";
  }
  tensor.type = entry["dtype"].get<std::string>();
  std::uint64_t bytes = type_bytes(tensor.type);
  if (bytes == 0) return "has the unknown type " + tensor.type;
  for (const json& extent : entry["shape"]) {
    if (!is_count(extent)) return "has a shape that is not made of counts";
    tensor.shape.push_back(extent.get<std::uint64_t>());
    if (__builtin_mul_overflow(bytes, tensor.shape.back(), &bytes)) return "is too large";
  }
  const json& offsets = entry["data_offsets"];
  if (!is_count(offsets[0]) || !is_count(offsets[1])) return "has offsets that are not counts";
  const auto begin = offsets[0].get<std::uint64_t>();
  const auto end = offsets[1].get<std::uint64_t>();
  if (begin > end) return "ends before it begins";
  if (end > size) {
    return "reaches byte " + std::to_string(end) + " of the data, which has " +
           std::to_string(size) + ": truncated";
  }
  if (end - begin != bytes) {
    return "has " + std::to_string(end - begin) + " bytes where its shape needs " +
           std::to_string(bytes);
  }
  tensor.begin = data + begin;
  tensor.bytes = bytes;
  return {};
}

}  // namespace

std::uint64_t Safetensors::Tensor::elements() const {
  std::uint64_t count = 1;
  for (const std::uint64_t extent : shape) count *= extent;
  return count;
}

Result<Safetensors> Safetensors::parse(std::vector<std::byte> file, const std::string& name) {
  const auto corrupt = [&](const std::string& why) {
    return fail(Code::kCorruptFile, name + " " + why, "fetch or train the file again");
  };
  std::uint64_t header_bytes = 0;
  if (file.size() < kLengthBytes) return corrupt("is shorter than a safetensors header");
  for (std::size_t i = kLengthBytes; i-- > 0;) {
    header_bytes = header_bytes << 8 | static_cast<std::uint64_t>(file[i]);
  }
  if (header_bytes > kMaxHeaderBytes || header_bytes > file.size() - kLengthBytes) {
    return corrupt("announces a header of " + std::to_string(header_bytes) + " bytes but has " +
                   std::to_string(file.size()) + " in all: truncated, or not safetensors");
  }
  const std::string_view text(reinterpret_cast<const char*>(file.data()) + kLengthBytes,
                              header_bytes);
  json header;
  if (!parse_header(text, header)) return corrupt("has a header that is not a JSON object");

  Safetensors result;
  const std::size_t data = kLengthBytes + header_bytes;
  for (const auto& [key, value] : header.items()) {
    if (key == "__metadata__") {
      if (!value.is_object()) return corrupt("has metadata that is not an object");
      for (const auto& [word, meaning] : value.items()) {
        if (!meaning.is_string()) return corrupt("has metadata that is not text");
        result.metadata_[word] = meaning.get<std::string>();
      }
      continue;
    }
    Tensor tensor;
    const std::string wrong = parse_tensor(value, data, file.size() - data, tensor);
    if (!wrong.empty()) return corrupt("tensor " + key + " " + wrong);
    result.tensors_.emplace(key, std::move(tensor));
  }

  std::vector<const Tensor*> order;
  for (const auto& [key, tensor] : result.tensors_) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const Tensor* a, const Tensor* b) {
    return std::pair(a->begin, a->bytes) < std::pair(b->begin, b->bytes);
  });
  std::size_t end = data;
  for (const Tensor* tensor : order) {
    if (tensor->begin != end) return corrupt("has tensors that overlap or leave holes");
    end += tensor->bytes;
  }
  if (end != file.size()) return corrupt("has data that belongs to no tensor");
  result.name_ = name;
  result.file_ = std::move(file);
  return result;
}

Result<const Safetensors::Tensor*> Safetensors::find(const std::string& tensor) const {
  const auto found = tensors_.find(tensor);
  if (found == tensors_.end()) return fail(Code::kNotFound, name_ + " has no tensor " + tensor);
  return &found->second;
}

Result<std::vector<float>> Safetensors::floats(const std::string& tensor) const {
  const auto found = find(tensor);
  if (!found) return tl::unexpected(found.error());
  const Tensor& source = **found;
  std::vector<float> values(source.elements());
  if (source.type == "F32") {
    if (source.bytes != 0) std::memcpy(values.data(), file_.data() + source.begin, source.bytes);
  } else if (source.type == "BF16") {
    for (std::size_t i = 0; i < values.size(); ++i) {
      std::uint16_t bits = 0;
      std::memcpy(&bits, file_.data() + source.begin + 2 * i, sizeof bits);
      values[i] = std::bit_cast<float>(std::uint32_t{bits} << 16);
    }
  } else {
    return fail(Code::kUnsupported,
                "tensor " + tensor + " of " + name_ + " has type " + source.type,
                "convert it to F32 or BF16");
  }
  return values;
}

}  // namespace weft::io
