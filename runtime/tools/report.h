// SPDX-License-Identifier: Apache-2.0
// runtime/tools/report.h: what a launch cost, as JSON and as the ratios of the documentation.
//
//   utilisation = M N K / (multiplies per cycle * cycles)
//   bound       = min(pins, array), the best utilisation any schedule could reach:
//     array = M N K / (R ceil(M/R) * C ceil(N/C) * KU ceil(K/KU))
//     pins  = (M N K / multiplies per cycle) / (bytes of A, B and C once / bytes per cycle), at
//             most 1
#pragma once

#include <cstdint>
#include <optional>

#include "runtime/tools/output.h"
#include "weft/weft.h"

namespace weft::tools {

struct GemmSize {
  std::uint32_t m = 0;
  std::uint32_t n = 0;
  std::uint32_t k = 0;

  [[nodiscard]] double multiplies() const {
    return static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  }
};

// Multiplies the array makes per cycle.
[[nodiscard]] double peak_multiplies(const spec::Config& config);

[[nodiscard]] double utilisation(const spec::Config& config, double multiplies,
                                 std::uint64_t cycles);

// `bytes` of A with scales, B with scales and C. Where memory has no clock the width of the port
// counts.
[[nodiscard]] double bound(const DeviceInfo& device, const GemmSize& size, std::uint64_t bytes);

// {"load": {"idle": 0, ..., "sum": 0}, ...}, or null where the device has no clock.
[[nodiscard]] Json counters_json(const LaunchReport& report);

// The shortest decimal that gives this float again.
[[nodiscard]] Json float_json(float value);

// The number, or null.
[[nodiscard]] Json optional_json(const std::optional<std::uint64_t>& value);
[[nodiscard]] Json optional_json(const std::optional<double>& value);

}  // namespace weft::tools
