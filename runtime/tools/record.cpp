// SPDX-License-Identifier: Apache-2.0
// weft record: runs a command and keeps every launch it makes as a bundle.
//
// The command is any program that uses the runtime; it finds WEFT_RECORD in its environment
// (runtime/bundle/recorder.h). With --json its stdout goes to stderr.
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "runtime/bundle/bundle.h"
#include "runtime/bundle/recorder.h"
#include "runtime/io/file.h"
#include "runtime/io/hash.h"
#include "runtime/tools/command.h"

namespace weft::tools {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string output;
  std::vector<std::string> command;
};

// Runs the command and waits; its exit code, or 128 + the signal that ended it.
Result<int> run_child(std::vector<std::string> words, bool stdout_to_stderr) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (stdout_to_stderr) {
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  }
  pid_t child = 0;
  const int error =
      posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    return fail(Code::kNotFound, fmt::format("cannot run {}: {}", words[0], std::strerror(error)));
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return fail(Code::kIoError, "cannot wait for " + words[0]);
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Exit run_record(const Output& out, Options options) {
  std::error_code error;
  // `weft` means this very program, wherever it stands.
  if (options.command[0] == "weft") options.command[0] = fs::read_symlink("/proc/self/exe", error);
  const fs::path path = fs::absolute(options.output, error);
  if (fs::exists(path, error) && !fs::remove(path, error)) {
    return out.failed({Code::kIoError, "cannot replace " + path.string(), "choose another name"});
  }
  ::setenv(bundle::kRecordVariable, path.c_str(), 1);
  const auto code = run_child(options.command, out.json());
  if (!code) return out.failed(code.error());
  if (!fs::exists(path, error)) {
    const Exit none = out.failed({Code::kNotFound, options.command[0] + " launched nothing",
                                  "record a command that runs something on a device"});
    return *code != 0 ? static_cast<Exit>(*code) : none;
  }
  const auto bytes = io::read_file(path);
  if (!bytes) return out.failed(bytes.error());
  const auto bundle = bundle::parse_bundle(*bytes, path.string());
  if (!bundle) return out.failed(bundle.error());
  const std::string hash = io::hash_text(bundle::output_hash(*bundle));
  out.note(fmt::format("recorded {} launches on {}, {} bytes, outputs {}, in {}",
                       bundle->launches.size(), bundle->device, bytes->size(), hash,
                       options.output));
  out.result({{"bundle", options.output},
              {"device", bundle->device},
              {"launches", bundle->launches.size()},
              {"bytes", bytes->size()},
              {"output_hash", hash},
              {"exit_code", *code}});
  return static_cast<Exit>(*code);
}

}  // namespace

void add_record(CLI::App& app, Choice& choice) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(app, choice, "record", "Run a command and keep its launches as a bundle",
                  [options](const Output& out) { return run_record(out, *options); });
  command->add_option("-o,--output", options->output, "the bundle (.weft)")->required();
  command->add_option("command", options->command, "the command, after --; `weft` is this program")
      ->required();
}

}  // namespace weft::tools
