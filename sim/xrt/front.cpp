// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt/front.h"

#include <algorithm>
#include <cstdio>

#include "runtime/xclbin/layout.h"

namespace weft::xrt {
namespace {

// XRT cuts copies into pieces of packet_size.
constexpr std::uint64_t kMostCopied = std::uint64_t{1} << 30;

// Numbers of fields in a call; 0 where it has no such field.
struct Numbers {
  std::uint32_t address = 0;
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  std::uint32_t data = 0;
};

Numbers numbers(Api api) {
  switch (api) {
    case Api::kAllocBuffer:
      return {.address = 1, .size = 2};
    case Api::kFreeBuffer:
      return {.address = 1};
    case Api::kCopyToDevice:
      return {.address = 3, .offset = 6, .size = 5, .data = 4};
    // Field 3 is as long as what is asked for and says nothing.
    case Api::kCopyToHost:
      return {.address = 4, .offset = 6, .size = 5};
    case Api::kWriteRegister:
    case Api::kWriteDeviceRam:
      return {.address = 2, .size = 3, .data = 4};
    case Api::kReadRegister:
    case Api::kReadDeviceRam:
      return {.address = 2, .size = 3};
    default:
      return {};
  }
}

}  // namespace

Front::Arguments Front::arguments(const Call& call) {
  const Numbers where = numbers(call.api);
  Arguments found;
  Reader reader(call.message);
  while (const auto field = reader.next()) {
    if (field->number == where.address) found.address = field->value;
    if (field->number == where.offset) found.offset = field->value;
    if (field->number == where.size) found.size = field->value;
    if (field->number == where.data) found.data = field->bytes;
  }
  return found;
}

void Front::handle(const Call& call, std::vector<std::uint8_t>& answer) {
  Writer writer(answer);
  const Arguments from = arguments(call);
  switch (call.api) {
    case Api::kSetEnvironment:
    case Api::kLoadBitstream:
    case Api::kClose:
      writer.number(1, 1);
      break;
    case Api::kAllocBuffer: {
      const bool inside = memory_.contains(from.address, from.size);
      if (inside) buffers_[from.address] = from.size;
      writer.number(1, inside ? 1 : 0);
      break;
    }
    case Api::kFreeBuffer:
      free_buffer(from.address);
      writer.number(1, 1);
      break;
    case Api::kCopyToDevice:
      copy_to_device(from, writer);
      break;
    case Api::kWriteDeviceRam:
      writer.number(1, memory_.write(from.address, from.data) ? 1 : 0);
      break;
    case Api::kCopyToHost:
      copy_to_host(from, writer, 2);
      break;
    case Api::kReadDeviceRam:
      copy_to_host(from, writer, 2);
      break;
    case Api::kWriteRegister:
      write_registers(from);
      writer.number(1, 1);
      break;
    case Api::kReadRegister:
      read_registers(from, writer);
      break;
    case Api::kTimestamp:
      writer.number(1, 0);
      break;
    case Api::kReadCounters:
    case Api::kTraceCount:
    case Api::kReadTrace:
    case Api::kDebugMessages:
      break;  // all fields are optional
    default:
      std::fprintf(stderr, "weft-xrt-card: XRT made the call %u, which this card does not know\n",
                   static_cast<unsigned>(call.api));
  }
}

void Front::copy_to_device(const Arguments& from, Writer& answer) {
  if (!memory_.write(from.address + from.offset, from.data)) {
    std::fprintf(stderr, "weft-xrt-card: a copy of %zu bytes to 0x%llx could not be made\n",
                 from.data.size(), static_cast<unsigned long long>(from.address + from.offset));
    for (Registers* engine : engines_) engine->lose();  // an answer cannot say so
  }
  answer.number(1, from.data.size());
}

// XRT copies as many bytes as the answer says, so it always gets all it asked for.
void Front::copy_to_host(const Arguments& from, Writer& answer, std::uint32_t data_field) {
  const std::uint64_t address = from.address + from.offset;
  const bool inside = from.size <= kMostCopied && memory_.contains(address, from.size);
  answer.number(1, inside ? from.size : 0);
  if (!inside || !memory_.read(address, answer.room(data_field, from.size))) {
    std::fprintf(stderr, "weft-xrt-card: a copy of %llu bytes from 0x%llx could not be made\n",
                 static_cast<unsigned long long>(from.size),
                 static_cast<unsigned long long>(address));
    for (Registers* engine : engines_) engine->lose();
  }
}

void Front::write_registers(const Arguments& from) {
  for (std::size_t i = 0; i + 4 <= from.data.size(); i += 4) {
    const std::uint32_t value = from.data[i] | from.data[i + 1] << 8 | from.data[i + 2] << 16 |
                                std::uint32_t{from.data[i + 3]} << 24;
    const auto [engine, place] = find_register(from.address + i);
    if (engine != nullptr) engine->write(place, value);
  }
}

void Front::read_registers(const Arguments& from, Writer& answer) {
  const std::uint64_t size = std::min(from.size, xclbin::kUnitRange);
  answer.number(1, 1);
  const auto data = answer.room(2, size);
  for (std::size_t i = 0; i + 4 <= size; i += 4) {
    const auto [engine, place] = find_register(from.address + i);
    const std::uint32_t value = engine != nullptr ? engine->read(place) : 0;
    for (std::size_t k = 0; k < 4; ++k) data[i + k] = static_cast<std::uint8_t>(value >> (8 * k));
  }
}

std::pair<Registers*, std::uint32_t> Front::find_register(std::uint64_t address) const {
  const std::uint64_t from_first = address - xclbin::kUnitBase;
  const std::uint64_t engine = from_first / xclbin::kUnitRange;
  if (engine >= engines_.size()) return {nullptr, 0};
  return {engines_[engine], static_cast<std::uint32_t>(from_first % xclbin::kUnitRange)};
}

void Front::free_buffer(std::uint64_t address) {
  const auto found = buffers_.find(address);
  if (found == buffers_.end()) return;
  memory_.give_back(found->first, found->second);
  buffers_.erase(found);
}

}  // namespace weft::xrt
