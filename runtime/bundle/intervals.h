// SPDX-License-Identifier: Apache-2.0
// runtime/bundle/intervals.h: a set of bytes as disjoint ranges, joined where they touch.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>

namespace weft::bundle {

class Intervals {
 public:
  void insert(std::uint64_t begin, std::uint64_t end) {
    if (begin >= end) return;
    auto next = ranges_.upper_bound(begin);
    if (next != ranges_.begin() && std::prev(next)->second >= begin) {
      --next;
      begin = next->first;
    }
    while (next != ranges_.end() && next->first <= end) {
      end = next->second > end ? next->second : end;
      next = ranges_.erase(next);
    }
    ranges_.emplace(begin, end);
  }

  // Calls visit(begin, end) for each part of [begin, end) that is not in the set.
  template <class Visit>
  void each_gap(std::uint64_t begin, std::uint64_t end, Visit visit) const {
    auto next = ranges_.upper_bound(begin);
    if (next != ranges_.begin() && std::prev(next)->second > begin) begin = std::prev(next)->second;
    for (; begin < end && next != ranges_.end() && next->first < end; ++next) {
      if (begin < next->first) visit(begin, next->first);
      begin = next->second;
    }
    if (begin < end) visit(begin, end);
  }

  // First byte to one past the last, in order.
  [[nodiscard]] const std::map<std::uint64_t, std::uint64_t>& ranges() const { return ranges_; }

 private:
  std::map<std::uint64_t, std::uint64_t> ranges_;
};

}  // namespace weft::bundle
