// SPDX-License-Identifier: Apache-2.0
// runtime/bundle/locate.h: the first command of a launch whose written bytes differ between two
// runs, from the digests both devices kept (opened with digests=1).
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "runtime/bundle/bundle.h"
#include "weft/weft.h"

namespace weft::bundle {

struct Located {
  std::size_t step = 0;
  std::size_t command = 0;
  std::string assembly;
};

// In stream order; nothing if every command wrote the same bytes to the same places.
[[nodiscard]] std::optional<Located> first_differing_command(const RecordedLaunch& launch,
                                                             const LaunchReport& p,
                                                             const LaunchReport& q);

// The URI of the same device with digests kept.
[[nodiscard]] std::string with_digests(const std::string& uri);

}  // namespace weft::bundle
