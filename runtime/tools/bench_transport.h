// SPDX-License-Identifier: Apache-2.0
// runtime/tools/bench_transport.h: adds `transport` to the subcommand `bench`.
#pragma once

#include "runtime/tools/command.h"

namespace weft::tools {

void add_bench_transport(CLI::App& bench, Choice& choice);

}  // namespace weft::tools
