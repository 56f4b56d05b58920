// SPDX-License-Identifier: Apache-2.0
// runtime/tools/checks.h: what `weft doctor` finds, line by line and as one JSON object.
#pragma once

#include <string>

#include "runtime/tools/output.h"
#include "weft/result.h"

namespace weft::tools {

// Opens the device and lets it compute one product.
[[nodiscard]] Result<void> check_device(const std::string& uri);

class Checks {
 public:
  enum Need { kRequired, kOptional };

  explicit Checks(const Output& out) : out_(out) {}

  // `found` is said of a check that is well.
  void add(const std::string& name, Need need, const Result<void>& result,
           const std::string& found = {});

  // Writes the result; kDevice if something required failed.
  [[nodiscard]] Exit end();

 private:
  const Output& out_;
  bool healthy_ = true;
  Json list_ = Json::array();
};

[[nodiscard]] Exit run_doctor_xrt(const Output& out);

}  // namespace weft::tools
