// SPDX-License-Identifier: Apache-2.0
// A TrainConfig written.
#include "runtime/tools/report.h"
#include "runtime/tools/train_config.h"

namespace weft::tools {
namespace {

Json optimizer_json(const TrainConfig& config) {
  Json json = {{"rate", float_json(config.rate)},
               {"schedule", config.schedule == Schedule::kConstant ? "constant"
                            : config.schedule == Schedule::kLinear ? "linear"
                                                                   : "cosine"}};
  if (const auto* sgd = std::get_if<Sgd>(&config.optimizer)) {
    json["type"] = "sgd";
    json["momentum"] = float_json(sgd->momentum);
    json["weight_decay"] = float_json(sgd->weight_decay);
  } else {
    const auto& adamw = std::get<Adamw>(config.optimizer);
    json["type"] = "adamw";
    json["beta1"] = float_json(adamw.beta1);
    json["beta2"] = float_json(adamw.beta2);
    json["epsilon"] = float_json(adamw.epsilon);
    json["weight_decay"] = float_json(adamw.weight_decay);
  }
  return json;
}

}  // namespace

Json config_json(const TrainConfig& config) {
  Json json = {{"data",
                {{"train", {{"x", config.train.x}, {"y", config.train.y}}},
                 {"test", {{"x", config.test.x}, {"y", config.test.y}}}}},
               {"optimizer", optimizer_json(config)},
               {"epochs", config.epochs},
               {"batch", config.batch},
               {"micro_batches", config.micro_batches},
               {"seed", config.seed}};
  json.update(architecture_json(config.network));
  return json;
}

}  // namespace weft::tools
