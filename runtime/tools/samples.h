// SPDX-License-Identifier: Apache-2.0
// runtime/tools/samples.h: what a network trains on or classifies. Names are those of find_data().
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/tools/architecture.h"
#include "weft/result.h"

namespace weft::tools {

struct Samples {
  std::vector<float> values;          // one sample after another
  std::vector<std::uint32_t> labels;  // of each; empty where they are not known
  std::uint32_t width = 0;            // values of a sample

  [[nodiscard]] std::uint32_t count() const {
    return static_cast<std::uint32_t>(values.size() / width);
  }
};

// .npy files. x: any shape whose first extent counts the samples; y: one label for each.
struct SampleFiles {
  std::string x;
  std::string y;
};

// Labels are 0..outputs-1. `width`: 0 if any will do. The error names file and place.
[[nodiscard]] Result<Samples> load_samples(const SampleFiles& files, std::uint32_t width,
                                           std::uint32_t outputs);

// The same times `scale`; only finite numbers.
[[nodiscard]] Result<Samples> load_training(const SampleFiles& files, std::uint32_t width,
                                            std::uint32_t outputs, float scale);

// One PNG image, shrunk to the network's input, from 0 to its maximum.
[[nodiscard]] Result<Samples> load_image(const std::string& name, const Architecture& network);

// The samples `order` names.
[[nodiscard]] Samples gather(const Samples& samples, std::span<const std::uint32_t> order);

}  // namespace weft::tools
