// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/train_config.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>
#include <optional>
#include <string_view>
#include <utility>

#include "runtime/tools/json_reader.h"

namespace weft::tools {
namespace {

constexpr double kMaxCount = 1 << 20;

constexpr std::pair<std::string_view, Schedule> kSchedules[] = {{"constant", Schedule::kConstant},
                                                                {"linear", Schedule::kLinear},
                                                                {"cosine", Schedule::kCosine}};

std::string find_file(const std::string& name, const std::filesystem::path& folder) {
  std::error_code error;
  const auto beside = std::filesystem::weakly_canonical(folder / name, error);
  return !error && std::filesystem::exists(beside, error) ? beside.string() : name;
}

SampleFiles read_samples(const JsonReader& reader, const std::filesystem::path& folder) {
  reader.allow({"x", "y"});
  return {find_file(reader.text("x"), folder), find_file(reader.text("y"), folder)};
}

void read_optimizer(const JsonReader& reader, TrainConfig& config) {
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
  const JsonReader reader(json, "", wrong);
  reader.allow({"data", "input", "labels", "layers", "optimizer", "epochs", "batch",
                "micro_batches", "seed"});

  TrainConfig config;
  const JsonReader data = reader.object("data");
  data.allow({"train", "test"});
  config.train = read_samples(data.object("train"), folder);
  config.test = read_samples(data.object("test"), folder);
  config.network = read_architecture(reader);
  static_cast<void>(set_optimizer(config, "sgd"));
  if (reader.has("optimizer")) read_optimizer(reader.object("optimizer"), config);
  reader.number("epochs", 1, kMaxCount, config.epochs);
  reader.number("batch", 1, kMaxCount, config.batch);
  reader.number("micro_batches", 1, kMaxCount, config.micro_batches);
  reader.number("seed", 0, 0x1p53, config.seed);
  if (wrong) return refuse(*wrong);
  return config;
}

float rate_of(const TrainConfig& config, std::uint64_t step, std::uint64_t steps) {
  const double done = static_cast<double>(step) / static_cast<double>(steps);
  double factor = 1;
  if (config.schedule == Schedule::kLinear) factor = 1 - done;
  if (config.schedule == Schedule::kCosine) factor = 0.5 * (1 + std::cos(std::numbers::pi * done));
  return static_cast<float>(static_cast<double>(config.rate) * factor);
}

}  // namespace weft::tools
