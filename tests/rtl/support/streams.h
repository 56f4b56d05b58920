// SPDX-License-Identifier: Apache-2.0
// Both ends of a valid/ready stream, stalling at random.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "tests/conformance/random.h"

namespace weft::test {

// Stalls in phases: none, seldom, half of the time, nearly always.
class Stalls {
 public:
  explicit Stalls(Dice& dice) : dice_(&dice) {}

  bool operator()() {
    if (left_-- == 0) {
      left_ = static_cast<unsigned>(dice_->between(8, 96));
      percent_ = dice_->pick(std::vector<unsigned>{0, 0, 10, 50, 90});
    }
    return dice_->between(0, 99) < percent_;
  }

 private:
  Dice* dice_;
  unsigned left_ = 0;
  unsigned percent_ = 0;
};

// Offers its elements in order; an offer stands until it is taken.
template <class T>
class Source {
 public:
  explicit Source(Dice& dice) : stalls_(dice) {}

  void push(T element) { elements_.push_back(std::move(element)); }
  [[nodiscard]] bool empty() const { return elements_.empty(); }
  [[nodiscard]] std::size_t size() const { return elements_.size(); }

  // Before settle(): valid or not.
  bool offer() {
    offered_ = !elements_.empty() && (offered_ || !stalls_());
    return offered_;
  }
  [[nodiscard]] const T& front() const { return elements_.front(); }

  // After settle(). True if the element went.
  bool taken(bool ready) {
    if (!offered_ || !ready) return false;
    elements_.pop_front();
    offered_ = false;
    return true;
  }

 private:
  Stalls stalls_;
  std::deque<T> elements_;
  bool offered_ = false;
};

}  // namespace weft::test
