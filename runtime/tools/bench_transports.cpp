// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/bench_transports.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <vector>

#include "runtime/tools/child.h"
#include "runtime/tools/paths.h"

namespace weft::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRounds = 5;
constexpr const char* kPlain = "plain XRT";

// Best of the rounds so far.
struct Row {
  std::string name;
  std::vector<std::string> command;
  std::string missing;                // why there are no figures
  double open = 1e30;                 // seconds
  double launch = 1e30;               // seconds, of one, with the simulator's own
  double own = 1e30;                  // seconds less that
  std::optional<double> simulator{};  // seconds, where the card's process logs them
  double write = 0;                   // bytes per second
  double read = 0;
};

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown processor";
}

double load() {
  double average = 0;
  return ::getloadavg(&average, 1) == 1 ? average : 0;
}

// XRT itself writes to the stdout of a plain program.
std::string last_line(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

// Median of what the simulator took for each of the last launches, in seconds.
std::optional<double> simulator_time(const fs::path& log, std::size_t launches) {
  std::ifstream file(log);
  std::vector<double> times;
  for (std::string line; std::getline(file, line);) {
    const Json entry = Json::parse(line, nullptr, false);
    if (entry.is_discarded() || !entry.contains("simulator_ns")) return std::nullopt;
    times.push_back(entry["simulator_ns"].get<double>() * 1e-9);
  }
  if (times.size() < launches) return std::nullopt;
  times.erase(times.begin(), times.end() - static_cast<std::ptrdiff_t>(launches));
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

void measure(Row& row, const fs::path& folder, std::size_t launches) {
  const fs::path log = folder / "launches";
  std::error_code ignored;
  fs::remove(log, ignored);
  const auto text = output_of(row.command, {{"WEFT_XRT_LOG", log.string()}});
  if (!text) {
    row.missing = text.error().what;
    return;
  }
  const Json found = Json::parse(last_line(*text), nullptr, false);
  if (!found.is_object() || !found.contains("read_bytes_per_second")) {
    row.missing = "its answer cannot be read";
    return;
  }
  const double launch = found["launch_seconds"].get<double>();
  const auto simulator = simulator_time(log, launches);
  if (launch - simulator.value_or(0) < row.own) {
    row.launch = launch;
    row.simulator = simulator;
    row.own = launch - simulator.value_or(0);
  }
  row.open = std::min(row.open, found["open_seconds"].get<double>());
  row.write = std::max(row.write, found["write_bytes_per_second"].get<double>());
  row.read = std::max(row.read, found["read_bytes_per_second"].get<double>());
}

std::vector<Row> rows_of(const TransportSizes& sizes) {
  const std::string launches = std::to_string(sizes.launches);
  const std::string mebibytes = std::to_string(sizes.mebibytes);
  const std::string weft = (prefix_folder() / "bin" / "weft").string();
  std::vector<Row> rows;
  for (const char* uri : {"fast:", "sim:", "xrt:0", "opencl:0"}) {
    rows.push_back(
        {.name = uri,
         .command = {weft, "bench", "transport", "--json", "--launches", launches, "--mib",
                     mebibytes, "--device", fmt::format("{}?config={}", uri, sizes.config)}});
  }
  const fs::path xclbin = share_folder() / fmt::format("weft_{}.xclbin", sizes.config);
  rows.push_back({.name = kPlain,
                  .command = {weft, "xrt", "--config", sizes.config, "--",
                              (prefix_folder() / "libexec" / "weft-xrt-plain").string(),
                              xclbin.string(), launches, mebibytes}});
  return rows;
}

std::string micro(std::optional<double> seconds) {
  return seconds ? fmt::format("{:.1f}", *seconds * 1e6) : std::string();
}

}  // namespace

Exit bench_transports(const Output& out, const TransportSizes& sizes) {
  std::string pattern = (fs::temp_directory_path() / "weft-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    return out.failed({Code::kIoError, "no temporary folder: " + pattern, "set TMPDIR"});
  }
  const fs::path folder = pattern;
  std::vector<Row> rows = rows_of(sizes);
  const double load_before = load();
  for (std::size_t round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      out.progress("measuring", round * rows.size() + i, kRounds * rows.size());
      if (rows[i].missing.empty()) measure(rows[i], folder, sizes.launches);
    }
  }
  out.progress("measuring", 1, 1);
  std::error_code ignored;
  fs::remove_all(folder, ignored);

  const Row& plain = rows.back();
  out.line(fmt::format("{}, {} processors, load {:.2f}; best of {}, median of {} launches each",
                       processor(), ::sysconf(_SC_NPROCESSORS_ONLN), load_before, kRounds,
                       sizes.launches));
  out.line(fmt::format("{:<10} {:>8} {:>10} {:>13} {:>8} {:>9} {:>11} {:>10}", "", "open ms",
                       "launch us", "simulator us", "rest us", "of plain", "write MB/s",
                       "read MB/s"));
  Json all = Json::array();
  for (const Row& row : rows) {
    if (!row.missing.empty()) {
      out.line(fmt::format("{:<10} missing", row.name));
      out.note(fmt::format("{} could not be measured: {}", row.name, row.missing));
      all.push_back({{"name", row.name}, {"missing", row.missing}});
      continue;
    }
    std::optional<double> ratio;
    if (row.simulator && plain.simulator) ratio = row.own / plain.own;
    out.line(fmt::format(
        "{:<10} {:>8.1f} {:>10} {:>13} {:>8} {:>9} {:>11.1f} {:>10.1f}", row.name, row.open * 1e3,
        micro(row.launch), micro(row.simulator), row.simulator ? micro(row.own) : std::string(),
        ratio ? fmt::format("{:.2f}", *ratio) : std::string(), row.write * 1e-6, row.read * 1e-6));
    all.push_back({{"name", row.name},
                   {"open_seconds", row.open},
                   {"launch_seconds", row.launch},
                   {"simulator_seconds", row.simulator ? Json(*row.simulator) : Json()},
                   {"of_plain_xrt", ratio ? Json(*ratio) : Json()},
                   {"write_bytes_per_second", row.write},
                   {"read_bytes_per_second", row.read}});
  }
  out.result({{"rounds", kRounds}, {"launches", sizes.launches}, {"rows", std::move(all)}});
  return plain.missing.empty() ? Exit::kOk : Exit::kProgram;
}

}  // namespace weft::tools
