// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/architecture.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "runtime/graph/contents.h"
#include "runtime/tools/report.h"

namespace weft::tools {
namespace {

constexpr std::uint32_t kVersion = 2;
constexpr double kMaxWidth = 65535;
constexpr double kMaxKernel = 255;
constexpr std::uint64_t kMaxInputs = 1u << 30;

constexpr Activation kActivations[] = {Activation::kRelu, Activation::kGelu, Activation::kSilu,
                                       Activation::kSigmoid, Activation::kTanh};

std::optional<Layer> read_layer(const JsonReader& reader) {
  const std::string type = reader.text("type");
  if (type == "linear") {
    reader.allow({"type", "outputs"});
    Linear layer;
    if (!reader.has("outputs")) reader.refuse_key("outputs", "is missing");
    reader.number("outputs", 1, kMaxWidth, layer.outputs);
    return layer;
  }
  if (type == "conv") {
    reader.allow({"type", "filters", "kernel", "stride", "padding"});
    Conv2d layer;
    if (!reader.has("filters")) reader.refuse_key("filters", "is missing");
    reader.number("filters", 1, kMaxWidth, layer.filters);
    reader.number("kernel", 1, kMaxKernel, layer.kernel);
    reader.number("stride", 1, kMaxKernel, layer.stride);
    reader.number("padding", 0, kMaxKernel, layer.padding);
    return layer;
  }
  if (type == "max_pool" || type == "average_pool") {
    reader.allow({"type", "window"});
    std::uint32_t window = 2;
    reader.number("window", 1, kMaxWidth, window);
    if (type == "max_pool") return MaxPool{window};
    return AveragePool{window};
  }
  if (type == "flatten") {
    reader.allow({"type"});
    return Flatten{};
  }
  if (type == "layer_norm" || type == "rms_norm") {
    reader.allow({"type", "epsilon"});
    float epsilon = 1e-5f;
    reader.number("epsilon", 1e-30, 1, epsilon);
    if (type == "layer_norm") return LayerNorm{epsilon};
    return RmsNorm{epsilon};
  }
  for (const Activation kind : kActivations) {
    if (graph::name(kind) != type) continue;
    reader.allow({"type"});
    return kind;
  }
  reader.refuse_key("type",
                    fmt::format("is '{}', not linear, conv, max_pool, average_pool, flatten, relu, "
                                "gelu, silu, sigmoid, tanh, layer_norm or rms_norm",
                                type));
  return {};
}

bool needs_maps(const Architecture& architecture) {
  return std::any_of(architecture.layers.begin(), architecture.layers.end(), [](const auto& layer) {
    return std::holds_alternative<Conv2d>(layer) || std::holds_alternative<MaxPool>(layer) ||
           std::holds_alternative<AveragePool>(layer) || std::holds_alternative<Flatten>(layer);
  });
}

// Names the first layer that does not fit what is before it.
void check_layers(const Architecture& architecture, const JsonReader& reader) {
  if (reader.wrong()) return;
  if (std::uint64_t{architecture.rows} * architecture.cols > kMaxInputs / architecture.channels) {
    reader.refuse("input", "is larger than 2^30 values");
    return;
  }
  if (architecture.cols == 0) {
    if (needs_maps(architecture)) {
      reader.refuse("input", "needs rows and cols, for layers of feature maps");
    }
    return;
  }
  for (std::size_t count = 1; count <= architecture.layers.size(); ++count) {
    Architecture first = architecture;
    first.layers.resize(count);
    const Sequential network = first.network();
    Graph graph;
    const Tensor x = graph.input("x", {.rows = 1, .cols = network.inputs()});
    static_cast<void>(network.forward(graph, x));
    if (!graph.error()) continue;
    reader.refuse(fmt::format("layers[{}]", count - 1),
                  fmt::format("does not fit: {}; {}", graph.error()->what, graph.error()->advice));
    return;
  }
}

Json layer_json(const Layer& layer) {
  if (const auto* linear = std::get_if<Linear>(&layer)) {
    return {{"type", "linear"}, {"outputs", linear->outputs}};
  }
  if (const auto* norm = std::get_if<LayerNorm>(&layer)) {
    return {{"type", "layer_norm"}, {"epsilon", float_json(norm->epsilon)}};
  }
  if (const auto* norm = std::get_if<RmsNorm>(&layer)) {
    return {{"type", "rms_norm"}, {"epsilon", float_json(norm->epsilon)}};
  }
  if (const auto* conv = std::get_if<Conv2d>(&layer)) {
    return {{"type", "conv"},
            {"filters", conv->filters},
            {"kernel", conv->kernel},
            {"stride", conv->stride},
            {"padding", conv->padding}};
  }
  if (const auto* pool = std::get_if<MaxPool>(&layer)) {
    return {{"type", "max_pool"}, {"window", pool->window}};
  }
  if (const auto* pool = std::get_if<AveragePool>(&layer)) {
    return {{"type", "average_pool"}, {"window", pool->window}};
  }
  if (std::holds_alternative<Flatten>(layer)) return {{"type", "flatten"}};
  return {{"type", graph::name(std::get<Activation>(layer))}};
}

}  // namespace

std::string Architecture::label(std::uint32_t output) const {
  return labels.empty() ? std::to_string(output) : labels[output];
}

Sequential Architecture::network() const {
  return {MapShape{.height = rows, .width = cols, .channels = channels}, layers};
}

Architecture read_architecture(const JsonReader& reader) {
  Architecture read;
  if (reader.has("input")) {
    const JsonReader input = reader.object("input");
    input.allow({"rows", "cols", "channels", "maximum", "scale"});
    input.number("rows", 1, kMaxWidth, read.rows);
    input.number("cols", 1, kMaxWidth, read.cols);
    input.number("channels", 1, kMaxWidth, read.channels);
    input.number("maximum", 1e-30, 1e30, read.maximum);
    input.number("scale", -1e30, 1e30, read.scale);
  }
  if (reader.has("labels")) {
    reader.array("labels", [&](const Json& label, const std::string& path) {
      if (!label.is_string()) return reader.refuse(path, "is not text");
      read.labels.push_back(label.get<std::string>());
    });
  }
  std::uint32_t outputs = 0;
  reader.array("layers", [&](const Json& element, const std::string& path) {
    const auto layer = read_layer(JsonReader(element, path, reader.wrong()));
    if (!layer) return;
    if (const auto* linear = std::get_if<Linear>(&*layer)) outputs = linear->outputs;
    read.layers.push_back(*layer);
  });
  if (outputs == 0) reader.refuse("layers", "has no linear layer");
  if (!read.labels.empty() && read.labels.size() != outputs) {
    reader.refuse("labels",
                  fmt::format("has {} names for {} outputs", read.labels.size(), outputs));
  }
  check_layers(read, reader);
  return read;
}

Json architecture_json(const Architecture& architecture) {
  Json layers = Json::array();
  for (const Layer& layer : architecture.layers) layers.push_back(layer_json(layer));
  Json json = {{"input",
                {{"rows", architecture.rows},
                 {"cols", architecture.cols},
                 {"channels", architecture.channels},
                 {"maximum", float_json(architecture.maximum)},
                 {"scale", float_json(architecture.scale)}}},
               {"layers", std::move(layers)}};
  if (!architecture.labels.empty()) json["labels"] = architecture.labels;
  return json;
}

Result<Architecture> parse_architecture(const std::string& text, const std::string& name) {
  const auto refuse = [&](const std::string& why) {
    return fail(Code::kCorruptFile, fmt::format("{}: __metadata__.weft: {}", name, why),
                "docs/train.md has the form");
  };
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return refuse("is not JSON");
  std::optional<std::string> wrong;
  const JsonReader reader(json, "", wrong);
  std::uint32_t version = 0;
  reader.number("version", 1, kMaxWidth, version);
  if (version != kVersion) return refuse(fmt::format("has not the version {}", kVersion));
  reader.allow({"version", "input", "labels", "layers"});
  Architecture read = read_architecture(reader);
  if (read.cols == 0) reader.refuse("input.cols", "is missing");
  if (wrong) return refuse(*wrong);
  return read;
}

std::string architecture_text(const Architecture& architecture) {
  Json json = {{"version", kVersion}};
  json.update(architecture_json(architecture));
  return json.dump();
}

}  // namespace weft::tools
