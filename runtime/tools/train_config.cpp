// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/train_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <numbers>
#include <optional>
#include <string_view>
#include <utility>

#include "runtime/graph/contents.h"
#include "runtime/tools/paths.h"

namespace weft::tools {
namespace {

constexpr double kMaxCount = 1 << 20;
constexpr double kMaxWidth = 65535;
constexpr double kMaxKernel = 255;

constexpr std::pair<std::string_view, Schedule> kSchedules[] = {{"constant", Schedule::kConstant},
                                                                {"linear", Schedule::kLinear},
                                                                {"cosine", Schedule::kCosine}};
constexpr Activation kActivations[] = {Activation::kRelu, Activation::kGelu, Activation::kSilu,
                                       Activation::kSigmoid, Activation::kTanh};

// A JSON object being read. The first thing that is wrong is remembered, with the path of its key.
class Reader {
 public:
  Reader(const Json& value, std::string path, std::optional<std::string>& wrong)
      : value_(value), path_(std::move(path)), wrong_(wrong) {
    if (!value_.is_object()) refuse(path_, "is not an object");
  }

  // Refuses keys that are none of these.
  void allow(std::initializer_list<std::string_view> keys) const {
    if (!value_.is_object()) return;
    for (const auto& [key, value] : value_.items()) {
      bool known = false;
      for (const std::string_view each : keys) known |= each == key;
      if (!known) refuse(path_of(key), "is not a known key");
    }
  }

  [[nodiscard]] bool has(const char* key) const {
    return value_.is_object() && value_.contains(key);
  }

  // Keeps `to` where the key is absent.
  template <class T>
  void number(const char* key, double min, double max, T& to) const {
    if (!has(key)) return;
    const Json& value = value_[key];
    const bool whole = std::is_integral_v<T>;
    if (!value.is_number() || !(value.get<double>() >= min && value.get<double>() <= max) ||
        (whole && value.get<double>() != std::floor(value.get<double>()))) {
      refuse(path_of(key), fmt::format("is {}, not a {}number from {} to {}", value.dump(),
                                       whole ? "whole " : "", min, max));
      return;
    }
    to = value.get<T>();
  }

  [[nodiscard]] std::string text(const char* key) const {
    if (has(key) && value_[key].is_string()) return value_[key].get<std::string>();
    refuse(path_of(key), has(key) ? "is not text" : "is missing");
    return {};
  }

  [[nodiscard]] Reader object(const char* key) const {
    if (!has(key)) refuse(path_of(key), "is missing");
    return {has(key) ? value_[key] : kEmpty, path_of(key), wrong_};
  }

  // Calls `each` with the elements and their paths.
  template <class Each>
  void array(const char* key, Each each) const {
    if (!has(key) || !value_[key].is_array() || value_[key].empty()) {
      refuse(path_of(key), has(key) ? "is not a list with elements" : "is missing");
      return;
    }
    std::size_t i = 0;
    for (const Json& element : value_[key]) {
      each(element, fmt::format("{}[{}]", path_of(key), i++));
    }
  }

  void refuse(const std::string& path, const std::string& why) const {
    if (!wrong_) wrong_ = fmt::format("{} {}", path.empty() ? "the file" : path, why);
  }
  void refuse_key(const char* key, const std::string& why) const { refuse(path_of(key), why); }

  [[nodiscard]] std::optional<std::string>& wrong() const { return wrong_; }

 private:
  [[nodiscard]] std::string path_of(const std::string& key) const {
    return path_.empty() ? key : path_ + "." + key;
  }

