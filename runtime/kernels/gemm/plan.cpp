// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/gemm/plan.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "runtime/kernels/gemm/cost.h"
#include "weft/pack.h"

namespace weft::kernels {
namespace {

constexpr std::array<std::uint32_t, 4> kRowBlocks{16, 32, 64, 128};
constexpr std::array<std::uint32_t, 5> kColumnBlocks{16, 32, 64, 128, 256};
constexpr std::array<std::uint32_t, 6> kPanels{2048, 1024, 512, 256, 128, 64};
constexpr std::array<std::uint32_t, 3> kFirsts{16, 32, 64};

// What the choice is made on: enough to see steady state, start and end.
constexpr std::uint32_t kPlannedRows = 1024;
constexpr std::uint32_t kPlannedColumns = 4096;
constexpr std::uint32_t kPlannedDepth = 4096;

// Tilings of more steps than this, and than kStepRatio times the coarsest one's, are not tried.
constexpr std::uint64_t kManySteps = 1024;
constexpr std::uint64_t kStepRatio = 4;
// So many of the best tilings are tried with smaller first blocks.
constexpr std::size_t kRefined = 4;

// Of tilings that take about as long the one that moves less is better: so many beats weigh as much
// as a cycle.
constexpr std::uint64_t kBeatsPerCycle = 64;

struct Choice {
  Tiling tiling;
  std::uint64_t weight = 0;
};

bool packed(const GemmShape& shape) {
  return shape.a_format == spec::LoadFormat::kMxint8 || shape.b_format == spec::LoadFormat::kMxint8;
}

std::vector<std::uint32_t> panel_choices(const GemmShape& shape) {
  if (packed(shape)) return {packed_tensor_depth(shape.k)};
  std::vector<std::uint32_t> choices;
  for (const std::uint32_t panel : kPanels) {
    // Panels of equal depth, in whole cells unless there is only one.
    const std::uint32_t panels = ceil_div(shape.k, panel);
    const std::uint32_t depth =
        panels == 1 ? shape.k
                    : ceil_div(ceil_div(shape.k, panels), spec::kCellColumns) * spec::kCellColumns;
    if (choices.empty() || choices.back() != depth) choices.push_back(depth);
  }
  return choices;
}

// Whether `block` is not needlessly larger than the whole dimension.
bool sensible(std::uint32_t block, std::uint32_t whole) {
  return block == 16 || block / 2 < whole;
}

class Planner {
 public:
  Planner(const GemmShape& shape, const spec::Config& config)
      : shape_(shape),
        config_(config),
        part_{.m = {0, std::min(shape.m, kPlannedRows)},
              .n = {0, std::min(shape.n, kPlannedColumns)}} {}

  std::optional<Tiling> run() {
    list();
    const auto fewest =
        std::min_element(tilings_.begin(), tilings_.end(),
                         [&](const Tiling& x, const Tiling& y) { return steps(x) < steps(y); });
    if (fewest == tilings_.end()) return std::nullopt;
    const std::uint64_t most = std::max(kManySteps, kStepRatio * steps(*fewest));
    for (const Tiling& tiling : tilings_) {
      if (steps(tiling) <= most) consider(tiling);
    }
    refine();
    if (choices_.empty()) return std::nullopt;
    return choices_.front().tiling;
  }

 private:
  void list() {
    for (const std::uint32_t panel : panel_choices(shape_)) {
      for (const std::uint32_t m : kRowBlocks) {
        for (const std::uint32_t n : kColumnBlocks) {
          if (sensible(m, part_.m.size) && sensible(n, part_.n.size)) list_groups(panel, m, n);
        }
      }
    }
  }

  void list_groups(std::uint32_t panel, std::uint32_t m, std::uint32_t n) {
    const std::uint32_t pitch = ceil_div(panel, spec::kCellColumns);
    const std::uint32_t a_fit = config_.a_bytes / spec::kCellBytes / (m / 16 * pitch);
    const std::uint32_t b_fit = config_.b_bytes / spec::kCellBytes / (n / 16 * pitch);
    const std::uint32_t words = config_.v_bytes / spec::kWordBytes;
    const std::uint32_t c_words = m * (n / spec::kWordElements);
    if (a_fit == 0 || b_fit == 0 || c_words * 8 > words) return;
    const std::uint32_t c_fit = words / 2 / c_words;  // the other half drains
    const std::uint32_t columns = ceil_div(part_.n.size, n);
    Tiling tiling{.m_block = m,
                  .n_block = n,
                  .m_first = m,
                  .n_first = n,
                  .k_panel = panel,
                  .m_group = 1,
                  .n_group = 1};
    const auto add = [&](std::uint32_t n_group) {
      if (n_group == 0) return;
      tiling.n_group = n_group;
      if (panel < shape_.k) {
        tiling.n_group = std::min(n_group, c_fit);
        tiling.m_group = c_fit / tiling.n_group;
      }
      tilings_.push_back(tiling);
    };
    if (columns <= b_fit) add(columns);
    if (columns > b_fit || panel < shape_.k) {
      add(std::max(1u, b_fit / 2));
      add(b_fit > 2 ? b_fit - 1 : 0);
    }
  }

  [[nodiscard]] std::uint64_t steps(const Tiling& tiling) const {
    return std::uint64_t{ceil_div(part_.m.size, tiling.m_block)} *
           ceil_div(part_.n.size, tiling.n_block) * ceil_div(shape_.k, tiling.k_panel);
  }

  void consider(const Tiling& tiling) {
    GemmShape planned = shape_;
    planned.k = std::min(shape_.k, kPlannedDepth);
    const auto commands = schedule(planned, config_, tiling, part_);
    if (!commands) return;
    const Cost cost = estimate(*commands, config_);
    const Choice choice{.tiling = tiling, .weight = cost.cycles + cost.beats / kBeatsPerCycle};
    const auto place =
        std::upper_bound(choices_.begin(), choices_.end(), choice,
                         [](const Choice& x, const Choice& y) { return x.weight < y.weight; });
    choices_.insert(place, choice);
  }

  void refine() {
    std::vector<Choice> best = choices_;
    best.resize(std::min(best.size(), kRefined));
    for (const Choice& choice : best) {
      for (const std::uint32_t m : kFirsts) {
        for (const std::uint32_t n : kFirsts) {
          Tiling tiling = choice.tiling;
          tiling.m_first = std::min(m, tiling.m_block);
          tiling.n_first = std::min(n, tiling.n_block);
          // A smaller first block adds one; a group that held all columns still should.
          if (tiling.n_group >= ceil_div(part_.n.size, tiling.n_block)) ++tiling.n_group;
          consider(tiling);
        }
      }
    }
  }

  GemmShape shape_;
  const spec::Config& config_;
  Part part_;
  std::vector<Tiling> tilings_;
  std::vector<Choice> choices_;  // best first; of equals the one listed first
};

}  // namespace

std::optional<Tiling> plan(const GemmShape& shape, const spec::Config& config) {
  return Planner(shape, config).run();
}

}  // namespace weft::kernels
