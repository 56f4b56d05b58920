// SPDX-License-Identifier: Apache-2.0
#include "runtime/bundle/recorder.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "runtime/bundle/memory_use.h"
#include "runtime/core/program_contents.h"
#include "runtime/io/file.h"

namespace weft::bundle {
namespace {

void complain(const std::string& text) {
  std::fprintf(stderr, "weft: %s\n", text.c_str());
}

// The region that holds the byte at `address`: the last base not beyond it.
std::uint32_t region_of(const std::vector<std::uint64_t>& bases, std::uint64_t address) {
  std::uint32_t region = 0;
  while (region + 1 < bases.size() && bases[region + 1] <= address) ++region;
  return region;
}

std::vector<Range> ranges_of(const Intervals& use, const std::vector<std::uint64_t>& bases) {
  std::vector<Range> ranges;
  for (const auto& [begin, end] : use.ranges()) {
    const std::uint32_t region = region_of(bases, begin);
    ranges.push_back({region, begin - bases[region], std::vector<std::byte>(end - begin)});
  }
  return ranges;
}

Result<void> fetch(std::vector<Range>& ranges, const std::vector<std::uint64_t>& bases,
                   const core::ObservedLaunch& launch) {
  for (Range& range : ranges) {
    if (auto read = launch.read(bases[range.region] + range.offset, range.bytes); !read)
      return read;
  }
  return {};
}

}  // namespace

Result<Recorder::Pending> Recorder::before(const core::ObservedLaunch& launch) {
  Pending pending;
  // Bindings that overlap, and so may alias, share a region. Buffers that merely touch do too,
  // because ranges must not cross regions; which does no harm.
  Intervals bound;
  std::vector<StepMemory> memory;
  for (const core::ObservedStep& step : launch.steps) {
    for (const spec::Binding& binding : step.bindings) {
      bound.insert(binding.offset, binding.offset + binding.size);
    }
    memory.push_back({step.program->contents()->image.commands, step.bindings});
  }
  for (const auto& [begin, end] : bound.ranges()) {
    pending.bases.push_back(begin);
    pending.launch.regions.push_back(end - begin);
  }
  for (const core::ObservedStep& step : launch.steps) {
    RecordedStep recorded{.name = step.program->name(),
                          .image = step.program->contents()->image,
                          .verified = step.program->verified(),
                          .windows = {},
                          .scalars = step.scalars};
    for (const spec::Binding& binding : step.bindings) {
      if (binding.size == 0) {
        recorded.windows.push_back({0, 0, 0, binding.rights});
        continue;
      }
      const std::uint32_t region = region_of(pending.bases, binding.offset);
      recorded.windows.push_back(
          {region, binding.offset - pending.bases[region], binding.size, binding.rights});
    }
    pending.launch.steps.push_back(std::move(recorded));
  }
  const MemoryUse use = memory_use(memory, launch.device->config);
  pending.launch.inputs = ranges_of(use.read, pending.bases);
  pending.outputs = ranges_of(use.written, pending.bases);
  if (auto read = fetch(pending.launch.inputs, pending.bases, launch); !read) {
    return tl::unexpected(read.error());
  }
  return pending;
}

Result<void> Recorder::after(Pending& pending, const core::ObservedLaunch& launch) {
  if (!*launch.outcome) {
    pending.launch.error = launch.outcome->error().what;
    return {};
  }
  pending.launch.outputs = std::move(pending.outputs);
  return fetch(pending.launch.outputs, pending.bases, launch);
}

void Recorder::observe(const core::ObservedLaunch& launch) {
  const std::lock_guard lock(mutex_);
  bundle_.device = launch.device->uri;
  if (launch.moment == core::LaunchMoment::kBefore) {
    auto pending = before(launch);
    if (!pending) return complain("cannot record a launch: " + pending.error().message());
    pending_.insert_or_assign(launch.device, std::move(*pending));
    return;
  }
  auto pending = pending_.extract(launch.device);
  if (pending.empty()) return;
  if (auto read = after(pending.mapped(), launch); !read) {
    return complain("cannot record a launch: " + read.error().message());
  }
  bundle_.launches.push_back(std::move(pending.mapped().launch));
  if (bundle_.launches.back().error) write();
}

void Recorder::write() {
  std::error_code ignored;
  if (!owns_path_ && std::filesystem::exists(path_, ignored)) {
    path_ += "." + std::to_string(::getpid());
    complain("the recording exists already, writing " + path_.string());
  }
  owns_path_ = true;
  if (auto written = io::write_file(path_, serialize(bundle_)); !written) {
    complain("cannot write the recording: " + written.error().message());
  }
}

Recorder::~Recorder() {
  if (!bundle_.launches.empty()) write();
}

void record_if_asked() {
  [[maybe_unused]] static const bool asked = [] {
    const char* path = std::getenv(kRecordVariable);
    if (path == nullptr || *path == '\0') return false;
    core::set_launch_observer(std::make_shared<Recorder>(path));
    return true;
  }();
}

}  // namespace weft::bundle
