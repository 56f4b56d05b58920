// SPDX-License-Identifier: Apache-2.0
// shared.h: a card that is opened and loaded once in a process, whatever number of its engines are
// used: XRT's emulation hangs in a second load.
//
// Opening and releasing a card exclude each other, so that an engine never joins a card that is on
// its way out.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

#include "runtime/devices/xilinx/options.h"
#include "weft/result.h"

namespace weft::xilinx {

template <class Card>
class Shared {
 public:
  Shared() = default;
  Shared(Shared&& other) noexcept
      : index_(other.index_), engine_(other.engine_), card_(std::move(other.card_)) {}
  Shared& operator=(Shared&& other) noexcept {
    std::swap(index_, other.index_);
    std::swap(engine_, other.engine_);
    std::swap(card_, other.card_);
    return *this;
  }
  ~Shared() {
    if (card_ == nullptr) return;
    const std::lock_guard lock(mutex());
    card_.reset();
  }

  // The card another engine has open, else what `open` returns: a Result<std::shared_ptr<Card>>.
  // kUnsupported if it is open with another xclbin, kDeviceLost if the engine was given up.
  template <class Open>
  [[nodiscard]] static Result<Shared> join(const Options& options, Open open) {
    const std::lock_guard lock(mutex());
    Known& known = cards()[options.index];
    Shared shared;
    shared.index_ = options.index;
    shared.engine_ = options.engine;
    shared.card_ = known.card.lock();
    if (shared.card_ == nullptr) {
      auto opened = open();
      if (!opened) return tl::unexpected(opened.error());
      shared.card_ = std::move(*opened);
      known = {.xclbin = options.xclbin, .card = shared.card_, .given_up = {}};
      return shared;
    }
    Result<void> free;
    if (known.xclbin != options.xclbin) {
      free = fail(Code::kUnsupported,
                  fmt::format("`{}`: this process has {} open on the card", options.uri,
                              known.xclbin.string()),
                  "close those devices first");
    } else if (known.given_up.contains(options.engine)) {
      free = fail(Code::kDeviceLost,
                  fmt::format("`{}`: a launch of this process on it never ended", options.uri),
                  "start the program again");
    }
    if (free) return shared;
    // It may have been the last: that is released under the lock that is held.
    shared.card_.reset();
    return tl::unexpected(free.error());
  }

  // This process does not open the engine any more: one of its launches does not end.
  void give_up() {
    const std::lock_guard lock(mutex());
    cards()[index_].given_up.insert(engine_);
  }

  [[nodiscard]] Card* operator->() const { return card_.get(); }
  [[nodiscard]] Card& operator*() const { return *card_; }

 private:
  struct Known {
    std::filesystem::path xclbin;
    std::weak_ptr<Card> card;
    std::set<std::uint32_t> given_up;  // engines
  };
  using Cards = std::map<std::uint32_t, Known>;  // by the number of the device

  // Never destroyed: a program may keep a device until its own end.
  static std::mutex& mutex() {
    static auto& made = *new std::mutex;
    return made;
  }
  static Cards& cards() {
    static auto& made = *new Cards;
    return made;
  }

  std::uint32_t index_ = 0;
  std::uint32_t engine_ = 0;
  std::shared_ptr<Card> card_;
};

}  // namespace weft::xilinx
