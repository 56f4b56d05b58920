// SPDX-License-Identifier: Apache-2.0
// Uri: `scheme:path?key=value&key=value`, the name of a device and its options.
//
// The device takes the keys it knows; finish() then refuses what is left, naming what would have
// been understood. Every error is kInvalidArgument and quotes the whole URI.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weft/result.h"

namespace weft::core {

class Uri {
 public:
  [[nodiscard]] static Result<Uri> parse(std::string_view text);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::string& scheme() const { return scheme_; }
  [[nodiscard]] const std::string& path() const { return path_; }

  // The value of `key`, or `fallback`; then `key` counts as understood.
  [[nodiscard]] std::string take(std::string_view key, std::string_view fallback);
  [[nodiscard]] Result<std::string> take_one_of(std::string_view key,
                                                std::span<const std::string_view> allowed);
  // Decimal, within min..max.
  [[nodiscard]] Result<std::uint64_t> take_number(std::string_view key, std::uint64_t fallback,
                                                  std::uint64_t min, std::uint64_t max);

  // An error if a key is left that nobody took.
  [[nodiscard]] Result<void> finish() const;

 private:
  std::string text_;
  std::string scheme_;
  std::string path_;
  std::vector<std::pair<std::string, std::string>> options_;
  std::vector<std::string> understood_;
};

}  // namespace weft::core
