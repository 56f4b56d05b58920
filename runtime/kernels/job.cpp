// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/job.h"

#include <fmt/format.h>

#include <array>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

namespace weft::kernels {
namespace {

Result<Program> program(const Job& job, const std::vector<Command>& commands) {
  ProgramBuilder builder(job.name);
  for (const BindingDeclaration& each : job.bindings) {
    builder.bind(each.name, each.size_bytes, each.rights);
  }
  for (const std::string& each : job.scalars) builder.scalar(each);
  for (const Command& command : commands) {
    std::visit([&](const auto& each) { builder.append(each); }, command);
  }
  return std::move(builder).finalise();
}

Result<Programs> make(const spec::Config& config, const Job& job) {
  std::vector<Program> programs;
  std::deque<Range> ranges{{0, job.parts}};
  while (!ranges.empty()) {
    const Range range = ranges.front();
    ranges.pop_front();
    // A part has a command at least, so a range this long need not be tried.
    if (range.end - range.begin <= spec::kMaxCommands) {
      CommandStream stream(config);
      job.append(stream, range);
      if (stream.commands().size() <= spec::kMaxCommands) {
        auto verified = program(job, stream.commands());
        if (!verified) return tl::unexpected(verified.error());
        programs.push_back(std::move(*verified));
        continue;
      }
    }
    if (job.one_program || range.end - range.begin == 1) {
      return fail(Code::kUnsupported,
                  fmt::format("{} takes more than {} commands", job.name, spec::kMaxCommands));
    }
    const std::uint32_t middle = range.begin + (range.end - range.begin) / 2;
    ranges.push_front({middle, range.end});
    ranges.push_front({range.begin, middle});
  }
  return std::make_shared<const std::vector<Program>>(std::move(programs));
}

}  // namespace

Result<Programs> make_programs(const DeviceInfo& device, const Job& job) {
  const spec::Config& config = device.config;
  using Key = std::pair<std::array<std::uint32_t, 4>, std::string>;
  static std::mutex mutex;
  static std::map<Key, Programs> cache;
  const Key key{{config.a_bytes, config.b_bytes, config.v_bytes, config.axi_bytes}, job.name};
  const std::lock_guard lock(mutex);
  if (const auto known = cache.find(key); known != cache.end()) return known->second;
  auto programs = make(config, job);
  if (programs) cache.emplace(key, *programs);
  return programs;
}

}  // namespace weft::kernels
