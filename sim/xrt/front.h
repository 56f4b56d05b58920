// SPDX-License-Identifier: Apache-2.0
// front.h: answers the calls of XRT's emulation, one by one.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "sim/xrt/card_memory.h"
#include "sim/xrt/channel.h"
#include "sim/xrt/registers.h"

namespace weft::xrt {

class Front {
 public:
  // `engines`: the registers of engine 1, and of others behind them.
  Front(CardMemory& memory, std::vector<Registers*> engines)
      : memory_(memory), engines_(std::move(engines)) {}

  // Appends the message of the answer to `answer`. Calls it does not know get an empty one.
  void handle(const Call& call, std::vector<std::uint8_t>& answer);

 private:
  // The fields of the calls this card has to do with; each call numbers them in its own way.
  struct Arguments {
    std::uint64_t address = 0;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    Bytes data;
  };
  static Arguments arguments(const Call& call);

  void copy_to_device(const Arguments& from, Writer& answer);
  void copy_to_host(const Arguments& from, Writer& answer, std::uint32_t data_field);
  void write_registers(const Arguments& from);
  void read_registers(const Arguments& from, Writer& answer);
  // Whose register is at this address, and where it is among them; null if nobody's.
  [[nodiscard]] std::pair<Registers*, std::uint32_t> find_register(std::uint64_t address) const;
  void free_buffer(std::uint64_t address);

  CardMemory& memory_;
  std::vector<Registers*> engines_;
  std::map<std::uint64_t, std::uint64_t> buffers_;  // address to size
};

}  // namespace weft::xrt
