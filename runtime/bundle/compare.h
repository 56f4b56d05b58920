// SPDX-License-Identifier: Apache-2.0
// runtime/bundle/compare.h: the first difference of two recordings, in words.
//
// A difference in memory is named by the binding it lies in and, where a command of the program
// reads or writes that byte, by the element in the command's format: row and column counted from
// the start of the binding by the command's row stride.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/bundle/bundle.h"

namespace weft::bundle {

// Two byte contents of the same ranges of a launch: the first byte that differs, described, or
// nothing. `inputs` says whether loads or stores give the format.
enum class Side : std::uint8_t { kInputs, kOutputs };
[[nodiscard]] std::optional<std::string> first_difference(const RecordedLaunch& launch, Side side,
                                                          const std::vector<Range>& x,
                                                          const std::vector<Range>& y);

// The first of: number of steps, programs, bindings, scalars, inputs, outputs, launches.
[[nodiscard]] std::optional<std::string> first_difference(const Bundle& x, const Bundle& y);

}  // namespace weft::bundle
