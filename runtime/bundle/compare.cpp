// SPDX-License-Identifier: Apache-2.0
#include "runtime/bundle/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <span>

#include "runtime/program/asm.h"
#include "runtime/program/check.h"
#include "runtime/program/footprint.h"

namespace weft::bundle {
namespace {

using Bytes = std::span<const std::byte>;

// Whether the fields of a command make sense, so that its footprint does.
bool well_formed(const CommandBytes& command) {
  UnitCounts many;
  many.fill(spec::kMaxCommands);
  const spec::Fault fault = check_command(command, many, {}, spec::kConfigs[0]);
  return fault == spec::Fault::kNone || fault > spec::Fault::kBadAfter;
}

// How a command sees the memory of its binding.
struct View {
  std::string format;
  std::uint64_t element = 1;  // bytes
  std::uint64_t row_stride = 0;
  std::optional<Box> groups;         // of more than one group of rows
  std::optional<spec::Load> packed;  // a load of packed MXINT8
};

// The rows of a transfer as its command gives them, in bytes of the binding. They may overlap,
// which those of a footprint do not.
template <class Transfer>
std::optional<Box> groups_of(const Transfer& c) {
  if (c.extra_groups == 0) return {};
  return Box{
      c.offset,      c.rows, c.row_stride, c.cols * element_bytes(c.format), 1u + c.extra_groups,
      c.group_stride};
}

std::optional<View> view_of(const CommandBytes& command) {
  if (command[0] == static_cast<std::byte>(spec::Opcode::kLoad)) {
    const spec::Load load = spec::unpack_load(command);
    View view{std::string(name(load.format)),
              element_bytes(load.format),
              load.row_stride,
              groups_of(load),
              {}};
    if (load.format == spec::LoadFormat::kMxint8) view.packed = load;
    return view;
  }
  if (command[0] == static_cast<std::byte>(spec::Opcode::kStore)) {
    const spec::Store store = spec::unpack_store(command);
    return View{std::string(name(store.format)),
                element_bytes(store.format),
                store.row_stride,
                groups_of(store),
                {}};
  }
  return {};
}

// Where a unit lies in a box: in the first group that holds it. Rows may overlap.
struct Spot {
  std::uint64_t group = 0;
  std::uint64_t row = 0;
  std::uint64_t within = 0;  // units from the start of the row
};

std::optional<Spot> find(const Box& box, std::uint64_t unit) {
  for (std::uint64_t group = 0; group < box.groups; ++group) {
    const std::uint64_t start = box.base + group * box.group_pitch;
    if (unit < start) continue;
    const std::uint64_t row =
        box.pitch == 0 ? 0 : std::min((unit - start) / box.pitch, box.count - 1);
    const std::uint64_t within = unit - start - row * box.pitch;
    if (within < box.width) return Spot{group, row, within};
  }
  return {};
}

struct Place {
  std::size_t step = 0;
  std::size_t binding = 0;
  std::size_t command = 0;
  std::uint64_t offset = 0;  // in the binding
};

// The command whose access decided the byte: the first load of an input, the last store of an
// output.
std::optional<Place> find_access(const RecordedLaunch& launch, Side side, std::uint32_t region,
                                 std::uint64_t offset) {
  std::optional<Place> found;
  for (std::size_t s = 0; s < launch.steps.size(); ++s) {
    const RecordedStep& step = launch.steps[s];
    for (std::size_t c = 0; c < step.image.commands.size(); ++c) {
      if (!view_of(step.image.commands[c]) || !well_formed(step.image.commands[c])) continue;
      const Footprint touched = footprint(step.image.commands[c]);
      for (const Region& access : touched.regions()) {
        if (access.space != Space::kMemory || access.writes != (side == Side::kOutputs) ||
            access.binding >= step.windows.size()) {
          continue;
        }
        const Window& window = step.windows[access.binding];
        if (window.region != region || offset < window.offset ||
            !find(access.box, offset - window.offset)) {
          continue;
        }
        found = Place{s, access.binding, c, offset - window.offset};
        if (side == Side::kInputs) return found;
      }
    }
  }
  return found;
}

std::string value_text(const std::string& format, Bytes bytes) {
  std::uint32_t bits = 0;
  for (std::size_t i = bytes.size(); i-- > 0;)
    bits = bits << 8 | static_cast<std::uint32_t>(bytes[i]);
  if (format == "fp32") return fmt::format("{} (0x{:08x})", std::bit_cast<float>(bits), bits);
  if (format == "bf16") return fmt::format("{} (0x{:04x})", std::bit_cast<float>(bits << 16), bits);
  if (format == "word32") {
    return fmt::format("0x{:08x} (FP32 {}, int32 {})", bits, std::bit_cast<float>(bits),
                       static_cast<std::int32_t>(bits));
  }
  return fmt::format("{}", static_cast<std::int8_t>(bits));
}

// Where a byte of packed MXINT8 belongs: "scale of row 3, block 1" or "mantissa of row 3, column
// 7".
std::string packed_place(const spec::Load& load, std::uint64_t offset) {
  const std::uint64_t chunks_per_row =
      (std::uint64_t{load.cols} + spec::kCellColumns - 1) / spec::kCellColumns;
  const std::uint64_t in_tensor = offset - load.offset;
  const std::uint64_t panel_size = panel_bytes(spec::kGroupRows, load.cols);
  const std::uint64_t in_panel = in_tensor % panel_size;
  constexpr std::uint64_t kRunBytes = 64 * (1 + spec::kRunChunks);
  const std::uint64_t in_run = in_panel % kRunBytes;
  std::uint64_t chunk = in_panel / kRunBytes * spec::kRunChunks;
  const bool header = in_run < 64;
  chunk += header ? in_run / 2 : in_run / 64 - 1;
  const std::uint64_t row = in_tensor / panel_size * spec::kGroupRows + chunk / chunks_per_row;
  const std::uint64_t column = chunk % chunks_per_row * spec::kCellColumns;
  if (header)
    return fmt::format("scale of row {}, block {}", row, column / spec::kBlock + in_run % 2);
  return fmt::format("mantissa of row {}, column {}", row, column + in_run % 64);
}

// "row 3, column 7" of the binding, seen as a matrix of the command's stride; where the command
// moves groups of rows, "group 2, row 3, column 7" of what it moves.
std::string element_place(const View& view, std::uint64_t start) {
  if (view.groups) {
    const auto spot = find(*view.groups, start);
    return fmt::format("group {}, row {}, column {}", spot->group, spot->row,
                       spot->within / view.element);
  }
  const std::uint64_t stride = view.row_stride;
  return fmt::format("row {}, column {}", stride == 0 ? 0 : start / stride,
                     (stride == 0 ? start : start % stride) / view.element);
}

std::string describe(const RecordedLaunch& launch, Side side, std::uint32_t region,
                     std::uint64_t offset, Bytes x, Bytes y, std::uint64_t range_offset) {
  const char* what = side == Side::kInputs ? "input" : "output";
  const auto place = find_access(launch, side, region, offset);
  if (!place) {
    return fmt::format("{} byte {} of region {}: {} against {}", what, offset, region,
                       std::to_integer<int>(x[offset - range_offset]),
                       std::to_integer<int>(y[offset - range_offset]));
  }
  const RecordedStep& step = launch.steps[place->step];
  const CommandBytes& command = step.image.commands[place->command];
  const View view = *view_of(command);
  const std::string where =
      fmt::format("{} '{}' of step {} '{}'", what, step.image.bindings[place->binding].name,
                  place->step, step.name);
  if (view.packed) {
    const auto at = offset - range_offset;
    return fmt::format("{}, byte {}: {}: {} against {} (command {})", where, place->offset,
                       packed_place(*view.packed, place->offset), std::to_integer<int>(x[at]),
                       std::to_integer<int>(y[at]), place->command);
  }
  // The whole element the byte belongs to; elements are aligned to their size in the binding.
  const std::uint64_t start = place->offset / view.element * view.element;
  const std::uint64_t at = offset - range_offset - (place->offset - start);
  if (place->offset - start > offset - range_offset || at + view.element > x.size()) {
    return fmt::format("{}, byte {} (in part of an element)", where, place->offset);
  }
  return fmt::format("{}, {}: {} against {} ({} at byte {}, command {}: {})", where,
                     element_place(view, start),
                     value_text(view.format, x.subspan(at, view.element)),
                     value_text(view.format, y.subspan(at, view.element)), view.format, start,
                     place->command, disassemble_command(command, step.image));
}

std::optional<std::string> step_difference(const RecordedStep& x, const RecordedStep& y) {
  const std::size_t commands = std::min(x.image.commands.size(), y.image.commands.size());
  for (std::size_t i = 0; i < commands; ++i) {
    if (x.image.commands[i] == y.image.commands[i]) continue;
    return fmt::format("command {}: {} against {}", i,
                       disassemble_command(x.image.commands[i], x.image),
                       disassemble_command(y.image.commands[i], y.image));
  }
  if (x.image.commands.size() != y.image.commands.size()) {
    return fmt::format("{} commands against {}", x.image.commands.size(), y.image.commands.size());
  }
  if (x.image != y.image) return "the declarations of the program differ";
  for (std::size_t i = 0; i < x.scalars.size(); ++i) {
    if (x.scalars[i] != y.scalars[i]) {
      return fmt::format("scalar {}: 0x{:08x} against 0x{:08x}", i, x.scalars[i], y.scalars[i]);
    }
  }
  for (std::size_t i = 0; i < x.windows.size(); ++i) {
    if (x.windows[i] != y.windows[i]) {
      return fmt::format("binding '{}' is bound differently ({} bytes against {})",
                         x.image.bindings[i].name, x.windows[i].size, y.windows[i].size);
    }
  }
  return {};
}

std::optional<std::string> launch_difference(const RecordedLaunch& x, const RecordedLaunch& y) {
  if (x.steps.size() != y.steps.size()) {
    return fmt::format("{} steps against {}", x.steps.size(), y.steps.size());
  }
  for (std::size_t i = 0; i < x.steps.size(); ++i) {
    if (auto difference = step_difference(x.steps[i], y.steps[i])) {
      return fmt::format("step {} '{}', {}", i, x.steps[i].name, *difference);
    }
  }
  if (auto difference = first_difference(x, Side::kInputs, x.inputs, y.inputs)) return difference;
  if (x.error != y.error) {
    return fmt::format("outcome: {} against {}", x.error.value_or("done"),
                       y.error.value_or("done"));
  }
  // What a faulted launch has written is not specified (docs/engine.md).
  if (x.error) return {};
  return first_difference(x, Side::kOutputs, x.outputs, y.outputs);
}

}  // namespace

std::optional<std::string> first_difference(const RecordedLaunch& launch, Side side,
                                            const std::vector<Range>& x,
                                            const std::vector<Range>& y) {
  for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
    const Range& left = x[i];
    const Range& right = y[i];
    if (left.region != right.region || left.offset != right.offset ||
        left.bytes.size() != right.bytes.size()) {
      return "the launches touch different memory";
    }
    const auto [at, end] = std::mismatch(left.bytes.begin(), left.bytes.end(), right.bytes.begin());
    if (at == left.bytes.end()) continue;
    const auto offset = left.offset + static_cast<std::uint64_t>(at - left.bytes.begin());
    return describe(launch, side, left.region, offset, left.bytes, right.bytes, left.offset);
  }
  if (x.size() != y.size()) return "the launches touch different memory";
  return {};
}

std::optional<std::string> first_difference(const Bundle& x, const Bundle& y) {
  for (std::size_t i = 0; i < std::min(x.launches.size(), y.launches.size()); ++i) {
    if (auto difference = launch_difference(x.launches[i], y.launches[i])) {
      return fmt::format("launch {}: {}", i, *difference);
    }
  }
  if (x.launches.size() != y.launches.size()) {
    return fmt::format("{} launches against {}", x.launches.size(), y.launches.size());
  }
  return {};
}

}  // namespace weft::bundle