  static inline const Json kEmpty = Json::object();
  const Json& value_;
  std::string path_;
  std::optional<std::string>& wrong_;
};

std::string find_file(const std::string& name, const std::filesystem::path& folder) {
  std::error_code error;
  const auto beside = std::filesystem::weakly_canonical(folder / name, error);
  return !error && std::filesystem::exists(beside, error) ? beside.string() : name;
}

TrainConfig::Samples read_samples(const Reader& reader, const std::filesystem::path& folder) {
  reader.allow({"x", "y"});
  return {find_file(reader.text("x"), folder), find_file(reader.text("y"), folder)};
}

std::optional<Layer> read_layer(const Reader& reader) {
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

void read_optimizer(const Reader& reader, TrainConfig& config) {
  reader.allow(
      {"type", "rate", "schedule", "momentum", "weight_decay", "beta1", "beta2", "epsilon"});
  const std::string type = reader.text("type");
  if (!set_optimizer(config, type)) {
    reader.refuse_key("type", fmt::format("is '{}', not sgd or adamw", type));
    return;
  }
  reader.number("rate", 0, 1e6, config.rate);
  if (reader.has("schedule")) {
    const std::string schedule = reader.text("schedule");
    bool known = false;
    for (const auto& [name, value] : kSchedules) {
      if (name != schedule) continue;
      config.schedule = value;
      known = true;
    }
    if (!known) {
      reader.refuse_key("schedule",
                        fmt::format("is '{}', not constant, linear or cosine", schedule));
    }
  }
  if (auto* sgd = std::get_if<Sgd>(&config.optimizer)) {
    reader.allow({"type", "rate", "schedule", "momentum", "weight_decay"});
    reader.number("momentum", 0, 1, sgd->momentum);
    reader.number("weight_decay", 0, 1e6, sgd->weight_decay);
    return;
  }
  reader.allow({"type", "rate", "schedule", "weight_decay", "beta1", "beta2", "epsilon"});
  auto& adamw = std::get<Adamw>(config.optimizer);
  reader.number("weight_decay", 0, 1e6, adamw.weight_decay);
  reader.number("beta1", 0, 0.999999, adamw.beta1);
  reader.number("beta2", 0, 0.999999, adamw.beta2);
  reader.number("epsilon", 1e-30, 1, adamw.epsilon);
}

// Names the first layer that does not fit what is before it.
void check_layers(const TrainConfig& config, const Reader& reader) {
  const bool maps = std::any_of(config.layers.begin(), config.layers.end(), [](const Layer& layer) {
    return std::holds_alternative<Conv2d>(layer) || std::holds_alternative<MaxPool>(layer) ||
           std::holds_alternative<AveragePool>(layer) || std::holds_alternative<Flatten>(layer);
  });
  if (!maps || reader.wrong()) return;
  if (config.cols == 0) {
    reader.refuse("input", "needs rows and cols, for layers of feature maps");
    return;
  }
  if (std::uint64_t{config.rows} * config.cols * config.channels > (1u << 30)) {
    reader.refuse("input", "is larger than 2^30 values");
    return;
  }
  for (std::size_t count = 1; count <= config.layers.size(); ++count) {
    TrainConfig first = config;
    first.layers.resize(count);
    const Sequential network = network_of(first);
    Graph graph;
    const Tensor x = graph.input("x", {.rows = 1, .cols = network.inputs()});
    static_cast<void>(network.forward(graph, x));
    if (!graph.error()) continue;
    reader.refuse(fmt::format("layers[{}]", count - 1),
                  fmt::format("does not fit: {}; {}", graph.error()->what, graph.error()->advice));
    return;
  }
}

}  // namespace

Result<void> set_optimizer(TrainConfig& config, const std::string& name) {
  if (name == "sgd") {
    config.optimizer = Sgd{.momentum = 0.9f, .weight_decay = 1e-4f};
    config.rate = 0.2f;
  } else if (name == "adamw") {
    config.optimizer = Adamw{};
    config.rate = 0.01f;
  } else {
    return fail(Code::kInvalidArgument, "no optimizer " + name, "sgd or adamw");
  }
  return {};
}

Result<TrainConfig> parse_config(const std::string& text, const std::string& name,
                                 const std::filesystem::path& folder) {
  const auto refuse = [&](const std::string& why) {
    return fail(Code::kInvalidArgument, name + ": " + why, "docs/train.md has every key");
  };
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return refuse("the file is not JSON");
  std::optional<std::string> wrong;
  const Reader reader(json, "", wrong);
  reader.allow({"data", "input", "labels", "layers", "optimizer", "epochs", "batch",
                "micro_batches", "seed"});

  TrainConfig config;
  const Reader data = reader.object("data");
  data.allow({"train", "test"});
  config.train = read_samples(data.object("train"), folder);
  config.test = read_samples(data.object("test"), folder);
  if (reader.has("input")) {
    const Reader input = reader.object("input");
    input.allow({"rows", "cols", "channels", "maximum", "scale"});
    input.number("rows", 1, kMaxWidth, config.rows);
    input.number("cols", 1, kMaxWidth, config.cols);
    input.number("channels", 1, kMaxWidth, config.channels);
    input.number("maximum", 1e-30, 1e30, config.maximum);
    input.number("scale", -1e30, 1e30, config.scale);
  }
  if (reader.has("labels")) {
    reader.array("labels", [&](const Json& label, const std::string& path) {
      if (!label.is_string()) return reader.refuse(path, "is not text");
      config.labels.push_back(label.get<std::string>());
    });
  }
  std::uint32_t outputs = 0;
  reader.array("layers", [&](const Json& element, const std::string& path) {
    const auto layer = read_layer(Reader(element, path, wrong));
    if (!layer) return;
    if (const auto* linear = std::get_if<Linear>(&*layer)) outputs = linear->outputs;
    config.layers.push_back(*layer);
  });
  if (outputs == 0) reader.refuse("layers", "has no linear layer");
  if (!config.labels.empty() && config.labels.size() != outputs) {
    reader.refuse("labels",
                  fmt::format("has {} names for {} outputs", config.labels.size(), outputs));
  }
  check_layers(config, reader);
  static_cast<void>(set_optimizer(config, "sgd"));
  if (reader.has("optimizer")) read_optimizer(reader.object("optimizer"), config);
  reader.number("epochs", 1, kMaxCount, config.epochs);
  reader.number("batch", 1, kMaxCount, config.batch);
  reader.number("micro_batches", 1, kMaxCount, config.micro_batches);
  reader.number("seed", 0, 0x1p53, config.seed);
  if (wrong) return refuse(*wrong);
  return config;
}

Sequential network_of(const TrainConfig& config) {
  return {MapShape{.height = config.rows, .width = config.cols, .channels = config.channels},
          config.layers};
}

float rate_of(const TrainConfig& config, std::uint64_t step, std::uint64_t steps) {
  const double done = static_cast<double>(step) / static_cast<double>(steps);
  double factor = 1;
  if (config.schedule == Schedule::kLinear) factor = 1 - done;
  if (config.schedule == Schedule::kCosine) factor = 0.5 * (1 + std::cos(std::numbers::pi * done));
  return static_cast<float>(static_cast<double>(config.rate) * factor);
}

}  // namespace weft::tools
