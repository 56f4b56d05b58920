// SPDX-License-Identifier: Apache-2.0
#include "weft/queue.h"

#include <fmt/format.h>

#include <utility>

#include "runtime/core/device_core.h"
#include "runtime/program/image.h"

namespace weft {
namespace {

std::string_view name(Rights rights) {
  switch (rights) {
    case Rights::kRead:
      return "read";
    case Rights::kWrite:
      return "write";
    case Rights::kReadWrite:
      return "read and write";
  }
  return "?";
}

Result<void> check_needs(const Program& program, std::size_t step, const DeviceInfo& device) {
  const ScratchpadNeeds needs = program.needs();
  const auto check = [&](std::string_view pad, std::uint32_t need,
                         std::uint32_t has) -> Result<void> {
    if (need <= has) return {};
    return fail(Code::kInvalidArgument,
                fmt::format("step {}: program `{}` needs {} bytes of scratchpad {}, `{}` has {}",
                            step, program.name(), need, pad, device.uri, has),
                "compile the program for this configuration");
  };
  if (auto a = check("A", needs.a_bytes, device.config.a_bytes); !a) return a;
  if (auto b = check("B", needs.b_bytes, device.config.b_bytes); !b) return b;
  return check("V", needs.v_bytes, device.config.v_bytes);
}

Result<void> check_overlap(const Program& program, std::size_t step,
                           std::span<const core::PlacedBinding> bindings) {
  for (std::size_t i = 0; i < bindings.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const spec::Binding& x = bindings[i].window;
      const spec::Binding& y = bindings[j].window;
      const bool written = ((x.rights | y.rights) & kRightWrite) != 0;
      if (!written || x.offset >= y.offset + y.size || y.offset >= x.offset + x.size) continue;
      return fail(
          Code::kInvalidArgument,
          fmt::format("step {}: bindings `{}` and `{}` of program `{}` overlap", step,
                      program.bindings()[j].name, program.bindings()[i].name, program.name()),
          "a buffer that is written may be bound once");
    }
  }
  return {};
}

}  // namespace

Result<Event> Queue::submit(const Launch& launch) {
  const DeviceInfo& device = core_->info();
  if (launch.steps.empty() || launch.steps.size() > spec::kMaxPrograms) {
    return fail(Code::kInvalidArgument, fmt::format("a launch of {} steps", launch.steps.size()),
                fmt::format("a launch has 1 to {} steps", spec::kMaxPrograms));
  }
  std::vector<core::PlacedStep> placed;
  placed.reserve(launch.steps.size());
  for (std::size_t number = 0; number < launch.steps.size(); ++number) {
    const Step& step = launch.steps[number];
    const auto declared = step.program.bindings();
    const auto invalid = [&](std::string what, std::string advice = {}) {
      return fail(Code::kInvalidArgument,
                  fmt::format("step {}, program `{}`: {}", number, step.program.name(), what),
                  std::move(advice));
    };
    if (step.program.verified()) {
      if (auto needs = check_needs(step.program, number, device); !needs) {
        return tl::unexpected(needs.error());
      }
    }
    if (step.bindings.size() != declared.size()) {
      return invalid(fmt::format("{} bindings were passed, {} are declared", step.bindings.size(),
                                 declared.size()));
    }
    core::PlacedStep& out = placed.emplace_back(
        core::PlacedStep{.program = step.program, .bindings = {}, .scalars = step.scalars});
    for (std::size_t i = 0; i < declared.size(); ++i) {
      const BufferView& view = step.bindings[i];
      const auto& memory = view.memory_;
      if (memory->core() != core_) {
        return invalid(fmt::format("binding `{}` is a buffer of another device", declared[i].name),
                       "allocate it from the device that runs the launch");
      }
      if (view.offset_ > memory->size() || view.size_ > memory->size() - view.offset_) {
        return invalid(fmt::format("binding `{}`: {} bytes at offset {} do not fit a buffer of {}",
                                   declared[i].name, view.size_, view.offset_, memory->size()));
      }
      if (view.offset_ % core::Arena::kAlignment != 0) {
        return invalid(
            fmt::format("binding `{}` starts at offset {}", declared[i].name, view.offset_),
            "a binding starts at a multiple of 64 bytes");
      }
      if (view.size_ < declared[i].size_bytes) {
        return invalid(
            fmt::format("binding `{}` has {} bytes, {} are declared ({})", declared[i].name,
                        view.size_, declared[i].size_bytes, name(declared[i].rights)),
            "pass a larger buffer");
      }
      out.bindings.push_back(
          {.memory = memory,
           .window = {.offset = memory->offset() + view.offset_,
                      .size = view.size_,
                      .rights = static_cast<std::uint32_t>(declared[i].rights)}});
    }
    if (step.program.verified()) {
      if (auto apart = check_overlap(step.program, number, out.bindings); !apart) {
        return tl::unexpected(apart.error());
      }
    }
  }
  auto pending = core_->submit(std::move(placed), launch.stall_limit);
  if (!pending) return tl::unexpected(pending.error());
  return Event(std::move(*pending));
}

Result<LaunchReport> Queue::run(const Launch& launch) {
  auto event = submit(launch);
  if (!event) return tl::unexpected(event.error());
  return event->wait();
}

Result<LaunchReport> Event::wait(std::chrono::milliseconds bound) {
  return pending_->core->wait(*pending_, bound);
}

}  // namespace weft
