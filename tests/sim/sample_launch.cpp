// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/sample_launch.h"

#include <cstring>

#include "tests/conformance/oracle.h"
#include "tests/conformance/random_data.h"

namespace weft::test {
namespace {

constexpr std::uint16_t kM = 21;
constexpr std::uint16_t kN = 35;  // no multiple of four tiles in either configuration
constexpr std::uint16_t kK = 100;
constexpr std::uint64_t kList = 1024;
constexpr std::uint64_t kTable = 0x2000;
constexpr std::uint64_t kProgram = 0x3000;

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit;
}

ProgramImage program() {
  const std::uint16_t words = round_up(kN, 16);
  ProgramImage image;
  image.commands = {spec::pack(spec::Load{.target = spec::Target::kA,
                                          .format = spec::LoadFormat::kFp32,
                                          .rows = kM,
                                          .cols = kK,
                                          .row_stride = 4 * kK,
                                          .dst_pitch = 2}),
                    spec::pack(spec::Load{.target = spec::Target::kB,
                                          .binding = 1,
                                          .format = spec::LoadFormat::kBf16,
                                          .rows = kN,
                                          .cols = kK,
                                          .row_stride = 2 * kK,
                                          .dst_pitch = 2}),
                    spec::pack(spec::Matmul{.after_load = 2,
                                            .after_vector = 0,
                                            .arithmetic = spec::Arithmetic::kMxint8,
                                            .m = kM,
                                            .n = kN,
                                            .k = kK,
                                            .a_pitch = 2,
                                            .b_pitch = 2,
                                            .dst_pitch = words}),
                    spec::pack(spec::Vector{.after_matmul = 1,
                                            .rows = kM,
                                            .cols = kN,
                                            .src_pitch = words,
                                            .dst = 256,
                                            .dst_pitch = words,
                                            .compare = spec::Compare::kMax,
                                            .compare_with = spec::Operand::kValue0}),
                    spec::pack(spec::Store{.after_vector = 1,
                                           .format = spec::StoreFormat::kWord32,
                                           .binding = 2,
                                           .rows = kM,
                                           .cols = kN,
                                           .row_stride = 4 * kN,
                                           .src = 256,
                                           .src_pitch = words})};
  return image;
}

}  // namespace

SampleLaunch sample_launch(Dice& dice, const spec::Config& config, std::uint32_t programs,
                           std::uint32_t stall_limit) {
  SampleLaunch sample;
  sample.arena.resize(kArenaBytes, 0xee);
  const auto put = [&](std::uint64_t at, const auto& bytes) {
    std::memcpy(&sample.arena[at], bytes.data(), bytes.size());
  };
  Memory memory{random_matrix(dice, spec::LoadFormat::kFp32, kM, kK, 4 * kK),
                random_matrix(dice, spec::LoadFormat::kBf16, kN, kK, 2 * kK),
                std::vector<std::byte>(4 * kM * kN)};
  const std::array<std::uint64_t, 3> places{kAData, kBData, kResult};
  const auto image = program();
  for (std::size_t i = 0; i < 3; ++i) {
    put(places[i], memory[i]);
    put(kTable + 32 * i,
        spec::pack(spec::Binding{
            .offset = places[i], .size = memory[i].size(), .rights = i == 2 ? 2u : 1u}));
  }
  for (std::size_t i = 0; i < image.commands.size(); ++i) {
    put(kProgram + 64 * i, image.commands[i]);
  }
  for (std::uint32_t p = 0; p < programs; ++p) {
    put(kList + 128 * p,
        spec::pack(spec::Entry{.program = kProgram,
                               .commands = static_cast<std::uint32_t>(image.commands.size()),
                               .bindings = 3,
                               .binding_table = kTable}));
  }
  put(kRecord, spec::pack(spec::Launch{.magic = spec::kMagic,
                                       .mode = spec::LaunchMode::kRun,
                                       .spec_hash = spec::kSpecHash,
                                       .completion = kCompletion,
                                       .list = kList,
                                       .entries = programs,
                                       .stall_limit = stall_limit}));
  Oracle(config).run(image, {}, memory);
  const auto* result = reinterpret_cast<const std::uint8_t*>(memory[2].data());
  sample.expected.assign(result, result + memory[2].size());
  sample.matmul_steps = programs * round_up(kM, config.array_rows) *
                        round_up(kN, config.array_columns) * round_up(kK, spec::kBlock) * 4;
  return sample;
}

std::vector<std::uint8_t> identify_record() {
  const auto packed = spec::pack(spec::Launch{
      .magic = spec::kMagic, .mode = spec::LaunchMode::kIdentify, .completion = kCompletion});
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(packed.data());
  return {bytes, bytes + packed.size()};
}

spec::Completion completion_in(std::span<const std::uint8_t> arena) {
  const auto* at = reinterpret_cast<const std::byte*>(arena.data() + kCompletion);
  return spec::unpack_completion(std::span<const std::byte, 512>(at, 512));
}

}  // namespace weft::test
