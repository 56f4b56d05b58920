// SPDX-License-Identifier: Apache-2.0
#include "weft/checkpoint.h"

#include <charconv>
#include <utility>

#include "runtime/io/file.h"
#include "runtime/io/hash.h"
#include "runtime/io/safetensors.h"
#include "runtime/io/safetensors_writer.h"

namespace weft {
namespace {

constexpr const char* kStepKey = "weft_step";

}  // namespace

Result<void> save_checkpoint(const std::string& path, const Checkpoint& checkpoint) {
  std::map<std::string, io::WrittenTensor> tensors;
  for (const auto& [name, tensor] : checkpoint.state.tensors) {
    tensors[name] = {tensor.shape, tensor.values};
  }
  auto metadata = checkpoint.metadata;
  metadata[kStepKey] = std::to_string(checkpoint.state.step);
  return io::write_file(path, io::serialize_safetensors(tensors, metadata));
}

Result<Checkpoint> load_checkpoint(const std::string& path) {
  auto bytes = io::read_file(path);
  if (!bytes) return tl::unexpected(bytes.error());
  const auto file = io::Safetensors::parse(std::move(*bytes), path);
  if (!file) return tl::unexpected(file.error());
  Checkpoint checkpoint;
  checkpoint.metadata = file->metadata();
  const std::string step = checkpoint.metadata[kStepKey];
  checkpoint.metadata.erase(kStepKey);
  const auto [end, error] =
      std::from_chars(step.data(), step.data() + step.size(), checkpoint.state.step);
  if (step.empty() || error != std::errc{} || end != step.data() + step.size()) {
    return fail(Code::kCorruptFile, path + " has no number of steps in __metadata__",
                "only files that training saved can be continued");
  }
  for (const auto& [name, tensor] : file->tensors()) {
    auto values = file->floats(name);
    if (!values) return tl::unexpected(values.error());
    checkpoint.state.tensors[name] = {tensor.shape, std::move(*values)};
  }
  return checkpoint;
}

std::uint64_t weights_hash(const TrainerState& state) {
  std::uint64_t hash = io::kHashStart;
  for (const auto& [name, tensor] : state.tensors) {
    if (name.starts_with("optimizer.")) continue;
    hash = io::hash_bytes(std::as_bytes(std::span(tensor.values)), hash);
  }
  return hash;
}

}  // namespace weft
