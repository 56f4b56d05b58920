// SPDX-License-Identifier: Apache-2.0
// weft doctor: whether this installation works: every device opens and computes one product right,
// and the data the examples name is there. weft doctor xrt: the same of XRT and OpenCL, and what
// they find in the environment.
#include <fmt/format.h>

#include <memory>
#include <string>

#include "runtime/tools/checks.h"
#include "runtime/tools/command.h"
#include "runtime/tools/paths.h"

namespace weft::tools {
namespace {

Exit run_doctor(const Output& out) {
  Checks checks(out);
  for (const spec::Config& config : spec::kConfigs) {
    const std::string fast = fmt::format("fast:?config={}", config.name);
    checks.add(fast, Checks::kRequired, check_device(fast));
  }
  for (const spec::Config& config : spec::kConfigs) {
    for (const char* arithmetic : {"native", "rtl"}) {
      const std::string uri = fmt::format("sim:?config={}&arith={}", config.name, arithmetic);
      const auto result = check_device(uri);
      // A card that was not built is absent; one that was built must work.
      const bool absent = !result && result.error().code == Code::kNotFound;
      checks.add(uri, absent ? Checks::kOptional : Checks::kRequired, result);
    }
  }
  for (const char* file : {"digits.safetensors", "digits.x.npy", "digits.y.npy"}) {
    const auto found = find_data(file);
    checks.add(file, Checks::kRequired,
               found ? Result<void>{} : Result<void>(tl::unexpected(found.error())));
  }
  return checks.end();
}

}  // namespace

void add_doctor(CLI::App& app, Choice& choice) {
  const auto subject = std::make_shared<std::string>();
  CLI::App* command = add_command(app, choice, "doctor", "Check that this installation works",
                                  [subject](const Output& out) {
                                    return subject->empty() ? run_doctor(out) : run_doctor_xrt(out);
                                  });
  command->add_option("subject", *subject, "xrt: XRT, OpenCL and what they need instead")
      ->check(CLI::IsMember({"xrt"}));
}

}  // namespace weft::tools
