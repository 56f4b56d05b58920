// SPDX-License-Identifier: Apache-2.0
// The program file: back unchanged, and any other bytes refused.
#include "runtime/program/image.h"

#include <gtest/gtest.h>

#include <iostream>
#include <limits>

#include "tests/conformance/random.h"
#include "tests/conformance/random_data.h"
#include "tests/conformance/random_program.h"
#include "tests/program/sample.h"

namespace weft::test {
namespace {

TEST(ProgramFile, ComesBackUnchanged) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto image = random_program(spec::kConfigs[0], seed).image;
    const auto back = parse_image(serialize(image));
    ASSERT_TRUE(back) << back.error().message();
    EXPECT_EQ(*back, image);
  }
}

TEST(ProgramFile, EveryTruncationAndExtensionIsRefused) {
  const auto bytes = serialize(assembled(kSample));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto image = parse_image(std::span(bytes).first(size));
    ASSERT_FALSE(image) << size;
    EXPECT_EQ(image.error().code, Code::kCorruptFile) << size;
  }
  auto longer = bytes;
  longer.push_back(std::byte{0});
  EXPECT_EQ(parse_image(longer).error().code, Code::kCorruptFile);
}

TEST(ProgramFile, AnotherSpecVersionIsNamedAsSuch) {
  auto bytes = serialize(assembled(kSample));
  bytes[8] ^= std::byte{1};
  const auto image = parse_image(bytes);
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, Code::kUnsupported);
  EXPECT_NE(image.error().what.find("spec version"), std::string::npos);
}

TEST(ProgramFile, RandomBytesAreRefused) {
  Dice dice(4);
  for (int i = 0; i < 2000; ++i) {
    const auto image = parse_image(random_bytes(dice, dice.between(0, 300)));
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().code, Code::kCorruptFile);
  }
}

TEST(ProgramFile, DamageIsRefusedOrLeavesValidDeclarations) {
  constexpr std::uint64_t kSeed = 5;
  std::cout << "seed " << kSeed << '\n';
  Dice dice(kSeed);
  const auto good = serialize(assembled(kSample));
  for (int i = 0; i < 20000; ++i) {
    auto bytes = good;
    // Mostly in the header and the declarations.
    const auto reach = dice.one_in(4) ? bytes.size() : 120;
    for (auto n = dice.between(1, 3); n > 0; --n) {
      bytes[dice.between(0, reach - 1)] = static_cast<std::byte>(dice.bits());
    }
    const auto image = parse_image(bytes);
    if (image) ASSERT_TRUE(validate_declarations(*image));
  }
}

TEST(ProgramDeclarations, ImpossibleOnesAreRefused) {
  const auto refused = [](auto change) {
    auto image = assembled(kSample);
    change(image);
    const auto result = validate_declarations(image);
    return !result && !result.error().advice.empty();
  };
  EXPECT_TRUE(validate_declarations(assembled(kSample)));
  EXPECT_TRUE(refused([](auto& image) { image.commands.clear(); }));
  EXPECT_TRUE(refused([](auto& image) { image.commands.resize(65536); }));
  EXPECT_TRUE(refused([](auto& image) { image.bindings.resize(33, image.bindings[0]); }));
  EXPECT_TRUE(refused([](auto& image) { image.scalars.resize(17, "s"); }));
  EXPECT_TRUE(refused([](auto& image) { image.bindings[0].rights = 0; }));
  EXPECT_TRUE(refused([](auto& image) { image.bindings[0].rights = 4; }));
  EXPECT_TRUE(refused([](auto& image) { image.bindings[0].size = 1ull << 48; }));
  EXPECT_TRUE(refused([](auto& image) { image.bindings[0].name = "y"; }));
  EXPECT_TRUE(refused([](auto& image) { image.bindings[0].name = ""; }));
  EXPECT_TRUE(refused([](auto& image) { image.bindings[0].name = "a b"; }));
  EXPECT_TRUE(refused([](auto& image) { image.scalars[0] = "1"; }));
}

}  // namespace
}  // namespace weft::test
