// SPDX-License-Identifier: Apache-2.0
// runtime/tools/architecture.h: a network as JSON, in configurations of trainings and in files of
// weights. docs/train.md has every key.
//
// A file of weights has it as text in __metadata__["weft"]:
//   {"version": 2, "input": {"rows": 8, "cols": 8, "channels": 1, "maximum": 16, "scale": 0.0625},
//    "labels": ["0", ...], "layers": [{"type": "linear", "outputs": 10}, ...]}
// and the weights as tensors named as those of Sequential (weft/network.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/tools/json_reader.h"
#include "weft/network.h"
#include "weft/result.h"

namespace weft::tools {

inline constexpr const char* kArchitectureKey = "weft";

struct Architecture {
  std::uint32_t rows = 1;           // of an input
  std::uint32_t cols = 0;           // 0: what the samples have
  std::uint32_t channels = 1;       // of a pixel, which follow each other
  float maximum = 1;                // of an input's values
  float scale = 1;                  // the network sees value * scale
  std::vector<std::string> labels;  // of the outputs; empty: their numbers
  std::vector<Layer> layers;

  [[nodiscard]] std::uint32_t inputs() const { return rows * cols * channels; }
  [[nodiscard]] std::uint32_t outputs() const { return network().outputs(); }
  [[nodiscard]] std::string label(std::uint32_t output) const;
  [[nodiscard]] Sequential network() const;
};

// The keys input, labels and layers. Names the first layer that does not fit what is before it.
[[nodiscard]] Architecture read_architecture(const JsonReader& reader);
// The same keys.
[[nodiscard]] Json architecture_json(const Architecture& architecture);

// The text of a file of weights called `name`. kCorruptFile names the key that is wrong.
[[nodiscard]] Result<Architecture> parse_architecture(const std::string& text,
                                                      const std::string& name);
[[nodiscard]] std::string architecture_text(const Architecture& architecture);

}  // namespace weft::tools
