// SPDX-License-Identifier: Apache-2.0
// weft bench transport: what a device costs besides its work: opening, a launch that does almost
// nothing (one load of 64 bytes; its records are copied in, its completion record out), copies.
//
// Times are of this process's clock. Where a card is simulated a launch contains the simulator's
// own time. Without --device all transports are measured, in a table that takes it away.
#include "runtime/tools/bench_transport.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "runtime/tools/bench_transports.h"
#include "runtime/tools/command.h"
#include "weft/weft.h"

namespace weft::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kWarmUp = 10;
constexpr int kCopies = 3;

struct Options {
  std::string device;
  TransportSizes sizes;
};

struct Times {
  double open = 0;               // seconds
  std::vector<double> launches;  // seconds each, sorted
  double write = 0;              // best, bytes per second
  double read = 0;
};

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

Result<Program> load_of_64_bytes() {
  ProgramBuilder builder("load");
  spec::Load load;
  load.target = spec::Target::kV;
  load.binding = builder.bind("from", 64, Rights::kRead);
  load.format = spec::LoadFormat::kFp32;
  load.rows = 1;
  load.cols = 16;
  builder.append(load);
  return std::move(builder).finalise();
}

Result<void> time_launches(Device& device, std::size_t count, Times& times) {
  const auto program = load_of_64_bytes();
  if (!program) return tl::unexpected(program.error());
  auto from = device.allocate(64);
  if (!from) return tl::unexpected(from.error());
  if (auto filled = from->fill(std::byte{0}); !filled) return filled;
  const Launch launch{.steps = {{.program = *program, .bindings = {from->view()}, .scalars = {}}}};
  Queue queue = device.queue();
  for (std::size_t i = 0; i < kWarmUp + count; ++i) {
    const auto begin = Clock::now();
    const auto report = queue.run(launch);
    if (!report) return tl::unexpected(report.error());
    if (i >= kWarmUp) times.launches.push_back(seconds_since(begin));
  }
  std::sort(times.launches.begin(), times.launches.end());
  return {};
}

Result<void> time_copies(Device& device, std::size_t bytes, Times& times) {
  auto buffer = device.allocate(bytes);
  if (!buffer) return tl::unexpected(buffer.error());
  std::vector<std::byte> out(bytes);
  for (std::size_t i = 0; i < bytes; ++i) out[i] = static_cast<std::byte>(i * 0x9e3779b1u >> 24);
  std::vector<std::byte> back(bytes);
  for (int i = 0; i < kCopies; ++i) {
    auto begin = Clock::now();
    if (auto written = buffer->write(out); !written) return written;
    times.write = std::max(times.write, static_cast<double>(bytes) / seconds_since(begin));
    begin = Clock::now();
    if (auto read = buffer->read(back); !read) return read;
    times.read = std::max(times.read, static_cast<double>(bytes) / seconds_since(begin));
  }
  if (out != back) return fail(Code::kDeviceLost, "what was read is not what was written");
  return {};
}

Exit run_transport(const Output& out, const Options& options) {
  if (options.device.empty()) return bench_transports(out, options.sizes);
  Times times;
  const auto begin = Clock::now();
  auto device = Device::open(options.device);
  if (!device) return out.failed(device.error());
  times.open = seconds_since(begin);
  if (auto timed = time_launches(*device, options.sizes.launches, times); !timed) {
    return out.failed(timed.error());
  }
  if (auto timed = time_copies(*device, options.sizes.mebibytes << 20, times); !timed) {
    return out.failed(timed.error());
  }
  const double median = times.launches[times.launches.size() / 2];
  out.line(fmt::format("transport of {}", device->info().uri));
  out.line(fmt::format("  open    {:.1f} ms", times.open * 1e3));
  out.line(fmt::format("  launch  {:.1f} us (median of {}), best {:.1f} us", median * 1e6,
                       times.launches.size(), times.launches.front() * 1e6));
  out.line(fmt::format("  copy    {:.1f} MB/s to the device, {:.1f} MB/s from it ({} MiB)",
                       times.write * 1e-6, times.read * 1e-6, options.sizes.mebibytes));
  out.result({{"device", device->info().uri},
              {"open_seconds", times.open},
              {"launches", times.launches.size()},
              {"launch_seconds", median},
              {"best_launch_seconds", times.launches.front()},
              {"copy_bytes", options.sizes.mebibytes << 20},
              {"write_bytes_per_second", times.write},
              {"read_bytes_per_second", times.read}});
  return Exit::kOk;
}

}  // namespace

void add_bench_transport(CLI::App& bench, Choice& choice) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(bench, choice, "transport", "Opening, an almost empty launch, copies",
                  [options](const Output& out) { return run_transport(out, *options); });
  command->add_option("--device", options->device,
                      "one device URI; without, a table of all transports and plain XRT");
  command->add_option("--launches", options->sizes.launches, "how many are timed")
      ->check(CLI::Range(1u, 1000000u))
      ->capture_default_str();
  command->add_option("--mib", options->sizes.mebibytes, "size of a copy in MiB")
      ->check(CLI::Range(1u, 128u))
      ->capture_default_str();
}

}  // namespace weft::tools
