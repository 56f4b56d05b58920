// SPDX-License-Identifier: Apache-2.0
// runtime/tools/json_reader.h: reads JSON that people write, and says what is wrong by its key.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "runtime/tools/output.h"

namespace weft::tools {

// A JSON object being read. The first thing that is wrong is remembered, with the path of its key.
class JsonReader {
 public:
  JsonReader(const Json& value, std::string path, std::optional<std::string>& wrong)
      : value_(value), path_(std::move(path)), wrong_(wrong) {
    if (!value_.is_object()) refuse(path_, "is not an object");
  }

  // Refuses keys that are none of these.
  void allow(std::initializer_list<std::string_view> keys) const {
    if (!value_.is_object()) return;
    for (const auto& [key, value] : value_.items()) {
      bool known = false;
      for (const std::string_view each : keys) known |= each == key;
      if (!known) refuse(path_of(key), "is not a known key");
    }
  }

  [[nodiscard]] bool has(const char* key) const {
    return value_.is_object() && value_.contains(key);
  }

  // Keeps `to` where the key is absent.
  template <class T>
  void number(const char* key, double min, double max, T& to) const {
    if (!has(key)) return;
    const Json& value = value_[key];
    const bool whole = std::is_integral_v<T>;
    if (!value.is_number() || !(value.get<double>() >= min && value.get<double>() <= max) ||
        (whole && value.get<double>() != std::floor(value.get<double>()))) {
      refuse(path_of(key), fmt::format("is {}, not a {}number from {} to {}", value.dump(),
                                       whole ? "whole " : "", min, max));
      return;
    }
    to = value.get<T>();
  }

  [[nodiscard]] std::string text(const char* key) const {
    if (has(key) && value_[key].is_string()) return value_[key].get<std::string>();
    refuse(path_of(key), has(key) ? "is not text" : "is missing");
    return {};
  }

  [[nodiscard]] JsonReader object(const char* key) const {
    if (!has(key)) refuse(path_of(key), "is missing");
    return {has(key) ? value_[key] : kEmpty, path_of(key), wrong_};
  }

  // Calls `each` with the elements and their paths.
  template <class Each>
  void array(const char* key, Each each) const {
    if (!has(key) || !value_[key].is_array() || value_[key].empty()) {
      refuse(path_of(key), has(key) ? "is not a list with elements" : "is missing");
      return;
    }
    std::size_t i = 0;
    for (const Json& element : value_[key]) {
      each(element, fmt::format("{}[{}]", path_of(key), i++));
    }
  }

  void refuse(const std::string& path, const std::string& why) const {
    if (!wrong_) wrong_ = fmt::format("{} {}", path.empty() ? "the file" : path, why);
  }
  void refuse_key(const char* key, const std::string& why) const { refuse(path_of(key), why); }

  [[nodiscard]] std::optional<std::string>& wrong() const { return wrong_; }

 private:
  [[nodiscard]] std::string path_of(const std::string& key) const {
    return path_.empty() ? key : path_ + "." + key;
  }

  static inline const Json kEmpty = Json::object();
  const Json& value_;
  std::string path_;
  std::optional<std::string>& wrong_;
};

}  // namespace weft::tools
