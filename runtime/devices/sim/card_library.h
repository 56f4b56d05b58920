// SPDX-License-Identifier: Apache-2.0
// CardLibrary: the functions of sim/include/weft_card.h from a shared object found by name.
#pragma once

#include <memory>
#include <string>

#include "sim/include/weft_card.h"
#include "weft/result.h"

namespace weft::sim {

class CardLibrary {
 public:
  // kNotFound names the folders that were searched; kUnsupported if the object is not a card.
  [[nodiscard]] static Result<CardLibrary> load(const std::string& file_name);

  decltype(&weft_card_open) open = nullptr;
  decltype(&weft_card_close) close = nullptr;
  decltype(&weft_card_memory) memory = nullptr;
  decltype(&weft_card_memory_bytes) memory_bytes = nullptr;
  decltype(&weft_card_memory_base) memory_base = nullptr;
  decltype(&weft_card_write_register) write_register = nullptr;
  decltype(&weft_card_read_register) read_register = nullptr;
  decltype(&weft_card_launch) launch = nullptr;
  decltype(&weft_card_last_cycles) last_cycles = nullptr;
  decltype(&weft_card_fault) fault = nullptr;
  decltype(&weft_card_error) error = nullptr;
  decltype(&weft_card_digests) digests = nullptr;
  decltype(&weft_card_reset) reset = nullptr;

 private:
  struct Close {
    void operator()(void* handle) const;
  };
  std::unique_ptr<void, Close> handle_;
};

}  // namespace weft::sim
