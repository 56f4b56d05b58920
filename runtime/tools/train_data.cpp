// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/train_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/io/file.h"
#include "runtime/io/npy.h"
#include "runtime/tools/paths.h"

namespace weft::tools {
namespace {

constexpr std::uint64_t kMaxSamples = 1u << 24;

Result<io::Array> load_array(const std::string& name) {
  const auto path = find_data(name);
  if (!path) return tl::unexpected(path.error());
  const auto bytes = io::read_file(*path);
  if (!bytes) return tl::unexpected(bytes.error());
  return io::parse_npy(*bytes, path->string());
}

}  // namespace

Result<TrainData> load_samples(const TrainConfig::Samples& files, std::uint32_t width,
                               std::uint32_t outputs, float scale) {
  const auto x = load_array(files.x);
  if (!x) return tl::unexpected(x.error());
  const auto y = load_array(files.y);
  if (!y) return tl::unexpected(y.error());
  const auto refuse = [](const std::string& what, const std::string& advice = {}) {
    return fail(Code::kInvalidArgument, what, advice);
  };

  const std::uint64_t count = x->shape.empty() ? 0 : x->shape[0];
  if (count == 0 || count > kMaxSamples || x->values.empty()) {
    return refuse(fmt::format("{} holds no samples, or more than {}", files.x, kMaxSamples),
                  "its first extent counts the samples");
  }
  TrainData data;
  data.width = static_cast<std::uint32_t>(x->values.size() / count);
  if (width != 0 && data.width != width) {
    return refuse(fmt::format("{} holds samples of {} values, the network takes {}", files.x,
                              data.width, width));
  }
  if (y->values.size() != count) {
    return refuse(fmt::format("{} holds {} labels for the {} samples of {}", files.y,
                              y->values.size(), count, files.x));
  }
  data.x.reserve(x->values.size());
  for (std::size_t i = 0; i < x->values.size(); ++i) {
    const float value = static_cast<float>(x->values[i]) * scale;
    if (!std::isfinite(value)) {
      return refuse(fmt::format("{} holds {} in sample {}", files.x, x->values[i], i / data.width),
                    "train on finite numbers");
    }
    data.x.push_back(value);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const double label = y->values[i];
    if (!(label >= 0 && label < outputs) || label != std::floor(label)) {
      return refuse(fmt::format("{} holds the label {} for sample {}; the network has {} outputs",
                                files.y, label, i, outputs),
                    "labels are whole numbers from 0 to outputs - 1");
    }
    data.labels.push_back(static_cast<std::uint32_t>(label));
  }
  return data;
}

Batch gather(const TrainData& data, std::span<const std::uint32_t> order) {
  Batch batch;
  batch.x.resize(order.size() * data.width);
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::copy_n(data.x.begin() + static_cast<std::ptrdiff_t>(std::size_t{order[i]} * data.width),
                data.width, batch.x.begin() + static_cast<std::ptrdiff_t>(i * data.width));
    batch.labels.push_back(data.labels[order[i]]);
  }
  return batch;
}

}  // namespace weft::tools
