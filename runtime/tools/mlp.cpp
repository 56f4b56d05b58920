// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/mlp.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace weft::tools {
namespace {

using nlohmann::json;

constexpr std::uint32_t kMaxSide = 65536;

// A number under `key` within min..max, or nothing.
std::optional<double> number(const json& object, const char* key, double min, double max) {
  if (!object.is_object() || !object.contains(key) || !object[key].is_number()) return {};
  const double value = object[key].get<double>();
  if (!(value >= min && value <= max)) return {};
  return value;
}

std::string text(const json& object, const char* key) {
  if (!object.is_object() || !object.contains(key) || !object[key].is_string()) return {};
  return object[key].get<std::string>();
}

Result<Mlp::Layer> parse_layer(const io::Safetensors& file, const json& entry, std::uint64_t inputs,
                               const std::string& name) {
  const auto corrupt = [&](const std::string& why) { return fail(Code::kCorruptFile, name + why); };
  if (text(entry, "type") != "linear") {
    return fail(Code::kUnsupported, name + " has a layer of type '" + text(entry, "type") + "'",
                "layers are linear with activation relu or none");
  }
  const std::string activation = text(entry, "activation");
  if (activation != "relu" && activation != "none") {
    return fail(Code::kUnsupported, name + " has the activation '" + activation + "'",
                "layers are linear with activation relu or none");
  }
  Mlp::Layer layer;
  layer.name = text(entry, "weight");
  layer.relu = activation == "relu";
  const auto shape = file.find(layer.name);
  if (!shape) return tl::unexpected(shape.error());
  const auto& extents = (*shape)->shape;
  if (extents.size() != 2 || extents[1] != inputs || extents[0] == 0 || extents[0] > kMaxSide) {
    return corrupt(": " + layer.name + " is not a matrix of outputs x " + std::to_string(inputs));
  }
  auto weight = file.floats(layer.name);
  if (!weight) return tl::unexpected(weight.error());
  auto bias = file.floats(text(entry, "bias"));
  if (!bias) return tl::unexpected(bias.error());
  if (bias->size() != extents[0]) {
    return corrupt(": the bias of " + layer.name + " has " + std::to_string(bias->size()) +
                   " elements, not " + std::to_string(extents[0]));
  }
  layer.outputs = static_cast<std::uint32_t>(extents[0]);
  layer.inputs = static_cast<std::uint32_t>(inputs);
  layer.weight = std::move(*weight);
  layer.bias = std::move(*bias);
  return layer;
}

// A buffer filled with `values`.
template <class T>
Result<Buffer> upload(Device& device, const std::vector<T>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  auto buffer = device.allocate(bytes.size());
  if (!buffer) return buffer;
  if (auto written = buffer->write(bytes); !written) return tl::unexpected(written.error());
  return buffer;
}

Result<LayerReport> run_layer(Device& device, const Mlp::Layer& layer, const Buffer& input,
                              const Buffer& output, std::uint32_t batch) {
  const auto kernel = gemm(device.info(), {.m = batch,
                                           .n = layer.outputs,
                                           .k = layer.inputs,
                                           .a_format = spec::LoadFormat::kFp32,
                                           .b_format = spec::LoadFormat::kMxint8,
                                           .bias = true,
                                           .relu = layer.relu});
  if (!kernel) return tl::unexpected(kernel.error());
  const auto packed = pack_mxint8(layer.weight, layer.outputs, layer.inputs);
  if (!packed) return tl::unexpected(packed.error());
  const auto weight = upload(device, *packed);
  if (!weight) return tl::unexpected(weight.error());
  const auto bias = upload(device, layer.bias);
  if (!bias) return tl::unexpected(bias.error());

  auto steps = kernel->steps(
      {.a = input.view(), .b = weight->view(), .c = output.view(), .bias = bias->view()});
  if (!steps) return tl::unexpected(steps.error());
  const auto report = device.queue().run({.steps = std::move(*steps)});
  if (!report) return tl::unexpected(report.error());
  return LayerReport{layer.name, batch, layer.outputs, layer.inputs, *report};
}

}  // namespace

