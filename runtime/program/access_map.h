// SPDX-License-Identifier: Apache-2.0
// runtime/program/access_map.h: for every unit of one space, who wrote it last and who read it
// since, as runs of units with the same answer.
//
// Internal to the verifier. A query or update costs the logarithm of the number of runs, plus the
// runs it meets.
#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>

#include "weft/spec.h"

namespace weft {

class AccessMap {
 public:
  static constexpr std::uint32_t kNobody = std::numeric_limits<std::uint32_t>::max();

  // Indices of commands.
  struct Last {
    std::uint32_t writer = kNobody;
    std::array<std::uint32_t, spec::kNumUnits> readers{kNobody, kNobody, kNobody, kNobody};
  };

  // Calls visit(first unit, const Last&) for each run in [begin, end), until it returns false.
  template <class Visit>
  bool each(std::uint64_t begin, std::uint64_t end, Visit visit) const {
    for (auto run = std::prev(runs_.upper_bound(begin)); run != runs_.end() && run->first < end;
         ++run) {
      if (!visit(run->first < begin ? begin : run->first, run->second)) return false;
    }
    return true;
  }

  void read(std::uint64_t begin, std::uint64_t end, std::size_t unit, std::uint32_t command) {
    split(end);
    for (auto run = split(begin); run != runs_.end() && run->first < end; ++run) {
      run->second.readers[unit] = command;
    }
  }

  void write(std::uint64_t begin, std::uint64_t end, std::uint32_t command) {
    split(end);
    const auto first = split(begin);
    first->second = Last{.writer = command};
    runs_.erase(std::next(first), runs_.lower_bound(end));
  }

 private:
  using Runs = std::map<std::uint64_t, Last>;

  // The run that begins exactly at `unit`.
  Runs::iterator split(std::uint64_t unit) {
    const auto run = std::prev(runs_.upper_bound(unit));
    if (run->first == unit) return run;
    return runs_.emplace_hint(std::next(run), unit, run->second);
  }

  Runs runs_{{0, Last{}}};  // a run ends where the next begins; the last one never ends
};

}  // namespace weft
