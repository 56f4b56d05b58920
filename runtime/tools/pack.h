// SPDX-License-Identifier: Apache-2.0
// runtime/tools/pack.h: the subcommands for XRT's emulation, `weft pack` and `weft xrt`.
#pragma once

#include "runtime/tools/command.h"

namespace weft::tools {

void add_pack(CLI::App& app, Choice& choice);
void add_xrt(CLI::App& app, Choice& choice);

}  // namespace weft::tools
