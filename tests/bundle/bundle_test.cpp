// SPDX-License-Identifier: Apache-2.0
#include "runtime/bundle/bundle.h"

#include <gtest/gtest.h>

#include "runtime/bundle/replay.h"
#include "runtime/io/hash.h"
#include "tests/bundle/sample.h"
#include "tests/common/mutate.h"

namespace weft::bundle {
namespace {

// The hash at the end made right again, so that damage reaches what lies behind it.
void seal(std::vector<std::byte>& file) {
  if (file.size() < 8) return;
  const std::uint64_t hash = io::hash_bytes(std::span(file).first(file.size() - 8));
  for (std::size_t i = 0; i < 8; ++i) {
    file[file.size() - 8 + i] = static_cast<std::byte>(hash >> (8 * i));
  }
}

TEST(Bundle, ReadsBackWhatWasWritten) {
  const Bundle bundle = test::sample_bundle();
  const auto again = parse_bundle(serialize(bundle), "f");
  ASSERT_TRUE(again.has_value()) << again.error().message();
  EXPECT_EQ(*again, bundle);
}

TEST(Bundle, KeepsTheErrorOfAFailedLaunch) {
  Bundle bundle = test::sample_bundle();
  bundle.launches[0].error = "binding_range in step 0";
  bundle.launches[0].outputs.clear();
  EXPECT_EQ(*parse_bundle(serialize(bundle), "f"), bundle);
}

TEST(Bundle, StoresEqualContentsOnce) {
  Bundle bundle = test::sample_bundle();
  const std::size_t one = serialize(bundle).size();
  bundle.launches.push_back(bundle.launches[0]);
  EXPECT_LT(serialize(bundle).size(), one + one / 4);
}

TEST(Bundle, EveryTruncationIsRefused) {
  const auto file = serialize(test::sample_bundle());
  for (std::size_t size = 0; size < file.size(); size += 1 + size / 100) {
    const auto result = parse_bundle(std::span(file).first(size), "f");
    ASSERT_FALSE(result.has_value()) << size;
    EXPECT_EQ(result.error().code, Code::kCorruptFile);
  }
}

TEST(Bundle, AForeignSpecIsNamed) {
  auto file = serialize(test::sample_bundle());
  file[16] ^= std::byte{1};
  EXPECT_EQ(parse_bundle(file, "f").error().code, Code::kCorruptFile) << "not sealed";
  seal(file);
  const auto result = parse_bundle(file, "f");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Code::kUnsupported);
  EXPECT_NE(result.error().what.find("recorded with spec"), std::string::npos);
}

TEST(Bundle, RandomBytesAreRefused) {
  test::Random random(test::chosen_seed());
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(parse_bundle(test::random_bytes(random, test::below(random, 300)), "f"));
  }
}

// Sealed damage is refused, or is a bundle that a device runs, refuses or faults on.
TEST(Bundle, DamagedBundlesAreRefusedOrReplayable) {
  test::Random random(test::chosen_seed());
  const auto whole = serialize(test::sample_bundle());
  Device device = test::must(Device::open("fast:?memory=16"));
  std::size_t replayed = 0;
  for (int i = 0; i < 2000; ++i) {
    auto file = test::mutate(random, whole);
    seal(file);
    const auto bundle = parse_bundle(file, "f");
    if (!bundle) continue;
    for (const RecordedLaunch& launch : bundle->launches)
      replayed += replay(device, launch) ? 1 : 0;
  }
  std::cout << replayed << " damaged launches still ran\n";
}

}  // namespace
}  // namespace weft::bundle
