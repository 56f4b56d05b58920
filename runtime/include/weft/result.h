// SPDX-License-Identifier: Apache-2.0
// weft/result.h: how calls of this library fail. None throws; those that can fail return Result<T>.
//
// An Error says what happened in one sentence (`what`), and what to do about it (`advice`, may be
// empty). Both are ready for a person to read: no trailing full stop, no newline.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace weft {

enum class Code : std::uint8_t {
  kInvalidArgument,  // the call makes no sense: wrong size, shape, name or value
  kNotFound,         // no such device, file, tensor or library
  kOutOfMemory,      // the device's memory or the host's is full
  kDeviceLost,       // the device was closed or answers no more
  kFault,            // the card stopped a launch; `what` names fault, program and command
  kTimeout,          // the bound passed and the launch had not ended
  kCorruptFile,      // the file was read and its contents make no sense
  kIoError,          // the file could not be read or written
  kUnsupported,      // understood, but this build or device cannot do it
  kVerification,     // the verifier refused the program; `what` names the command and the rule
  kDiverged,         // the loss of a training is no longer finite
};

[[nodiscard]] constexpr std::string_view name(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return "invalid argument";
    case Code::kNotFound:
      return "not found";
    case Code::kOutOfMemory:
      return "out of memory";
    case Code::kDeviceLost:
      return "device lost";
    case Code::kFault:
      return "fault";
    case Code::kTimeout:
      return "timeout";
    case Code::kCorruptFile:
      return "corrupt file";
    case Code::kIoError:
      return "input/output error";
    case Code::kUnsupported:
      return "unsupported";
    case Code::kVerification:
      return "verification failed";
    case Code::kDiverged:
      return "training diverged";
  }
  return "unknown";
}

struct Error {
  Code code = Code::kInvalidArgument;
  std::string what;    // what happened, with the names and numbers that matter
  std::string advice;  // what to do; empty when `what` says it all

  // "fault: what; advice", on one line.
  [[nodiscard]] std::string message() const {
    std::string text{name(code)};
    text += ": ";
    text += what;
    if (!advice.empty()) {
      text += "; ";
      text += advice;
    }
    return text;
  }
};

template <class T>
using Result = tl::expected<T, Error>;

// return fail(Code::kNotFound, "no file X", "check the path");
[[nodiscard]] inline tl::unexpected<Error> fail(Code code, std::string what,
                                                std::string advice = {}) {
  return tl::unexpected<Error>(Error{code, std::move(what), std::move(advice)});
}

}  // namespace weft
