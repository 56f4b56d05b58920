// SPDX-License-Identifier: Apache-2.0
// shared.h: a card that is opened and loaded once in a process, whatever number of its engines are
// used: XRT does not load an xclbin a second time.
//
// Cards are told apart by number and xclbin. Opening and releasing one exclude each other, so that
// an engine never joins a card that is on its way out.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "runtime/devices/xilinx/options.h"
#include "weft/result.h"

namespace weft::xilinx {

template <class Card>
class Shared {
 public:
  Shared() = default;
  Shared(Shared&& other) noexcept : card_(std::move(other.card_)) {}
  Shared& operator=(Shared&& other) noexcept {
    std::swap(card_, other.card_);
    return *this;
  }
  ~Shared() {
    if (card_ == nullptr) return;
    const std::lock_guard lock(mutex());
    card_.reset();
  }

  // The card another engine has open, else what `open` returns: a Result<std::shared_ptr<Card>>.
  template <class Open>
  [[nodiscard]] static Result<Shared> join(const Options& options, Open open) {
    const std::lock_guard lock(mutex());
    std::weak_ptr<Card>& known = cards()[{options.index, options.xclbin.string()}];
    Shared shared;
    shared.card_ = known.lock();
    if (shared.card_ == nullptr) {
      auto opened = open();
      if (!opened) return tl::unexpected(opened.error());
      shared.card_ = std::move(*opened);
      known = shared.card_;
    }
    return shared;
  }

  // Nobody joins this card any more: one of its launches does not end.
  void set_apart() {
    const std::lock_guard lock(mutex());
    std::erase_if(cards(), [&](const auto& each) { return each.second.lock() == card_; });
  }

  [[nodiscard]] Card* operator->() const { return card_.get(); }
  [[nodiscard]] Card& operator*() const { return *card_; }

 private:
  using Cards = std::map<std::pair<std::uint32_t, std::string>, std::weak_ptr<Card>>;

  // Never destroyed: a program may keep a device until its own end.
  static std::mutex& mutex() {
    static auto& made = *new std::mutex;
    return made;
  }
  static Cards& cards() {
    static auto& made = *new Cards;
    return made;
  }

  std::shared_ptr<Card> card_;
};

}  // namespace weft::xilinx
