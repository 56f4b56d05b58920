// SPDX-License-Identifier: Apache-2.0
#include "runtime/bundle/locate.h"

#include <gtest/gtest.h>

#include "runtime/bundle/replay.h"
#include "tests/bundle/sample.h"

namespace weft::bundle {
namespace {

// Programs for the small configuration run on both.
Bundle small_bundle() {
  return test::record("fast:?config=small", [](Device& device) { test::run_sample(device); });
}

std::optional<Located> locate_on_fast(const RecordedLaunch& x, const RecordedLaunch& y) {
  Device p = test::must(Device::open(with_digests("fast:")));
  Device q = test::must(Device::open(with_digests("fast:?config=small")));
  const Replay left = test::must(replay(p, x));
  const Replay right = test::must(replay(q, y));
  EXPECT_FALSE(left.report.digests.empty());
  return first_differing_command(x, left.report, right.report);
}

// Two devices that differ are played by one launch whose command `command` is altered.
template <class Alter>
std::optional<Located> locate_altered(std::size_t step, std::size_t command, Alter alter) {
  const Bundle bundle = small_bundle();
  RecordedLaunch altered = bundle.launches[0];
  alter(altered.steps[step].image.commands[command]);
  return locate_on_fast(bundle.launches[0], altered);
}

// Position of the first command with this opcode.
std::size_t find(const ProgramImage& image, spec::Opcode opcode, std::size_t from = 0) {
  while (image.commands.at(from)[0] != static_cast<std::byte>(opcode)) ++from;
  return from;
}

TEST(Locate, EqualDevicesDifferNowhere) {
  const Bundle bundle = small_bundle();
  EXPECT_FALSE(locate_on_fast(bundle.launches[0], bundle.launches[0]).has_value());
}

TEST(Locate, NamesAVectorCommandOfALaterStep) {
  const auto located = locate_altered(1, 1, [](CommandBytes& bytes) {
    spec::Vector vector = spec::unpack_vector(bytes);
    vector.value0 = 0x40400000u;
    bytes = spec::pack(vector);
  });
  ASSERT_TRUE(located.has_value());
  EXPECT_EQ(located->step, 1u);
  EXPECT_EQ(located->command, 1u);
  EXPECT_NE(located->assembly.find("vector"), std::string::npos);
}

TEST(Locate, NamesALoadIntoAnOperandBuffer) {
  const Bundle bundle = small_bundle();
  const ProgramImage& image = bundle.launches[0].steps[0].image;
  for (const spec::Target target : {spec::Target::kA, spec::Target::kB}) {
    std::size_t at = find(image, spec::Opcode::kLoad);
    while (spec::unpack_load(image.commands[at]).target != target) {
      at = find(image, spec::Opcode::kLoad, at + 1);
    }
    const auto located = locate_altered(0, at, [](CommandBytes& bytes) {
      spec::Load load = spec::unpack_load(bytes);
      load.row_stride -= 4;
      bytes = spec::pack(load);
    });
    ASSERT_TRUE(located.has_value());
    EXPECT_EQ(located->step, 0u);
    EXPECT_EQ(located->command, at);
  }
}

TEST(Locate, NamesAMatmulAndAStore) {
  const Bundle bundle = small_bundle();
  const ProgramImage& image = bundle.launches[0].steps[0].image;
  const std::size_t matmul = find(image, spec::Opcode::kMatmul);
  const auto shorter = locate_altered(0, matmul, [](CommandBytes& bytes) {
    spec::Matmul command = spec::unpack_matmul(bytes);
    command.k -= 3;
    bytes = spec::pack(command);
  });
  ASSERT_TRUE(shorter.has_value());
  EXPECT_EQ(shorter->command, matmul);

  const std::size_t store = find(image, spec::Opcode::kStore);
  const auto rounded = locate_altered(0, store, [](CommandBytes& bytes) {
    spec::Store command = spec::unpack_store(bytes);
    command.src_pitch = 0;
    bytes = spec::pack(command);
  });
  ASSERT_TRUE(rounded.has_value());
  EXPECT_EQ(rounded->command, store);
}

}  // namespace
}  // namespace weft::bundle
