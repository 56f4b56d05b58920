// SPDX-License-Identifier: Apache-2.0
// weft-xrt-plain XCLBIN LAUNCHES MIB: what `weft bench transport` does, as a plain XRT program
// would do it: buffer, run, wait, without this project's runtime. Prints the same keys of JSON.
#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_kernel.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <vector>

#include "weft/spec.h"

namespace {

using Clock = std::chrono::steady_clock;
namespace spec = weft::spec;

constexpr std::size_t kWarmUp = 10;
constexpr std::size_t kArenaBytes = std::size_t{256} << 20;
// Places in the arena.
constexpr std::uint64_t kProgram = 0;
constexpr std::uint64_t kData = 64;
constexpr std::uint64_t kRecords = 512;
constexpr std::uint64_t kLaunch = kRecords + 512;
constexpr std::uint64_t kEntry = kLaunch + 64;
constexpr std::uint64_t kTable = kEntry + 128;
constexpr std::uint64_t kEnd = kTable + 64;
constexpr std::uint64_t kCopies = 4096;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

template <class Record>
void put(std::byte* arena, std::uint64_t at, const Record& record) {
  const auto bytes = spec::pack(record);
  std::memcpy(arena + at, bytes.data(), bytes.size());
}

void put_records(std::byte* arena) {
  spec::Load load;
  load.target = spec::Target::kV;
  load.format = spec::LoadFormat::kFp32;
  load.rows = 1;
  load.cols = 16;
  put(arena, kProgram, load);
  spec::Launch launch;
  launch.magic = spec::kMagic;
  launch.mode = spec::LaunchMode::kRun;
  launch.spec_hash = spec::kSpecHash;
  launch.completion = kRecords;
  launch.list = kEntry;
  launch.entries = 1;
  put(arena, kLaunch, launch);
  spec::Entry entry;
  entry.program = kProgram;
  entry.commands = 1;
  entry.bindings = 1;
  entry.binding_table = kTable;
  put(arena, kEntry, entry);
  put(arena, kTable, spec::Binding{.offset = kData, .size = 64, .rights = 1});
}

void measure(const char* xclbin, std::size_t launches, std::size_t bytes) {
  auto begin = Clock::now();
  xrt::device device(0);
  const auto uuid = device.load_xclbin(xclbin);
  xrt::kernel kernel(device, uuid, "weft");
  xrt::bo arena(device, kArenaBytes, kernel.group_id(0));
  auto* memory = arena.map<std::byte*>();
  xrt::run run(kernel);
  run.set_arg(0, arena);
  run.set_arg(1, kLaunch);
  const double open = seconds_since(begin);

  std::vector<double> times;
  put_records(memory);
  arena.sync(XCL_BO_SYNC_BO_TO_DEVICE, kRecords, 0);
  for (std::size_t i = 0; i < kWarmUp + launches; ++i) {
    begin = Clock::now();
    std::memset(memory + kRecords, 0, 512);
    arena.sync(XCL_BO_SYNC_BO_TO_DEVICE, kEnd - kRecords, kRecords);
    run.start();
    if (run.wait() != ERT_CMD_STATE_COMPLETED) throw std::runtime_error("a launch failed");
    arena.sync(XCL_BO_SYNC_BO_FROM_DEVICE, 512, kRecords);
    if (i >= kWarmUp) times.push_back(seconds_since(begin));
    const auto record =
        spec::unpack_completion(std::span<const std::byte, 512>(memory + kRecords, 512));
    if (record.status != spec::Status::kDone) throw std::runtime_error("a launch ended in a fault");
  }
  std::sort(times.begin(), times.end());

  std::vector<std::byte> data(bytes, std::byte{7});
  double write = 0;
  double read = 0;
  for (int i = 0; i < 3; ++i) {
    begin = Clock::now();
    arena.write(data.data(), bytes, kCopies);
    arena.sync(XCL_BO_SYNC_BO_TO_DEVICE, bytes, kCopies);
    write = std::max(write, static_cast<double>(bytes) / seconds_since(begin));
    begin = Clock::now();
    arena.sync(XCL_BO_SYNC_BO_FROM_DEVICE, bytes, kCopies);
    arena.read(data.data(), bytes, kCopies);
    read = std::max(read, static_cast<double>(bytes) / seconds_since(begin));
  }
  std::printf(
      "{\"device\": \"plain XRT\", \"open_seconds\": %.9f, \"launches\": %zu, "
      "\"launch_seconds\": %.9f, \"best_launch_seconds\": %.9f, \"copy_bytes\": %zu, "
      "\"write_bytes_per_second\": %.0f, \"read_bytes_per_second\": %.0f}\n",
      open, launches, times[times.size() / 2], times.front(), bytes, write, read);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: weft-xrt-plain XCLBIN LAUNCHES MIB\n");
    return 2;
  }
  try {
    measure(argv[1], std::strtoull(argv[2], nullptr, 10),
            std::strtoull(argv[3], nullptr, 10) << 20);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
