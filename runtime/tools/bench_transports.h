// SPDX-License-Identifier: Apache-2.0
// runtime/tools/bench_transports.h: all transports in one table, beside a plain XRT program.
#pragma once

#include <cstddef>
#include <string>

#include "runtime/tools/output.h"

namespace weft::tools {

struct TransportSizes {
  std::string config = "small";
  std::size_t launches = 200;
  std::size_t mebibytes = 16;
};

// Each row is measured by a process of its own, `weft bench transport --device URI` or the plain
// program, five times in turn; the best of each figure is printed. A row that cannot be measured
// is said to be missing, and why.
[[nodiscard]] Exit bench_transports(const Output& out, const TransportSizes& sizes);

}  // namespace weft::tools
