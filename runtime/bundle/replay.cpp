// SPDX-License-Identifier: Apache-2.0
#include "runtime/bundle/replay.h"

#include <utility>

#include "runtime/core/program_contents.h"

namespace weft::bundle {
namespace {

Result<std::vector<Buffer>> place_regions(Device& device, const RecordedLaunch& launch) {
  std::vector<Buffer> buffers;
  for (const std::uint64_t size : launch.regions) {
    auto buffer = device.allocate(size);
    if (!buffer) return tl::unexpected(buffer.error());
    if (auto filled = buffer->fill(std::byte{0}); !filled) return tl::unexpected(filled.error());
    buffers.push_back(std::move(*buffer));
  }
  for (const Range& input : launch.inputs) {
    auto written = buffers[input.region].write(input.bytes, input.offset);
    if (!written) return tl::unexpected(written.error());
  }
  return buffers;
}

}  // namespace

Result<Replay> replay(Device& device, const RecordedLaunch& recorded) {
  auto buffers = place_regions(device, recorded);
  if (!buffers) return tl::unexpected(buffers.error());
  Launch launch;
  for (const RecordedStep& step : recorded.steps) {
    auto program = make_program(step.name, step.image, step.verified ? Verify::kOn : Verify::kOff);
    if (!program) return tl::unexpected(program.error());
    Step placed{.program = std::move(*program), .bindings = {}, .scalars = step.scalars};
    for (const Window& window : step.windows) {
      placed.bindings.push_back((*buffers)[window.region].view(window.offset, window.size));
    }
    launch.steps.push_back(std::move(placed));
  }
  const auto report = device.queue().run(launch);
  if (!report) return tl::unexpected(report.error());

  Replay result{recorded.outputs, *report};
  for (Range& output : result.outputs) {
    auto read = (*buffers)[output.region].read(output.bytes, output.offset);
    if (!read) return tl::unexpected(read.error());
  }
  return result;
}

}  // namespace weft::bundle
