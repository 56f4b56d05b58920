// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/stream.h"

#include <algorithm>

#include "runtime/core/check.h"
#include "runtime/program/footprint.h"

namespace weft::kernels {
namespace {

// Calls visit(word) for each word of V that a region touches.
template <class Visit>
void for_each_word(const Region& region, Visit visit) {
  if (region.space != Space::kV) return;
  region.box.each_row([&](std::uint64_t begin, std::uint64_t end) {
    const auto last = (end - 1) / spec::kWordElements;
    for (auto word = begin / spec::kWordElements; word <= last; ++word) visit(word);
  });
}

}  // namespace

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
    for_each_word(region, [&](std::uint64_t at) {
      WEFT_CHECK(at < words_.size());
      const Word& word = words_[at];
      wait_for(word.writer, word.written);
      if (!region.writes) return;
      for (std::size_t i = 0; i < after.size(); ++i) after[i] = std::max(after[i], word.read[i]);
    });
  }
  const std::uint32_t count = ++appended_[index];
  for (const Region& region : touched.regions()) {
    for_each_word(region, [&](std::uint64_t at) {
      if (!region.writes) words_[at].read[index] = count;
    });
  }
  for (const Region& region : touched.regions()) {
    for_each_word(region, [&](std::uint64_t at) {
      if (region.writes) words_[at] = {.writer = unit, .written = count};
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
template void CommandStream::append_to(spec::Unit, spec::Vector&);
template void CommandStream::append_to(spec::Unit, spec::Store&);

}  // namespace weft::kernels
