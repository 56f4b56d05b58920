// SPDX-License-Identifier: Apache-2.0
// A host of XRT's native API that knows nothing of Weft's runtime: runs recorded launches and
// compares what they write.  usage: native_host XCLBIN BUNDLE
#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_kernel.h>

#include <cstdio>
#include <exception>

#include "recorded_launch.h"

namespace {

std::size_t run(xrt::device& device, xrt::kernel& kernel, const example::RecordedLaunch& launch) {
  std::vector<char> arena = launch.arena;
  xrt::bo buffer(device, arena.size(), kernel.group_id(0));
  buffer.write(arena.data());
  buffer.sync(XCL_BO_SYNC_BO_TO_DEVICE);

  xrt::run run = kernel(buffer, launch.launch);
  run.wait();

  buffer.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
  buffer.read(arena.data());
  return example::check(launch, arena);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s XCLBIN BUNDLE\n", argv[0]);
    return 2;
  }
  try {
    const auto launches = example::read_bundle(argv[2]);
    xrt::device device(0);
    const auto uuid = device.load_xclbin(argv[1]);
    xrt::kernel kernel(device, uuid, "weft");
    std::size_t compared = 0;
    for (const auto& launch : launches) compared += run(device, kernel, launch);
    std::printf("%zu launches, %zu bytes of output as recorded\n", launches.size(), compared);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
