// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/samples.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "runtime/io/image.h"
#include "runtime/io/npy.h"
#include "runtime/tools/paths.h"

namespace weft::tools {
namespace {

constexpr std::uint64_t kMaxSamples = 1u << 24;

Result<io::Array> load_array(const std::string& name) {
  const auto file = read_data(name);
  if (!file) return tl::unexpected(file.error());
  return io::parse_npy(file->bytes, file->path);
}

}  // namespace

Result<Samples> load_samples(const SampleFiles& files, std::uint32_t width, std::uint32_t outputs) {
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
  Samples samples{.values = {x->values.begin(), x->values.end()},
                  .width = static_cast<std::uint32_t>(x->values.size() / count)};
  if (width != 0 && samples.width != width) {
    return refuse(fmt::format("{} holds samples of {} values, the network takes {}", files.x,
                              samples.width, width));
  }
  if (y->values.size() != count) {
    return refuse(fmt::format("{} holds {} labels for the {} samples of {}", files.y,
                              y->values.size(), count, files.x));
  }
  for (std::size_t i = 0; i < count; ++i) {
    const double label = y->values[i];
    if (!(label >= 0 && label < outputs) || label != std::floor(label)) {
      return refuse(fmt::format("{} holds the label {} for sample {}; the network has {} outputs",
                                files.y, label, i, outputs),
                    "labels are whole numbers from 0 to outputs - 1");
    }
    samples.labels.push_back(static_cast<std::uint32_t>(label));
  }
  return samples;
}

Result<Samples> load_training(const SampleFiles& files, std::uint32_t width, std::uint32_t outputs,
                              float scale) {
  auto samples = load_samples(files, width, outputs);
  if (!samples) return samples;
  for (std::size_t i = 0; i < samples->values.size(); ++i) {
    const float scaled = samples->values[i] * scale;
    if (!std::isfinite(scaled)) {
      return fail(
          Code::kInvalidArgument,
          fmt::format("{} holds {} in sample {}", files.x, samples->values[i], i / samples->width),
          "train on finite numbers");
    }
    samples->values[i] = scaled;
  }
  return samples;
}

Result<Samples> load_image(const std::string& name, const Architecture& network) {
  if (network.channels != 1) {
    return fail(Code::kUnsupported,
                fmt::format("a picture for a network that sees {} channels", network.channels),
                "pictures are read as grey levels: give --data");
  }
  const auto file = read_data(name);
  if (!file) return tl::unexpected(file.error());
  const auto image = io::parse_png(file->bytes, file->path);
  if (!image) return tl::unexpected(image.error());
  auto pixels = io::shrink(*image, network.rows, network.cols);
  if (!pixels) return tl::unexpected(pixels.error());
  for (float& pixel : *pixels) pixel *= network.maximum / 255.0f;
  return Samples{.values = std::move(*pixels), .width = network.inputs()};
}

Samples gather(const Samples& samples, std::span<const std::uint32_t> order) {
  Samples chosen{.width = samples.width};
  for (const std::uint32_t each : order) {
    const auto values =
        std::span(samples.values).subspan(std::size_t{each} * samples.width, samples.width);
    chosen.values.insert(chosen.values.end(), values.begin(), values.end());
    chosen.labels.push_back(samples.labels[each]);
  }
  return chosen;
}

}  // namespace weft::tools
