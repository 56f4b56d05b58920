// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace weft::tools {
namespace {

double round_up(std::uint32_t value, std::uint32_t multiple) {
  return static_cast<double>((std::uint64_t{value} + multiple - 1) / multiple * multiple);
}

template <class T>
Json optional_value(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

}  // namespace

double peak_multiplies(const spec::Config& config) {
  return static_cast<double>(config.array_rows) * config.array_columns * config.array_depth;
}

double utilisation(const spec::Config& config, double multiplies, std::uint64_t cycles) {
  return cycles == 0 ? 0 : multiplies / (peak_multiplies(config) * static_cast<double>(cycles));
}

double bound(const DeviceInfo& device, const GemmSize& size, std::uint64_t bytes) {
  const spec::Config& config = device.config;
  const double array = size.multiplies() / (round_up(size.m, config.array_rows) *
                                            round_up(size.n, config.array_columns) *
                                            round_up(size.k, config.array_depth));
  const double per_cycle = device.memory_bytes_per_cycle != 0
                               ? static_cast<double>(device.memory_bytes_per_cycle)
                               : static_cast<double>(config.axi_bytes);
  const double pins =
      (size.multiplies() / peak_multiplies(config)) / (static_cast<double>(bytes) / per_cycle);
  return std::min({pins, array, 1.0});
}

Json counters_json(const LaunchReport& report) {
  if (!report.counters) return nullptr;
  Json units = Json::object();
  for (std::size_t unit = 0; unit < report.counters->size(); ++unit) {
    Json states = Json::object();
    std::uint64_t sum = 0;
    for (std::size_t state = 0; state < spec::kNumStates; ++state) {
      const std::uint64_t cycles = (*report.counters)[unit][state];
      states[std::string(name(static_cast<spec::State>(state)))] = cycles;
      sum += cycles;
    }
    states["sum"] = sum;
    units[std::string(name(static_cast<spec::Unit>(unit)))] = std::move(states);
  }
  return units;
}

Json float_json(float value) {
  return std::stod(fmt::format("{}", value));
}

Json optional_json(const std::optional<std::uint64_t>& value) {
  return optional_value(value);
}
Json optional_json(const std::optional<double>& value) {
  return optional_value(value);
}

}  // namespace weft::tools
