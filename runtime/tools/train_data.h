// SPDX-License-Identifier: Apache-2.0
// runtime/tools/train_data.h: labelled samples from .npy files, as a network sees them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/tools/train_config.h"
#include "weft/result.h"

namespace weft::tools {

struct TrainData {
  std::vector<float> x;  // scaled, one sample after another
  std::vector<std::uint32_t> labels;
  std::uint32_t width = 0;  // values of a sample

  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(labels.size()); }
};

// x: any shape whose first extent counts the samples; y: one label 0..outputs-1 per sample. Names
// as of find_data(). `width`: values of a sample, 0 if any will do. The error names file and place.
[[nodiscard]] Result<TrainData> load_samples(const TrainConfig::Samples& files, std::uint32_t width,
                                             std::uint32_t outputs, float scale);

// The samples `order` names, as one batch.
struct Batch {
  std::vector<float> x;
  std::vector<std::uint32_t> labels;
};
[[nodiscard]] Batch gather(const TrainData& data, std::span<const std::uint32_t> order);

}  // namespace weft::tools
