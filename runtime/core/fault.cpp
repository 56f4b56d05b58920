// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/fault.h"

#include <fmt/format.h>

#include "runtime/core/program_contents.h"
#include "runtime/program/asm.h"

namespace weft::core {
namespace {

// Faults of the launch as a whole name no command.
bool names_command(spec::Fault fault) {
  return fault != spec::Fault::kBadRecord && fault != spec::Fault::kBadSpec &&
         fault != spec::Fault::kCardLost;
}

}  // namespace

Error describe_fault(const spec::Completion& record, std::span<const PlacedStep> steps) {
  const auto fault = static_cast<spec::Fault>(record.fault);
  Error error{.code = fault == spec::Fault::kCardLost ? Code::kDeviceLost : Code::kFault,
              .what = {},
              .advice = std::string{spec::advice(fault)}};
  error.what = fmt::format("{} ({})", spec::name(fault), spec::doc(fault));
  if (names_command(fault) && record.fault_program < steps.size()) {
    const Program& program = steps[record.fault_program].program;
    error.what += fmt::format(" in step {}, program `{}`", record.fault_program, program.name());
    const ProgramImage& image = program.contents()->image;
    if (record.fault_command < image.commands.size()) {
      error.what += fmt::format(", command {}: {}", record.fault_command,
                                disassemble_command(image.commands[record.fault_command], image));
    }
  }
  if (fault == spec::Fault::kReadError || fault == spec::Fault::kWriteError) {
    error.what +=
        fmt::format(", unit {}, address 0x{:x}",
                    spec::name(static_cast<spec::Unit>(record.fault_unit)), record.fault_address);
  }
  if (fault == spec::Fault::kIndexOutOfRange) {
    error.what += fmt::format(", index {}", static_cast<std::int32_t>(record.fault_address));
  }
  return error;
}

}  // namespace weft::core
