// SPDX-License-Identifier: Apache-2.0
// runtime/tools/output.h: where the command writes what.
//
// Results go to stdout: with --json exactly one line with one JSON object, else text for people.
// Everything else (notes, progress, errors) goes to stderr. Colour and the progress bar appear only
// on a terminal; NO_COLOR turns colour off.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "weft/result.h"

namespace weft::tools {

using Json = nlohmann::ordered_json;

// What the command tells its caller, the same for every subcommand.
enum class Exit : int {
  kOk = 0,
  kDifferent = 1,      // replay or diff found a difference
  kUsage = 2,          // arguments or shapes that make no sense
  kInput = 3,          // a file that is absent, unreadable or corrupt
  kDevice = 4,         // fault, time-out, no such device, out of memory
  kProgram = 5,        // a program that was refused, or something this build cannot do
  kDiverged = 6,       // the loss of a training is no longer finite
  kInterrupted = 130,  // Ctrl-C ended a training after a step; its checkpoint is saved
};

[[nodiscard]] Exit exit_of(Code code);

class Output {
 public:
  explicit Output(bool json);

  [[nodiscard]] bool json() const { return json_; }

  // A line of a result for people; nothing with --json.
  void line(const std::string& text) const;
  // The result for programs; nothing without --json. Call once.
  void result(const Json& object) const;
  void note(const std::string& text) const;

  // A bar with `label` on stderr, if that is a terminal. Done when done == total.
  void progress(std::string_view label, std::size_t done, std::size_t total) const;

  // Reports the error on stderr and, with --json, as {"error": {code, what, advice}}.
  [[nodiscard]] Exit failed(const Error& error) const;

  [[nodiscard]] std::string bold(std::string_view text) const;
  [[nodiscard]] std::string red(std::string_view text) const;
  [[nodiscard]] std::string green(std::string_view text) const;

 private:
  [[nodiscard]] std::string painted(std::string_view code, std::string_view text) const;

  bool json_;
  bool colour_;    // stdout is a terminal
  bool terminal_;  // stderr is a terminal
};

}  // namespace weft::tools
