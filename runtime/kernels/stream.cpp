// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/stream.h"

#include <algorithm>

#include "runtime/core/check.h"

namespace weft::kernels {
namespace {

constexpr std::uint64_t kUnitsPerCell = spec::kCellBytes / spec::kBlock;

}  // namespace

CommandStream::CommandStream(const spec::Config& config)
    : words_(config.v_bytes / spec::kWordBytes),
      a_cells_(config.a_bytes / spec::kCellBytes),
      b_cells_(config.b_bytes / spec::kCellBytes) {}

// Scales are in the same cells as mantissas.
template <class Visit>
void CommandStream::for_each_place(const Region& region, Visit visit) {
  std::vector<Place>* places = nullptr;
  std::uint64_t units = kUnitsPerCell;
  if (region.space == Space::kV) {
    places = &words_;
    units = spec::kWordElements;
  } else if (region.space == Space::kAMantissas) {
    places = &a_cells_;
  } else if (region.space == Space::kBMantissas) {
    places = &b_cells_;
  } else {
    return;
  }
  region.box.each_row([&](std::uint64_t begin, std::uint64_t end) {
    const std::uint64_t last = (end - 1) / units;
    WEFT_CHECK(last < places->size());
    for (auto at = begin / units; at <= last; ++at) visit((*places)[at]);
  });
}

template <class AnyCommand>
void CommandStream::append_to(spec::Unit unit, AnyCommand& command) {
  const auto index = static_cast<std::size_t>(unit);
  const auto touched = footprint(spec::pack(command));
  Counts after{};
  const auto wait_for = [&](spec::Unit other, std::uint32_t count) {
    auto& least = after[static_cast<std::size_t>(other)];
    least = std::max(least, count);
  };
  for (const Region& region : touched.regions()) {
    for_each_place(region, [&](const Place& place) {
      wait_for(place.writer, place.written);
      if (!region.writes) return;
      for (std::size_t i = 0; i < after.size(); ++i) after[i] = std::max(after[i], place.read[i]);
    });
  }
  const std::uint32_t count = ++appended_[index];
  for (const Region& region : touched.regions()) {
    for_each_place(region, [&](Place& place) {
      if (!region.writes) place.read[index] = count;
    });
  }
  for (const Region& region : touched.regions()) {
    for_each_place(region, [&](Place& place) {
      if (region.writes) place = {.writer = unit, .written = count};
    });
  }
  // Counts beyond 16 bits belong to programs that are too long, which are cut and made again.
  command.after_load = static_cast<std::uint16_t>(after[0]);
  command.after_matmul = static_cast<std::uint16_t>(after[1]);
  command.after_vector = static_cast<std::uint16_t>(after[2]);
  command.after_store = static_cast<std::uint16_t>(after[3]);
  commands_.emplace_back(command);
}

template void CommandStream::append_to(spec::Unit, spec::Load&);
template void CommandStream::append_to(spec::Unit, spec::Matmul&);
template void CommandStream::append_to(spec::Unit, spec::Vector&);
template void CommandStream::append_to(spec::Unit, spec::Store&);

}  // namespace weft::kernels
