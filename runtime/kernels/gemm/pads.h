// SPDX-License-Identifier: Apache-2.0
// Who holds which part of a scratchpad while a gemm is scheduled.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "weft/spec.h"

namespace weft::kernels {

// A or B: a ring of cells. A block is a piece of rows of one panel.
class OperandRing {
 public:
  using Block = std::pair<std::uint32_t, std::uint32_t>;  // panel, first row
  struct Slot {
    std::uint32_t cell = 0;
    std::uint32_t cells = 0;
    std::uint32_t load = 0;  // loads up to and with its own
  };

  explicit OperandRing(std::uint32_t cells) : last_read_(cells) {}

  // The slot of a block that is loaded, or null.
  [[nodiscard]] const Slot* find(const Block& block) const {
    const auto slot = slots_.find(block);
    return slot == slots_.end() ? nullptr : &slot->second;
  }

  // A place for a block, over the oldest ones. Returns it and how many matmul commands must have
  // retired before it may be written.
  [[nodiscard]] std::optional<std::pair<Slot, std::uint32_t>> take(const Block& block,
                                                                   std::uint32_t cells,
                                                                   std::uint32_t load) {
    if (cells > last_read_.size()) return std::nullopt;
    if (next_ + cells > last_read_.size()) next_ = 0;
    const Slot slot{.cell = next_, .cells = cells, .load = load};
    next_ += cells;
    std::erase_if(slots_, [&](const auto& each) {
      return each.second.cell < slot.cell + cells &&
             slot.cell < each.second.cell + each.second.cells;
    });
    slots_.emplace(block, slot);
    const auto first = last_read_.begin() + slot.cell;
    return std::pair(slot, *std::max_element(first, first + cells));
  }

  // Matmul number `matmul` (counting from 1) reads the slot.
  void read(const Slot& slot, std::uint32_t matmul) {
    std::fill_n(last_read_.begin() + slot.cell, slot.cells, matmul);
  }

 private:
  std::map<Block, Slot> slots_;
  std::vector<std::uint32_t> last_read_;  // by cell
  std::uint32_t next_ = 0;
};

// V: blocks of C in its four banks, and at its end the rows of the bias.
class ResultBanks {
 public:
  static constexpr std::uint32_t kBanks = 4;
  struct Slot {
    std::uint32_t word = 0;
    std::uint32_t words = 0;
  };

  ResultBanks(std::uint32_t words, std::uint32_t bias_words)
      : bank_words_(words / kBanks), words_(words - bias_words), last_store_(words), live_(words) {
    for (std::uint32_t bank = 0; bank < kBanks; ++bank) next_[bank] = bank * bank_words_;
  }

  // A place for a block of C in the next bank with room. Returns it and how many store commands
  // must have retired before it may be written.
  [[nodiscard]] std::optional<std::pair<Slot, std::uint32_t>> take(std::uint32_t words) {
    for (std::uint32_t tried = 0; tried < kBanks; ++tried) {
      const std::uint32_t bank = (bank_ + tried) % kBanks;
      const std::uint32_t begin = bank * bank_words_;
      const std::uint32_t end = std::min(begin + bank_words_, words_);
      for (const std::uint32_t word : {next_[bank], begin}) {
        if (word + words > end || std::find(live_.begin() + word, live_.begin() + word + words,
                                            true) != live_.begin() + word + words) {
          continue;
        }
        std::fill_n(live_.begin() + word, words, true);
        next_[bank] = word + words;
        bank_ = bank + 1;
        const auto first = last_store_.begin() + word;
        return std::pair(Slot{.word = word, .words = words},
                         *std::max_element(first, first + words));
      }
    }
    return std::nullopt;
  }

  // Store number `store` (counting from 1) was the last use of the slot.
  void release(const Slot& slot, std::uint32_t store) {
    std::fill_n(live_.begin() + slot.word, slot.words, false);
    std::fill_n(last_store_.begin() + slot.word, slot.words, store);
  }

 private:
  std::uint32_t bank_words_;
  std::uint32_t words_;
  std::array<std::uint32_t, kBanks> next_{};
  std::uint32_t bank_ = 0;
  std::vector<std::uint32_t> last_store_;  // by word
  std::vector<bool> live_;                 // by word
};

}  // namespace weft::kernels
