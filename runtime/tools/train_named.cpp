// SPDX-License-Identifier: Apache-2.0
// The data sets that come with Weft, and networks for them.
#include <fmt/format.h>

#include "runtime/tools/train_config.h"

namespace weft::tools {
namespace {

// A convolution with ReLU that keeps the size of the map, and a halving of that size.
void add_stage(std::vector<Layer>& layers, std::uint32_t kernel, std::uint32_t filters) {
  layers.emplace_back(Conv2d{.filters = filters, .kernel = kernel, .padding = kernel / 2});
  layers.emplace_back(Activation::kRelu);
  layers.emplace_back(MaxPool{});
}

TrainConfig digits(bool cnn) {
  TrainConfig config;
  config.train = {"digits_train.x.npy", "digits_train.y.npy"};
  config.test = {"digits.x.npy", "digits.y.npy"};
  Architecture& network = config.network;
  network.rows = network.cols = 8;
  network.maximum = 16;
  network.scale = 1.0f / 16;
  config.epochs = 15;
  static_cast<void>(set_optimizer(config, "sgd"));
  if (!cnn) {
    network.layers = {Linear{64}, Activation::kRelu, Linear{32}, Activation::kRelu, Linear{10}};
    return config;
  }
  add_stage(network.layers, 3, 16);
  add_stage(network.layers, 3, 32);
  network.layers.insert(network.layers.end(), {Flatten{}, Linear{10}});
  config.rate = 0.1f;
  return config;
}

TrainConfig mnist(bool cnn) {
  TrainConfig config;
  config.train = {"mnist_train.x.npy", "mnist_train.y.npy"};
  config.test = {"mnist.x.npy", "mnist.y.npy"};
  Architecture& network = config.network;
  network.rows = network.cols = 28;
  network.maximum = 255;
  network.scale = 1.0f / 255;
  config.epochs = 5;
  static_cast<void>(set_optimizer(config, "sgd"));
  config.rate = 0.1f;
  if (!cnn) {
    network.layers = {Linear{128}, Activation::kRelu, Linear{64}, Activation::kRelu, Linear{10}};
    return config;
  }
  add_stage(network.layers, 5, 8);
  add_stage(network.layers, 5, 16);
  network.layers.insert(network.layers.end(),
                        {Flatten{}, Linear{64}, Activation::kRelu, Linear{10}});
  return config;
}

}  // namespace

Result<TrainConfig> named_config(const std::string& data, const std::string& model) {
  if (data != "digits" && data != "mnist") {
    return fail(Code::kInvalidArgument, "no network " + data, "digits, mnist, or --config FILE");
  }
  if (!model.empty() && model != "mlp" && model != "cnn") {
    return fail(Code::kInvalidArgument, "no model " + model, "mlp or cnn");
  }
  return data == "digits" ? digits(model == "cnn") : mnist(model != "mlp");
}

}  // namespace weft::tools
