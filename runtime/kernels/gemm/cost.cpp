// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm/cost.h"

#include <algorithm>
#include <array>
#include <vector>

#include "runtime/program/operands.h"
#include "weft/pack.h"

namespace weft::kernels {
namespace {

std::uint64_t ceil_div64(std::uint64_t value, std::uint64_t by) {
  return (value + by - 1) / by;
}

class Clock {
 public:
  explicit Clock(const spec::Config& config) : config_(config) {
    for (auto& unit : retired_) unit.push_back(0);
    free_.fill(kLaunchCycles);
  }

  void run(const spec::Load& load) {
    const std::uint64_t beats = beats_of(load);
    beats_ += beats;
    finish(spec::Unit::kLoad, start(spec::Unit::kLoad, load) + beats, kLatencyCycles);
  }

  void run(const spec::Matmul& matmul) {
    const std::uint64_t tiles =
        ceil_div64(matmul.m, config_.array_rows) * ceil_div64(matmul.n, config_.array_columns);
    const std::uint64_t blocks = ceil_div64(matmul.k, spec::kBlock);
    const std::uint64_t quad =
        std::max(blocks * 4 * (spec::kBlock / config_.array_depth), kQuadCycles);
    finish(spec::Unit::kMatmul, start(spec::Unit::kMatmul, matmul) + ceil_div64(tiles, 4) * quad,
           kPipelineCycles);
  }

  void run(const spec::Vector& vector) {
    const std::uint64_t words = vector.rows * ceil_div64(vector.cols, config_.array_columns);
    finish(spec::Unit::kVector, start(spec::Unit::kVector, vector) + words, kPipelineCycles);
  }

  void run(const spec::Store& store) {
    const std::uint64_t row = store.format == spec::StoreFormat::kWord32 ? store.cols * 4u
                              : store.format == spec::StoreFormat::kBf16 ? store.cols * 2u
                                                                         : store.cols;
    const std::uint64_t beats = all_rows(store) * ceil_div64(row, config_.axi_bytes);
    beats_ += beats;
    finish(spec::Unit::kStore, start(spec::Unit::kStore, store) + beats, kLatencyCycles);
  }

  [[nodiscard]] Cost cost() const {
    std::uint64_t last = beats_ + kLaunchCycles + kLatencyCycles;
    for (const auto& unit : retired_) last = std::max(last, unit.back());
    return {.cycles = last, .beats = beats_};
  }

 private:
  [[nodiscard]] std::uint64_t beats_of(const spec::Load& load) const {
    if (load.format == spec::LoadFormat::kMxint8) {
      return ceil_div64(packed_tensor_bytes(load.rows, load.cols), config_.axi_bytes);
    }
    const std::uint64_t row = load.format == spec::LoadFormat::kFp32   ? load.cols * 4u
                              : load.format == spec::LoadFormat::kBf16 ? load.cols * 2u
                                                                       : load.cols;
    if (load.transpose == spec::Transpose::kNo) {
      return all_rows(load) * ceil_div64(row, config_.axi_bytes);
    }
    // A piece of a row that begins inside a beat takes one more.
    const bool aligned =
        load.row_stride % config_.axi_bytes == 0 && load.offset % config_.axi_bytes == 0;
    const std::uint64_t strips = ceil_div64(row, kStripBytes);
    return all_rows(load) * (ceil_div64(row, config_.axi_bytes) + (aligned ? 0 : strips));
  }

  template <class AnyCommand>
  [[nodiscard]] std::uint64_t start(spec::Unit unit, const AnyCommand& command) const {
    const std::array<std::uint32_t, spec::kNumUnits> after{
        command.after_load, command.after_matmul, command.after_vector, command.after_store};
    std::uint64_t time = free_[static_cast<std::size_t>(unit)];
    for (std::size_t i = 0; i < after.size(); ++i) time = std::max(time, retired_[i][after[i]]);
    return time;
  }

  void finish(spec::Unit unit, std::uint64_t time, std::uint64_t visible_after) {
    const auto index = static_cast<std::size_t>(unit);
    free_[index] = time + kSetupCycles;
    retired_[index].push_back(std::max(retired_[index].back(), time + visible_after));
  }

  const spec::Config& config_;
  std::array<std::uint64_t, spec::kNumUnits> free_{};
  std::array<std::vector<std::uint64_t>, spec::kNumUnits> retired_;  // time by count
  std::uint64_t beats_ = 0;
};

}  // namespace

Cost estimate(std::span<const Command> commands, const spec::Config& config) {
  Clock clock(config);
  for (const Command& command : commands) {
    std::visit([&](const auto& each) { clock.run(each); }, command);
  }
  return clock.cost();
}

}  // namespace weft::kernels
