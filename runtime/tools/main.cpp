// SPDX-License-Identifier: Apache-2.0
// The `weft` command: parses arguments, runs one subcommand, turns its outcome into an exit code.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <string_view>

#include "runtime/tools/command.h"
#include "runtime/tools/pack.h"
#include "runtime/tools/restart.h"

namespace {

using weft::Code;
using weft::Error;
using weft::tools::Choice;
using weft::tools::Exit;
using weft::tools::Output;

constexpr const char* kFooter = R"(
Exit codes: 0 done; 1 replay or diff found a difference; 2 arguments or shapes make no sense;
3 a file is absent, unreadable or corrupt; 4 the device faulted, timed out or does not exist;
5 the program was refused, or this build or device cannot do it; 6 the loss of a training became
NaN or infinite; 130 Ctrl-C ended a training after a step, its checkpoint is saved. `weft record`
passes on the exit code of the command it records.)";

// With --json even a usage error is one JSON object.
int usage_error(const CLI::App& app, const CLI::ParseError& error, bool json) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return app.exit(error);
  const Output output(json);
  return static_cast<int>(output.failed(
      Error{Code::kInvalidArgument, error.what(), "see weft --help and weft SUBCOMMAND --help"}));
}

}  // namespace

int main(int argc, char** argv) {
  weft::tools::restart_for_xrt(argc, argv);
  CLI::App app("Weft: an open AI accelerator. Runs networks and programs on its devices.", "weft");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.set_version_flag("--version", WEFT_VERSION);

  Choice choice;
  weft::tools::add_devices(app, choice);
  weft::tools::add_info(app, choice);
  weft::tools::add_run(app, choice);
  weft::tools::add_train(app, choice);
  weft::tools::add_bench(app, choice);
  weft::tools::add_record(app, choice);
  weft::tools::add_replay(app, choice);
  weft::tools::add_diff(app, choice);
  weft::tools::add_asm(app, choice);
  weft::tools::add_pack(app, choice);
  weft::tools::add_xrt(app, choice);
  weft::tools::add_doctor(app, choice);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool json = std::any_of(
        argv + 1, argv + argc, [](const char* word) { return std::string_view(word) == "--json"; });
    return usage_error(app, error, json);
  }
  return static_cast<int>(choice.run(Output(choice.json)));
}
