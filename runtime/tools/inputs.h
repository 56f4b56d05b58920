// SPDX-License-Identifier: Apache-2.0
// runtime/tools/inputs.h: a network and what it is to classify, read from files. Names are paths,
// else names in share/weft.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/tools/mlp.h"
#include "weft/result.h"

namespace weft::tools {

// Values 0..maximum, one input after another, and labels where they are known.
struct Inputs {
  std::vector<float> values;
  std::vector<std::uint32_t> labels;
  std::uint32_t count = 0;
};

// A .safetensors file with an architecture.
[[nodiscard]] Result<Mlp> load_network(const std::string& name);

// One PNG image, shrunk to the network's input.
[[nodiscard]] Result<Inputs> load_image(const std::string& name, const Mlp& network);

// NAME.x.npy with one input per row, and NAME.y.npy with their labels.
[[nodiscard]] Result<Inputs> load_set(const std::string& name, const Mlp& network);

}  // namespace weft::tools
