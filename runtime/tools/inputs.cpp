// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/inputs.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "runtime/io/file.h"
#include "runtime/io/image.h"
#include "runtime/io/npy.h"
#include "runtime/io/safetensors.h"
#include "runtime/tools/paths.h"

namespace weft::tools {
namespace {

constexpr std::uint64_t kMaxCount = 1u << 20;

Result<io::Array> load_array(const std::string& name) {
  const auto path = find_data(name);
  if (!path) return tl::unexpected(path.error());
  const auto bytes = io::read_file(*path);
  if (!bytes) return tl::unexpected(bytes.error());
  return io::parse_npy(*bytes, path->string());
}

}  // namespace

Result<Mlp> load_network(const std::string& name) {
  const auto path = find_data(name);
  if (!path) return tl::unexpected(path.error());
  auto bytes = io::read_file(*path);
  if (!bytes) return tl::unexpected(bytes.error());
  const auto file = io::Safetensors::parse(std::move(*bytes), path->string());
  if (!file) return tl::unexpected(file.error());
  return parse_mlp(*file, path->string());
}

Result<Inputs> load_image(const std::string& name, const Mlp& network) {
  const auto path = find_data(name);
  if (!path) return tl::unexpected(path.error());
  const auto bytes = io::read_file(*path);
  if (!bytes) return tl::unexpected(bytes.error());
  const auto image = io::parse_png(*bytes, path->string());
  if (!image) return tl::unexpected(image.error());
  auto pixels = io::shrink(*image, network.rows, network.cols);
  if (!pixels) return tl::unexpected(pixels.error());
  for (float& pixel : *pixels) pixel *= network.maximum / 255.0f;
  return Inputs{std::move(*pixels), {}, 1};
}

Result<Inputs> load_set(const std::string& name, const Mlp& network) {
  const auto x = load_array(name + ".x.npy");
  if (!x) return tl::unexpected(x.error());
  const auto y = load_array(name + ".y.npy");
  if (!y) return tl::unexpected(y.error());
  const std::uint64_t count = x->shape.empty() ? 0 : x->shape[0];
  if (count == 0 || count > kMaxCount || x->values.size() != count * network.inputs()) {
    return fail(Code::kInvalidArgument,
                fmt::format("{}.x.npy holds {} values in {} rows, not rows of {}", name,
                            x->values.size(), count, network.inputs()));
  }
  if (y->values.size() != count) {
    return fail(Code::kInvalidArgument, fmt::format("{}.y.npy holds {} labels for {} inputs", name,
                                                    y->values.size(), count));
  }
  Inputs inputs{{x->values.begin(), x->values.end()}, {}, static_cast<std::uint32_t>(count)};
  for (const double label : y->values) {
    if (!(label >= 0 && label < network.outputs()) || label != std::floor(label)) {
      return fail(Code::kInvalidArgument, fmt::format("{}.y.npy holds the label {}, the network "
                                                      "has {} outputs",
                                                      name, label, network.outputs()));
    }
    inputs.labels.push_back(static_cast<std::uint32_t>(label));
  }
  return inputs;
}

}  // namespace weft::tools
