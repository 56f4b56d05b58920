// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/network_file.h"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <vector>

#include "runtime/io/safetensors_writer.h"
#include "runtime/tools/host_network.h"
#include "weft/inference.h"

namespace weft::tools {
namespace {

using Tensors = std::map<std::string, io::WrittenTensor>;

const std::vector<float> kWeight{1, 2, 3, 4, 5, 6};
const std::vector<float> kBias{7, -30};

Tensors tensors() {
  return {{"layer0.weight", {{2, 3}, kWeight}}, {"layer0.bias", {{2}, kBias}}};
}

Result<SavedNetwork> parse(const std::string& architecture, const Tensors& from = tensors()) {
  const auto file = io::Safetensors::parse(
      io::serialize_safetensors(from, {{kArchitectureKey, architecture}}), "f");
  if (!file) return tl::unexpected(file.error());
  return read_network(*file, "f");
}

// A linear layer of two outputs over 1 x 3 pixels, and ReLU.
std::string architecture(const std::string& labels = R"(["a","b"])", const std::string& cols = "3",
                         const std::string& outputs = "2") {
  return R"({"version":2,"input":{"rows":1,"cols":)" + cols +
         R"(,"maximum":16,"scale":0.5},"labels":)" + labels +
         R"(,"layers":[{"type":"linear","outputs":)" + outputs + R"(},{"type":"relu"}]})";
}

void expect_refused(const Result<SavedNetwork>& network, const std::string& says) {
  ASSERT_FALSE(network.has_value()) << says;
  EXPECT_NE(network.error().what.find(says), std::string::npos) << network.error().what;
}

TEST(NetworkFile, HasArchitectureAndWeights) {
  const auto network = parse(architecture());
  ASSERT_TRUE(network.has_value()) << network.error().message();
  EXPECT_EQ(network->architecture.inputs(), 3u);
  EXPECT_EQ(network->architecture.outputs(), 2u);
  EXPECT_EQ(network->architecture.label(1), "b");
  EXPECT_EQ(network->weights.at("layer0.bias").values, kBias);
}

TEST(NetworkFile, IsWhatTheArchitectureWrites) {
  const auto network = parse(architecture());
  ASSERT_TRUE(network.has_value());
  const std::string text = architecture_text(network->architecture);
  const auto again = parse_architecture(text, "g");
  ASSERT_TRUE(again.has_value()) << again.error().message();
  EXPECT_EQ(architecture_text(*again), text);
}

TEST(NetworkFile, NamesTheKeyThatIsWrong) {
  expect_refused(parse("nonsense"), "not JSON");
  expect_refused(parse("{}"), "version");
  expect_refused(parse(R"({"version":1})"), "version");
  expect_refused(parse(architecture(R"(["a"])")), "labels");
  expect_refused(parse(architecture("[1,2]")), "labels[0]");
  expect_refused(parse(architecture(R"(["a","b"])", "-1")), "input.cols");
  expect_refused(parse(R"({"version":2,"layers":[{"type":"linear","outputs":2}]})"), "input.cols");
  expect_refused(parse(R"({"version":2,"input":{"rows":1,"cols":3},"layers":[)"
                       R"({"type":"conv","filters":2},{"type":"linear","outputs":2}]})"),
                 "layers[0] does not fit");
}

TEST(NetworkFile, HasTheTensorsOfItsArchitecture) {
  expect_refused(parse(architecture(R"(["a","b"])", "4")), "layer0.weight has the shape [2, 3]");
  expect_refused(parse(architecture(R"(["a","b","c"])", "3", "3")), "needs [3, 3]");
  Tensors wrong = tensors();
  wrong["layer0.bias"].shape = {1, 2};
  expect_refused(parse(architecture(), wrong), "layer0.bias has the shape [1, 2]");
  wrong.erase("layer0.bias");
  expect_refused(parse(architecture(), wrong), "layer0.bias");
}

TEST(NetworkFile, ADeviceAgreesWithTheHostWhereEightBitsAreExact) {
  const auto network = parse(architecture());
  ASSERT_TRUE(network.has_value());
  auto device = Device::open("fast:");
  ASSERT_TRUE(device.has_value()) << device.error().message();
  const Sequential layers = network->architecture.network();
  auto inference = Inference::create(*device, layers, network->weights);
  ASSERT_TRUE(inference.has_value()) << inference.error().message();
  const std::vector<float> x{1, 0, 0, 1, 1, 1};
  const auto logits = inference->run(x);
  ASSERT_TRUE(logits.has_value()) << logits.error().message();
  EXPECT_EQ(logits->values, (std::vector<float>{8, 0, 13, 0}));
  EXPECT_EQ(run_on_host(*network, x), logits->values);
}

}  // namespace
}  // namespace weft::tools
