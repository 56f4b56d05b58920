// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/launch_image.h"

#include <algorithm>

namespace weft::core {
namespace {

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t step) {
  return (value + step - 1) / step * step;
}

template <class Bytes>
void put(std::vector<std::byte>& image, std::uint64_t at, const Bytes& record) {
  std::copy(record.begin(), record.end(), image.begin() + static_cast<std::ptrdiff_t>(at));
}

}  // namespace

std::uint64_t launch_image_bytes(std::span<const ImageStep> steps) {
  std::uint64_t bytes = kCompletionBytes + kLaunchBytes + kEntryBytes * steps.size();
  for (const ImageStep& step : steps) bytes += round_up(kBindingBytes * step.bindings.size(), 64);
  return bytes;
}

LaunchImage make_launch_image(std::uint64_t base, spec::LaunchMode mode,
                              std::span<const ImageStep> steps, std::uint32_t stall_limit) {
  LaunchImage image;
  image.completion = base;
  image.launch = base + kCompletionBytes;
  image.bytes.resize(launch_image_bytes(steps));

  spec::Launch launch;
  launch.magic = spec::kMagic;
  launch.mode = mode;
  launch.spec_hash = spec::kSpecHash;
  launch.completion = base;
  launch.list = image.launch + kLaunchBytes;
  launch.entries = static_cast<std::uint32_t>(steps.size());
  launch.stall_limit = stall_limit;
  put(image.bytes, kCompletionBytes, spec::pack(launch));

  std::uint64_t entry_at = kCompletionBytes + kLaunchBytes;
  std::uint64_t table_at = entry_at + kEntryBytes * steps.size();
  for (const ImageStep& step : steps) {
    spec::Entry entry;
    entry.program = step.program;
    entry.commands = step.commands;
    entry.bindings = static_cast<std::uint32_t>(step.bindings.size());
    entry.binding_table = base + table_at;
    entry.scalar = step.scalars;
    put(image.bytes, entry_at, spec::pack(entry));
    entry_at += kEntryBytes;
    for (std::size_t i = 0; i < step.bindings.size(); ++i) {
      put(image.bytes, table_at + kBindingBytes * i, spec::pack(step.bindings[i]));
    }
    table_at += round_up(kBindingBytes * step.bindings.size(), 64);
  }
  return image;
}

}  // namespace weft::core
