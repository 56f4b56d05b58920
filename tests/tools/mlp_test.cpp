// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/mlp.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>

namespace weft::tools {
namespace {

// A safetensors file with one layer of two outputs over a 1 x 3 image, weights 1 to 6, biases 7, 8.
Result<Mlp> parse(const std::string& architecture, const std::string& weight_shape = "[2,3]") {
  std::string text;
  for (const char letter : architecture)
    text += letter == '"' ? std::string("\\\"") : std::string(1, letter);
  const std::string header =
      R"({"__metadata__":{"weft":")" + text + R"("},"w":{"dtype":"F32","shape":)" + weight_shape +
      R"(,"data_offsets":[0,24]},"b":{"dtype":"F32","shape":[2],)" + R"("data_offsets":[24,32]}})";
  const std::vector<float> data{1, 2, 3, 4, 5, 6, 7, -30};
  std::vector<std::byte> file(8 + header.size() + 32);
  const std::uint64_t length = header.size();
  std::memcpy(file.data(), &length, 8);
  std::memcpy(file.data() + 8, header.data(), header.size());
  std::memcpy(file.data() + 8 + header.size(), data.data(), 32);
  const auto tensors = io::Safetensors::parse(std::move(file), "f");
  if (!tensors) return tl::unexpected(tensors.error());
  return parse_mlp(*tensors, "f");
}

std::string architecture(const std::string& activation = "relu",
                         const std::string& labels = R"(["a","b"])",
                         const std::string& cols = "3") {
  return R"({"version":1,"input":{"rows":1,"cols":)" + cols +
         R"(,"maximum":16,"scale":0.5},"labels":)" + labels +
         R"(,"layers":[{"type":"linear","weight":"w","bias":"b","activation":")" + activation +
         R"("}]})";
}

TEST(Mlp, ReadsAnArchitecture) {
  const auto network = parse(architecture());
  ASSERT_TRUE(network.has_value()) << network.error().message();
  EXPECT_EQ(network->inputs(), 3u);
  EXPECT_EQ(network->outputs(), 2u);
  EXPECT_TRUE(network->layers[0].relu);
  EXPECT_EQ(network->layers[0].bias, (std::vector<float>{7, -30}));
}

TEST(Mlp, RefusesArchitecturesThatDoNotFitTheTensors) {
  for (const std::string& text :
       {std::string("nonsense"), std::string("{}"), std::string(R"({"version":2})"),
        architecture("tanh"), architecture("relu", R"(["a"])"), architecture("relu", "[1,2]"),
        architecture("relu", R"(["a","b"])", "4"), architecture("relu", R"(["a","b"])", "-1")}) {
    EXPECT_FALSE(parse(text).has_value()) << text;
  }
  EXPECT_FALSE(parse(architecture(), "[6]").has_value());
}

TEST(Mlp, TheDeviceAgreesWithTheHostWhereEightBitsAreExact) {
  const auto network = parse(architecture());
  ASSERT_TRUE(network.has_value());
  auto device = Device::open("fast:");
  ASSERT_TRUE(device.has_value()) << device.error().message();
  const std::vector<float> inputs{1, 0, 0, 1, 1, 1};
  const auto result = infer(*device, *network, inputs, 2);
  ASSERT_TRUE(result.has_value()) << result.error().message();
  EXPECT_EQ(result->logits, (std::vector<float>{8, 0, 13, 0}));
  EXPECT_EQ(infer_on_host(*network, inputs, 2), result->logits);
  EXPECT_EQ(infer(*device, *network, inputs, 3).error().code, Code::kInvalidArgument);
}

TEST(Mlp, NanNeverWins) {
  EXPECT_EQ(argmax(std::vector<float>{NAN, 1, 2, NAN, NAN, NAN, 3, NAN, 1}, 3),
            (std::vector<std::uint32_t>{2, 0, 0}));
}

}  // namespace
}  // namespace weft::tools
