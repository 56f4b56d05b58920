// SPDX-License-Identifier: Apache-2.0
// runtime/tools/mlp.h: a multilayer perceptron described by a safetensors file.
//
// The architecture is JSON in __metadata__["weft"]:
//   {"version": 1, "input": {"rows": 8, "cols": 8, "maximum": 16, "scale": 0.0625},
//    "labels": ["0", ...],
//    "layers": [{"type": "linear", "weight": NAME, "bias": NAME, "activation": "relu" | "none"}]}
// `weight` names a tensor of outputs x inputs, `bias` one of outputs elements. An input is rows x
// cols values 0..maximum; the network sees value * scale.
//
// On a device each layer is one gemm with fused bias and ReLU: weights packed as MXINT8 on the
// host, inputs and activations FP32 in memory and quantised to MXINT8 as the card loads them.
// NaN or infinity in an input makes its block of 32 NaN, and so the logits of that row.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/io/safetensors.h"
#include "weft/result.h"
#include "weft/weft.h"

namespace weft::tools {

struct Mlp {
  struct Layer {
    std::string name;  // of its weight
    std::uint32_t inputs = 0;
    std::uint32_t outputs = 0;
    std::vector<float> weight;  // outputs x inputs
    std::vector<float> bias;
    bool relu = false;
  };
  std::uint32_t rows = 0;
  std::uint32_t cols = 0;
  float maximum = 1;
  float scale = 1;
  std::vector<std::string> labels;
  std::vector<Layer> layers;

  [[nodiscard]] std::uint32_t inputs() const { return rows * cols; }
  [[nodiscard]] std::uint32_t outputs() const { return layers.back().outputs; }
};

// kCorruptFile or kNotFound names what the architecture lacks; every size is checked.
[[nodiscard]] Result<Mlp> parse_mlp(const io::Safetensors& file, const std::string& name);

struct LayerReport {
  std::string name;
  std::uint32_t m = 0;
  std::uint32_t n = 0;
  std::uint32_t k = 0;
  LaunchReport launch;
};

struct Inference {
  std::vector<float> logits;  // batch x outputs
  std::vector<LayerReport> layers;
};

// Runs `batch` inputs, already scaled, through the network on `device`.
[[nodiscard]] Result<Inference> infer(Device& device, const Mlp& network,
                                      std::span<const float> inputs, std::uint32_t batch);

// The same in double precision on the host: what the logits are compared with.
[[nodiscard]] std::vector<float> infer_on_host(const Mlp& network, std::span<const float> inputs,
                                               std::uint32_t batch);

// Position of the largest of each row; NaN never wins, a row of NaN gives position 0.
[[nodiscard]] std::vector<std::uint32_t> argmax(std::span<const float> logits,
                                                std::uint32_t outputs);

}  // namespace weft::tools
