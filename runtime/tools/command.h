// SPDX-License-Identifier: Apache-2.0
// runtime/tools/command.h: a subcommand of `weft`, and the list of all.
//
// add_NAME() declares options on `app` and sets `run`, which is called when that subcommand was
// chosen and its arguments parsed. One source file each.
#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <memory>
#include <string>

#include "runtime/tools/output.h"

namespace weft::tools {

// What the chosen subcommand does; it reports its own errors.
using Run = std::function<Exit(const Output&)>;

struct Choice {
  Run run;
  bool json = false;
};

// Adds the subcommand `name` with the option --json. When chosen, `run` becomes choice.run.
[[nodiscard]] inline CLI::App* add_command(CLI::App& app, Choice& choice, const std::string& name,
                                           const std::string& description, Run run) {
  CLI::App* command = app.add_subcommand(name, description);
  command->add_flag("--json", choice.json, "one JSON object on one line of stdout");
  command->callback([&choice, run = std::move(run)] { choice.run = run; });
  return command;
}

inline constexpr const char* kDeviceHelp =
    "device URI as fast:, sim:?config=small&arith=rtl&latency=64, xrt:0, opencl:0";

void add_devices(CLI::App& app, Choice& choice);
void add_info(CLI::App& app, Choice& choice);
void add_run(CLI::App& app, Choice& choice);
void add_train(CLI::App& app, Choice& choice);
void add_bench(CLI::App& app, Choice& choice);
void add_doctor(CLI::App& app, Choice& choice);
void add_record(CLI::App& app, Choice& choice);
void add_replay(CLI::App& app, Choice& choice);
void add_diff(CLI::App& app, Choice& choice);
void add_asm(CLI::App& app, Choice& choice);

}  // namespace weft::tools
