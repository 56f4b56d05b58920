// SPDX-License-Identifier: Apache-2.0
// runtime/program/verifier.h: proves once that no launch of a program can go wrong.
//
// For bindings of at least the declared sizes and rights that do not overlap, on this
// configuration or a larger one: every command passes its checks, no two commands race on a
// scratchpad or in memory, none reads scratchpad storage the program did not write, and a command
// that writes V where it reads V does so in place (same start, same pitch), and no store writes a
// byte twice.
//
// Exact for the storage commands touch (footprint.h). Conservative in one point: a command counts
// as ordered after another only through `after` and what that implies, never through the mere
// order of starting within a unit.
#pragma once

#include "runtime/program/image.h"
#include "weft/result.h"
#include "weft/spec.h"

namespace weft {

// Code::kVerification names the command, its assembly, the storage, the other command of a race
// and what to add. The first violation in stream order is reported.
[[nodiscard]] Result<void> verify(const ProgramImage& image, const spec::Config& config);

}  // namespace weft
