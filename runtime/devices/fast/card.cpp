// SPDX-License-Identifier: Apache-2.0
#include "runtime/devices/fast/card.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/core/launch_image.h"
#include "runtime/devices/fast/float_environment.h"
#include "runtime/devices/fast/write_digest.h"
#include "runtime/program/check.h"

namespace weft::fast {
namespace {

constexpr std::uint64_t kCompletionAlignment = 512;
constexpr std::uint64_t kRecordAlignment = 64;
constexpr std::uint32_t kAllRights = 3;

bool placed(std::uint64_t offset, std::uint64_t alignment) {
  return offset % alignment == 0 && offset >> spec::kAddressBits == 0;
}

bool launch_ok(const spec::Launch& launch, bool reserved_zero) {
  const bool runs = launch.mode == spec::LaunchMode::kRun;
  return launch.magic == spec::kMagic && reserved_zero && spec::ranges_ok(launch) &&
         launch.mode != spec::LaunchMode::kNone &&
         placed(launch.completion, kCompletionAlignment) &&
         (!runs || (placed(launch.list, kRecordAlignment) && launch.entries >= 1 &&
                    launch.entries <= spec::kMaxPrograms));
}

bool entry_ok(const spec::Entry& entry, bool reserved_zero) {
  return reserved_zero && placed(entry.program, kRecordAlignment) &&
         placed(entry.binding_table, kRecordAlignment) && entry.commands >= 1 &&
         entry.commands <= spec::kMaxCommands && entry.bindings <= spec::kMaxBindings;
}

bool binding_ok(const spec::Binding& binding, bool reserved_zero) {
  return reserved_zero && placed(binding.offset, kRecordAlignment) &&
         binding.size >> spec::kAddressBits == 0 && binding.rights <= kAllRights;
}

}  // namespace

std::span<const std::byte> Card::fetch(std::uint64_t offset, std::uint64_t bytes,
                                       Outcome& outcome) const {
  if (offset <= arena_.size() && bytes <= arena_.size() - offset) {
    return arena_.subspan(offset, bytes);
  }
  outcome.fault = spec::Fault::kReadError;
  outcome.address = offset;
  return {};
}

Result<void> Card::launch(std::uint64_t record_offset) {
  Outcome outcome;
  const auto bytes = fetch(record_offset, core::kLaunchBytes, outcome);
  if (bytes.empty()) {
    return fail(Code::kDeviceLost,
                fmt::format("launch record at {} lies outside the arena", record_offset));
  }
  const auto record = bytes.first<core::kLaunchBytes>();
  const spec::Launch launch = spec::unpack_launch(record);
  if (!launch_ok(launch, spec::reserved_zero_launch(record))) {
    outcome.fault = spec::Fault::kBadRecord;
  } else if (launch.mode == spec::LaunchMode::kRun) {
    if (launch.spec_hash != spec::kSpecHash) {
      outcome.fault = spec::Fault::kBadSpec;
    } else {
      run_list(launch, outcome);
    }
  }
  if (launch.magic != spec::kMagic) {
    return fail(Code::kDeviceLost, "the launch record has no magic, so no place for an answer");
  }
  return complete(launch.completion, outcome);
}

void Card::run_list(const spec::Launch& launch, Outcome& outcome) {
  const FloatEnvironment environment;
  digests_.clear();
  for (; outcome.program < launch.entries; ++outcome.program) {
    outcome.command = 0;
    const auto bytes =
        fetch(launch.list + outcome.program * core::kEntryBytes, core::kEntryBytes, outcome);
    if (bytes.empty()) return;
    const auto record = bytes.first<core::kEntryBytes>();
    const spec::Entry entry = spec::unpack_entry(record);
    if (!entry_ok(entry, spec::reserved_zero_entry(record))) {
      outcome.fault = spec::Fault::kBadRecord;
      return;
    }
    run_entry(entry, outcome);
    if (outcome.fault != spec::Fault::kNone) return;
  }
}

void Card::run_entry(const spec::Entry& entry, Outcome& outcome) {
  std::array<spec::Binding, spec::kMaxBindings> table{};
  const auto bytes = fetch(entry.binding_table, entry.bindings * core::kBindingBytes, outcome);
  if (outcome.fault != spec::Fault::kNone) return;
  for (std::size_t i = 0; i < entry.bindings; ++i) {
    const auto record = bytes.subspan(i * core::kBindingBytes).first<core::kBindingBytes>();
    table[i] = spec::unpack_binding(record);
    if (!binding_ok(table[i], spec::reserved_zero_binding(record))) {
      outcome.fault = spec::Fault::kBadRecord;
      return;
    }
  }
  const std::span<const spec::Binding> bindings = std::span(table).first(entry.bindings);

  UnitCounts earlier{};
  for (; outcome.command < entry.commands; ++outcome.command) {
    const auto fetched = fetch(entry.program + std::uint64_t{outcome.command} * spec::kCommandBytes,
                               spec::kCommandBytes, outcome);
    if (fetched.empty()) return;
    const auto command = fetched.first<spec::kCommandBytes>();
    outcome.fault = check_command(command, earlier, bindings, config_);
    if (outcome.fault != spec::Fault::kNone) return;
    execute(command, bindings, entry.scalar, outcome);
    if (outcome.fault != spec::Fault::kNone) return;
    if (keep_digests_) {
      CommandBytes bytes_of_command;
      std::copy(command.begin(), command.end(), bytes_of_command.begin());
      digests_[{outcome.program, outcome.command}] =
          write_digest(bytes_of_command, bindings, pads_, arena_);
    }
    const std::size_t unit = std::to_integer<std::size_t>(command[0]) - 1;
    ++earlier[unit];
    ++outcome.retired[unit];
  }
}

void Card::execute(std::span<const std::byte, spec::kCommandBytes> command,
                   std::span<const spec::Binding> bindings, const Scalars& scalars,
                   Outcome& outcome) {
  // What of a binding lies outside the arena answers with an error, as memory does.
  const auto window = [&](std::uint8_t index, spec::Unit unit,
                          spec::Fault fault) -> std::span<std::byte> {
    const spec::Binding& binding = bindings[index];
    if (binding.offset <= arena_.size() && binding.size <= arena_.size() - binding.offset) {
      return arena_.subspan(binding.offset, binding.size);
    }
    outcome.fault = fault;
    outcome.unit = static_cast<std::uint32_t>(unit);
    outcome.address = binding.offset;
    return {};
  };
  switch (static_cast<spec::Opcode>(command[0])) {
    case spec::Opcode::kLoad: {
      const spec::Load load = spec::unpack_load(command);
      std::span<const std::byte> memory;
      if (load.source != spec::Source::kV) {
        memory = window(load.binding, spec::Unit::kLoad, spec::Fault::kReadError);
      }
      if (outcome.fault != spec::Fault::kNone) return;
      if (const auto index = bad_index(load, pads_)) {
        outcome.fault = spec::Fault::kIndexOutOfRange;
        outcome.unit = static_cast<std::uint32_t>(spec::Unit::kLoad);
        outcome.address = *index;
        return;
      }
      return run_load(load, memory, scalars, pads_);
    }
    case spec::Opcode::kMatmul:
      return run_matmul(spec::unpack_matmul(command), pads_);
    case spec::Opcode::kVector:
      return run_vector(spec::unpack_vector(command), scalars, pads_);
    case spec::Opcode::kStore: {
      const spec::Store store = spec::unpack_store(command);
      const auto memory = window(store.binding, spec::Unit::kStore, spec::Fault::kWriteError);
      if (outcome.fault == spec::Fault::kNone) run_store(store, memory, pads_);
      return;
    }
  }
}

Result<void> Card::complete(std::uint64_t offset, const Outcome& outcome) {
  if (offset % kCompletionAlignment != 0 || offset > arena_.size() ||
      core::kCompletionBytes > arena_.size() - offset) {
    return fail(Code::kDeviceLost,
                fmt::format("completion record at {} lies outside the arena", offset));
  }
  const bool faulted = outcome.fault != spec::Fault::kNone;
  spec::Completion record;
  record.magic = spec::kMagic;
  record.status = faulted ? spec::Status::kFault : spec::Status::kDone;
  record.spec_hash = spec::kSpecHash;
  if (faulted) {
    record.fault = static_cast<std::uint32_t>(outcome.fault);
    record.fault_program = outcome.program;
    record.fault_command = outcome.command;
    record.fault_unit = outcome.unit;
    record.fault_address = outcome.address;
  }
  record.array_rows = static_cast<std::uint16_t>(config_.array_rows);
  record.array_columns = static_cast<std::uint16_t>(config_.array_columns);
  record.array_depth = static_cast<std::uint16_t>(config_.array_depth);
  record.lanes = static_cast<std::uint16_t>(config_.array_columns);
  record.axi_bytes = config_.axi_bytes;
  record.a_bytes = config_.a_bytes;
  record.b_bytes = config_.b_bytes;
  record.v_bytes = config_.v_bytes;
  record.retired = outcome.retired;
  const auto bytes = spec::pack(record);
  std::copy(bytes.begin(), bytes.end(), arena_.begin() + static_cast<std::ptrdiff_t>(offset));
  return {};
}

}  // namespace weft::fast
