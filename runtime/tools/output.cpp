// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/output.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace weft::tools {

Exit exit_of(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return Exit::kUsage;
    case Code::kNotFound:
    case Code::kCorruptFile:
    case Code::kIoError:
      return Exit::kInput;
    case Code::kOutOfMemory:
    case Code::kDeviceLost:
    case Code::kFault:
    case Code::kTimeout:
      return Exit::kDevice;
    case Code::kUnsupported:
    case Code::kVerification:
      return Exit::kProgram;
    case Code::kDiverged:
      return Exit::kDiverged;
  }
  return Exit::kProgram;
}

namespace {

// Errors quote file names and contents: control and other odd bytes become a dot.
std::string printable(std::string text) {
  for (char& letter : text) {
    if (letter < ' ' || letter > '~') letter = '.';
  }
  return text;
}

// Of the terminal behind stderr.
std::size_t terminal_columns() {
  constexpr std::size_t kUsual = 80;
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsual;
  return size.ws_col;
}

}  // namespace

Output::Output(bool json)
    : json_(json),
      colour_(!json && ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr),
      terminal_(::isatty(STDERR_FILENO) != 0) {}

void Output::line(const std::string& text) const {
  if (!json_) fmt::print("{}\n", text);
}

void Output::result(const Json& object) const {
  if (!json_) return;
  // Names may come from files: bytes that are no UTF-8 are replaced, never an exception.
  fmt::print("{}\n", object.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void Output::note(const std::string& text) const {
  fmt::print(stderr, "weft: {}\n", printable(text));
}

void Output::progress(std::string_view label, std::size_t done, std::size_t total) const {
  constexpr std::size_t kWidest = 32;
  if (!terminal_ || total == 0) return;
  // One line, whatever the label: a longer one could not be cleared.
  const std::string count = fmt::format("{}/{}", done, total);
  const std::size_t columns = terminal_columns();
  const std::string text(label.substr(0, columns - std::min(columns, count.size() + 6)));
  const std::size_t width =
      std::min(kWidest, columns - std::min(columns, text.size() + count.size() + 5));
  const std::size_t filled = width * done / total;
  fmt::print(stderr, "\r\x1b[K{} [{:=<{}}{: <{}}] {}", text, "", filled, "", width - filled, count);
  if (done == total) fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
}

Exit Output::failed(const Error& error) const {
  note(error.message());
  result({{"error", {{"code", name(error.code)}, {"what", error.what}, {"advice", error.advice}}}});
  return exit_of(error.code);
}

std::string Output::bold(std::string_view text) const {
  return painted("1", text);
}
std::string Output::red(std::string_view text) const {
  return painted("31", text);
}
std::string Output::green(std::string_view text) const {
  return painted("32", text);
}

std::string Output::painted(std::string_view code, std::string_view text) const {
  return colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

}  // namespace weft::tools
