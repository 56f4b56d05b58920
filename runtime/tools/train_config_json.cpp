// SPDX-License-Identifier: Apache-2.0
// A TrainConfig written: as itself, and as the architecture of a network to run.
#include <fmt/format.h>

#include "runtime/graph/contents.h"
#include "runtime/tools/train_config.h"

namespace weft::tools {
namespace {

// The shortest decimal that gives this float again.
double short_number(float value) {
  return std::stod(fmt::format("{}", value));
}

Json layer_json(const Layer& layer) {
  if (const auto* linear = std::get_if<Linear>(&layer)) {
    return {{"type", "linear"}, {"outputs", linear->outputs}};
  }
  if (const auto* norm = std::get_if<LayerNorm>(&layer)) {
    return {{"type", "layer_norm"}, {"epsilon", short_number(norm->epsilon)}};
  }
  if (const auto* norm = std::get_if<RmsNorm>(&layer)) {
    return {{"type", "rms_norm"}, {"epsilon", short_number(norm->epsilon)}};
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

Json optimizer_json(const TrainConfig& config) {
  Json json = {{"rate", short_number(config.rate)},
               {"schedule", config.schedule == Schedule::kConstant ? "constant"
                            : config.schedule == Schedule::kLinear ? "linear"
                                                                   : "cosine"}};
  if (const auto* sgd = std::get_if<Sgd>(&config.optimizer)) {
    json["type"] = "sgd";
    json["momentum"] = short_number(sgd->momentum);
    json["weight_decay"] = short_number(sgd->weight_decay);
  } else {
    const auto& adamw = std::get<Adamw>(config.optimizer);
    json["type"] = "adamw";
    json["beta1"] = short_number(adamw.beta1);
    json["beta2"] = short_number(adamw.beta2);
    json["epsilon"] = short_number(adamw.epsilon);
    json["weight_decay"] = short_number(adamw.weight_decay);
  }
  return json;
}

Json input_json(const TrainConfig& config) {
  return {{"rows", config.rows},
          {"cols", config.cols},
          {"channels", config.channels},
          {"maximum", short_number(config.maximum)},
          {"scale", short_number(config.scale)}};
}

}  // namespace

Json config_json(const TrainConfig& config) {
  Json layers = Json::array();
  for (const Layer& layer : config.layers) layers.push_back(layer_json(layer));
  Json json = {{"data",
                {{"train", {{"x", config.train.x}, {"y", config.train.y}}},
                 {"test", {{"x", config.test.x}, {"y", config.test.y}}}}},
               {"input", input_json(config)},
               {"layers", std::move(layers)},
               {"optimizer", optimizer_json(config)},
               {"epochs", config.epochs},
               {"batch", config.batch},
               {"micro_batches", config.micro_batches},
               {"seed", config.seed}};
  if (!config.labels.empty()) json["labels"] = config.labels;
  return json;
}

Json architecture_json(const TrainConfig& config) {
  Json layers = Json::array();
  std::uint32_t outputs = 0;
  std::size_t number = 0;
  for (const Layer& layer : config.layers) {
    const auto* linear = std::get_if<Linear>(&layer);
    if (linear != nullptr || std::holds_alternative<Conv2d>(layer)) {
      Json product = linear != nullptr ? Json{{"type", "linear"}} : layer_json(layer);
      product["weight"] = fmt::format("layer{}.weight", number);
      product["bias"] = fmt::format("layer{}.bias", number);
      product["activation"] = "none";
      layers.push_back(std::move(product));
      if (linear != nullptr) outputs = linear->outputs;
      ++number;
    } else if (const auto* kind = std::get_if<Activation>(&layer)) {
      const bool joins = !layers.empty() && layers.back().value("activation", "") == "none";
      if (joins) {
        layers.back()["activation"] = graph::name(*kind);
      } else {
        layers.push_back({{"type", graph::name(*kind)}});
      }
    } else if (!std::holds_alternative<LayerNorm>(layer) &&
               !std::holds_alternative<RmsNorm>(layer)) {
      layers.push_back(layer_json(layer));
    } else {
      Json norm = layer_json(layer);
      norm["gain"] = fmt::format("layer{}.gain", number);
      if (std::holds_alternative<LayerNorm>(layer)) {
        norm["shift"] = fmt::format("layer{}.shift", number);
      }
      layers.push_back(std::move(norm));
      ++number;
    }
  }
  Json labels = config.labels;
  if (config.labels.empty()) {
    labels = Json::array();
    for (std::uint32_t i = 0; i < outputs; ++i) labels.push_back(std::to_string(i));
  }
  return {{"version", 1},
          {"input", input_json(config)},
          {"labels", std::move(labels)},
          {"layers", std::move(layers)}};
}

}  // namespace weft::tools
