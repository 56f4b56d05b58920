// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/uri.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace weft::core {

Result<Uri> Uri::parse(std::string_view text) {
  Uri uri;
  uri.text_ = text;
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    return fail(Code::kInvalidArgument, fmt::format("`{}` is not the URI of a device", text),
                "write for example fast: or sim:?config=small");
  }
  uri.scheme_ = text.substr(0, colon);
  const std::string_view rest = text.substr(colon + 1);
  const auto question = rest.find('?');
  uri.path_ = rest.substr(0, question);
  if (question == std::string_view::npos) return uri;

  std::string_view options = rest.substr(question + 1);
  while (!options.empty()) {
    const auto end = options.find('&');
    const std::string_view option = options.substr(0, end);
    options = end == std::string_view::npos ? "" : options.substr(end + 1);
    const auto equals = option.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return fail(Code::kInvalidArgument,
                  fmt::format("`{}` in device URI `{}` is not key=value", option, text));
    }
    const std::string key{option.substr(0, equals)};
    const auto same = [&](const auto& other) { return other.first == key; };
    if (std::any_of(uri.options_.begin(), uri.options_.end(), same)) {
      return fail(Code::kInvalidArgument,
                  fmt::format("key `{}` appears twice in device URI `{}`", key, text));
    }
    uri.options_.emplace_back(key, option.substr(equals + 1));
  }
  return uri;
}

std::string Uri::take(std::string_view key, std::string_view fallback) {
  understood_.emplace_back(key);
  const auto option = std::find_if(options_.begin(), options_.end(),
                                   [&](const auto& each) { return each.first == key; });
  if (option == options_.end()) return std::string{fallback};
  std::string value = option->second;
  options_.erase(option);
  return value;
}

Result<std::string> Uri::take_one_of(std::string_view key,
                                     std::span<const std::string_view> allowed) {
  std::string value = take(key, allowed.front());
  if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
    return fail(Code::kInvalidArgument,
                fmt::format("`{}={}` in device URI `{}`", key, value, text_),
                fmt::format("{} is one of: {}", key, fmt::join(allowed, ", ")));
  }
  return value;
}

Result<std::uint64_t> Uri::take_number(std::string_view key, std::uint64_t fallback,
                                       std::uint64_t min, std::uint64_t max) {
  const std::string value = take(key, std::to_string(fallback));
  std::uint64_t number = 0;
  const char* end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data(), end, number);
  if (parsed.ec != std::errc{} || parsed.ptr != end || number < min || number > max) {
    return fail(Code::kInvalidArgument,
                fmt::format("`{}={}` in device URI `{}`", key, value, text_),
                fmt::format("{} is a number from {} to {}", key, min, max));
  }
  return number;
}

Result<void> Uri::finish() const {
  if (options_.empty()) return {};
  return fail(Code::kInvalidArgument,
              fmt::format("unknown key `{}` in device URI `{}`", options_.front().first, text_),
              fmt::format("{}: understands {}", scheme_, fmt::join(understood_, ", ")));
}

}  // namespace weft::core