Result<Mlp> parse_mlp(const io::Safetensors& file, const std::string& name) {
  const auto corrupt = [&](const std::string& why) {
    return fail(Code::kCorruptFile, name + " " + why, "see examples/train_digits.py for the form");
  };
  const auto entry = file.metadata().find("weft");
  if (entry == file.metadata().end()) return corrupt("has no architecture in __metadata__");
  const json architecture = json::parse(entry->second, nullptr, /*allow_exceptions=*/false);
  if (!architecture.is_object() || !number(architecture, "version", 1, 1)) {
    return corrupt("has an architecture of an unknown version");
  }
  if (!architecture.contains("input")) return corrupt("describes no input");
  const json& input = architecture["input"];
  const auto rows = number(input, "rows", 1, kMaxSide);
  const auto cols = number(input, "cols", 1, kMaxSide);
  const auto maximum = number(input, "maximum", std::numeric_limits<float>::min(), 1e30);
  const auto scale = number(input, "scale", -1e30, 1e30);
  if (!rows || !cols || !maximum || !scale || *rows * *cols > kMaxSide) {
    return corrupt("describes an input without sensible rows, cols, maximum and scale");
  }
  Mlp network;
  network.rows = static_cast<std::uint32_t>(*rows);
  network.cols = static_cast<std::uint32_t>(*cols);
  network.maximum = static_cast<float>(*maximum);
  network.scale = static_cast<float>(*scale);

  if (!architecture.contains("layers") || !architecture["layers"].is_array() ||
      architecture["layers"].empty()) {
    return corrupt("describes no layers");
  }
  std::uint64_t width = network.inputs();
  for (const json& description : architecture["layers"]) {
    auto layer = parse_layer(file, description, width, name);
    if (!layer) return tl::unexpected(layer.error());
    width = layer->outputs;
    network.layers.push_back(std::move(*layer));
  }
  if (!architecture.contains("labels") || !architecture["labels"].is_array() ||
      architecture["labels"].size() != width) {
    return corrupt("has not one label for each of its " + std::to_string(width) + " outputs");
  }
  for (const json& label : architecture["labels"]) {
    if (!label.is_string()) return corrupt("has a label that is no text");
    network.labels.push_back(label.get<std::string>());
  }
  return network;
}

Result<Inference> infer(Device& device, const Mlp& network, std::span<const float> inputs,
                        std::uint32_t batch) {
  if (batch == 0 || inputs.size() != std::size_t{batch} * network.inputs()) {
    return fail(Code::kInvalidArgument, "the batch has " + std::to_string(inputs.size()) +
                                            " values, not a multiple of the network's " +
                                            std::to_string(network.inputs()) + " inputs");
  }
  Inference result;
  auto input = upload(device, std::vector<float>(inputs.begin(), inputs.end()));
  if (!input) return tl::unexpected(input.error());
  for (const Mlp::Layer& layer : network.layers) {
    auto output = device.allocate(std::size_t{batch} * layer.outputs * sizeof(float));
    if (!output) return tl::unexpected(output.error());
    auto report = run_layer(device, layer, *input, *output, batch);
    if (!report) return tl::unexpected(report.error());
    result.layers.push_back(std::move(*report));
    *input = std::move(*output);
  }
  result.logits.resize(std::size_t{batch} * network.outputs());
  const auto read = input->read(std::as_writable_bytes(std::span(result.logits)));
  if (!read) return tl::unexpected(read.error());
  return result;
}

std::vector<float> infer_on_host(const Mlp& network, std::span<const float> inputs,
                                 std::uint32_t batch) {
  std::vector<double> values(inputs.begin(), inputs.end());
  for (const Mlp::Layer& layer : network.layers) {
    std::vector<double> next(std::size_t{batch} * layer.outputs);
    for (std::size_t row = 0; row < batch; ++row) {
      for (std::size_t out = 0; out < layer.outputs; ++out) {
        double sum = layer.bias[out];
        for (std::size_t in = 0; in < layer.inputs; ++in) {
          sum += values[row * layer.inputs + in] * layer.weight[out * layer.inputs + in];
        }
        next[row * layer.outputs + out] = layer.relu && sum < 0 ? 0 : sum;
      }
    }
    values = std::move(next);
  }
  return {values.begin(), values.end()};
}

std::vector<std::uint32_t> argmax(std::span<const float> logits, std::uint32_t outputs) {
  std::vector<std::uint32_t> positions;
  for (; !logits.empty(); logits = logits.subspan(outputs)) {
    std::uint32_t best = 0;
    for (std::uint32_t i = 1; i < outputs; ++i) {
      if (logits[i] > logits[best] || std::isnan(logits[best])) best = i;
    }
    positions.push_back(std::isnan(logits[best]) ? 0 : best);
  }
  return positions;
}

}  // namespace weft::tools
