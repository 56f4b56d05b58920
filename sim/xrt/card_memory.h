// SPDX-License-Identifier: Apache-2.0
// card_memory.h: the memory of an emulated card, shared by the front and the simulator.
//
// Sparse: a page exists once something was written to it, until it is given back. Reading what was
// never written gives zeros and makes no page. Addresses are the card's; ranges outside of the
// memory are refused and change nothing.
#pragma once

#include <cstdint>
#include <span>

namespace weft::xrt {

class CardMemory {
 public:
  // `base` and `bytes` are multiples of the page size. Ends the process if the system has none.
  CardMemory(std::uint64_t base, std::uint64_t bytes);
  CardMemory(const CardMemory&) = delete;
  CardMemory& operator=(const CardMemory&) = delete;
  ~CardMemory();

  [[nodiscard]] std::uint64_t base() const { return base_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] bool contains(std::uint64_t address, std::uint64_t bytes) const;

  [[nodiscard]] bool write(std::uint64_t address, std::span<const std::uint8_t> from);
  [[nodiscard]] bool read(std::uint64_t address, std::span<std::uint8_t> to) const;
  // The whole pages of the range become zeros again.
  void give_back(std::uint64_t address, std::uint64_t bytes);

  // A range of it in this process's address space, for a simulator; null if that fails. Both are
  // multiples of the page size.
  [[nodiscard]] std::uint8_t* map(std::uint64_t address, std::uint64_t bytes);

 private:
  std::uint64_t base_;
  std::uint64_t bytes_;
  int file_;
};

}  // namespace weft::xrt
