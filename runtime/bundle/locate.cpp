// SPDX-License-Identifier: Apache-2.0
#include "runtime/bundle/locate.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "runtime/bundle/replay.h"
#include "runtime/program/asm.h"

namespace weft::bundle {
namespace {

// Rows of A or B brought to memory at once: their product with the identity fits the smallest V.
constexpr std::uint32_t kRowsAtOnce = 128;
constexpr std::uint32_t kWindowAlignment = 64;

std::uint32_t words(std::uint32_t columns) {
  return (columns + spec::kWordElements - 1) / spec::kWordElements;
}

// A launch cut after one command, with a probe that stores what that command wrote.
class Probe {
 public:
  Probe(const RecordedLaunch& launch, std::size_t step, std::size_t command) : launch_(launch) {
    launch_.steps.resize(step + 1);
    launch_.outputs.clear();
    launch_.error.reset();
    step_ = &launch_.steps.back();
    step_->image.commands.resize(command + 1);
    step_->verified = false;  // it was verified as a whole, or never
    for (const CommandBytes& bytes : step_->image.commands) {
      ++counts_[std::to_integer<std::size_t>(bytes[0]) - 1];
    }
  }

  // False if the program leaves no room for the probe.
  [[nodiscard]] bool add(const CommandBytes& command) {
    switch (static_cast<spec::Opcode>(command[0])) {
      case spec::Opcode::kLoad: {
        const spec::Load load = spec::unpack_load(command);
        if (load.target == spec::Target::kV) return add_v(load.rows, load.cols, load.dst, load.dst_pitch);
        return add_operand(load);
      }
      case spec::Opcode::kMatmul: {
        const spec::Matmul matmul = spec::unpack_matmul(command);
        return add_v(matmul.m, matmul.n, matmul.dst, matmul.dst_pitch);
      }
      case spec::Opcode::kVector: {
        const spec::Vector vector = spec::unpack_vector(command);
        return add_v(vector.rows, vector.cols, vector.dst, vector.dst_pitch);
      }
      case spec::Opcode::kStore:
        return add_memory(spec::unpack_store(command));
    }
    return false;
  }

  [[nodiscard]] const RecordedLaunch& launch() const { return launch_; }

 private:
  // A new binding on a region of its own; its index.
  std::optional<std::uint8_t> bind(const std::string& name, std::uint64_t bytes,
                                   std::uint32_t rights) {
    if (step_->windows.size() >= spec::kMaxBindings) return {};
    bytes = (bytes + kWindowAlignment - 1) / kWindowAlignment * kWindowAlignment;
    launch_.regions.push_back(bytes);
    const auto region = static_cast<std::uint32_t>(launch_.regions.size() - 1);
    step_->windows.push_back({region, 0, bytes, rights});
    step_->image.bindings.push_back({"." + name, bytes, rights});
    if (rights == kRightWrite) launch_.outputs.push_back({region, 0, std::vector<std::byte>(bytes)});
    return static_cast<std::uint8_t>(step_->windows.size() - 1);
  }

  // Appends a command that starts when all earlier ones have retired.
  template <class Command>
  void append(Command command, spec::Unit unit) {
    command.after_load = static_cast<std::uint16_t>(counts_[0]);
    command.after_matmul = static_cast<std::uint16_t>(counts_[1]);
    command.after_vector = static_cast<std::uint16_t>(counts_[2]);
    command.after_store = static_cast<std::uint16_t>(counts_[3]);
    step_->image.commands.push_back(spec::pack(command));
    ++counts_[static_cast<std::size_t>(unit)];
  }

  void store(std::uint8_t binding, std::uint64_t offset, std::uint32_t rows, std::uint32_t cols,
             std::uint32_t src, std::uint32_t pitch) {
    append(spec::Store{.format = spec::StoreFormat::kWord32,
                       .binding = binding,
                       .rows = static_cast<std::uint16_t>(rows),
                       .cols = static_cast<std::uint16_t>(cols),
                       .offset = offset,
                       .row_stride = cols * 4,
                       .src = static_cast<std::uint16_t>(src),
                       .src_pitch = static_cast<std::uint16_t>(pitch)},
           spec::Unit::kStore);
  }

  bool add_v(std::uint32_t rows, std::uint32_t cols, std::uint32_t dst, std::uint32_t pitch) {
    const auto binding = bind("probe", std::uint64_t{4} * rows * cols, kRightWrite);
    if (binding) store(*binding, 0, rows, cols, dst, pitch);
    return binding.has_value();
  }

  // What a store wrote is in memory already.
  bool add_memory(const spec::Store& store) {
    const std::uint32_t element = store.format == spec::StoreFormat::kWord32  ? 4
                                  : store.format == spec::StoreFormat::kBf16 ? 2
                                                                             : 1;
    const Window& window = step_->windows[store.binding];
    for (std::uint32_t row = 0; row < store.rows; ++row) {
      const std::uint64_t offset = store.offset + std::uint64_t{row} * store.row_stride;
      launch_.outputs.push_back({window.region, window.offset + offset,
                                 std::vector<std::byte>(std::size_t{element} * store.cols)});
    }
    return true;
  }

  // The identity in both forms: 64 rows of 64 int8, then 64 rows of 64 FP32.
  std::optional<std::uint8_t> bind_identity() {
    constexpr std::uint32_t kSide = spec::kCellColumns;
    const auto binding = bind("identity", kSide * kSide * 5, kRightRead);
    if (!binding) return {};
    std::vector<std::byte> bytes(kSide * kSide * 5);
    for (std::uint32_t i = 0; i < kSide; ++i) {
      bytes[i * kSide + i] = std::byte{1};
      const auto one = std::bit_cast<std::array<std::byte, 4>>(1.0f);
      std::copy(one.begin(), one.end(), bytes.begin() + kSide * kSide + 4 * (i * kSide + i));
    }
    launch_.inputs.push_back({step_->windows.back().region, 0, std::move(bytes)});
    return binding;
  }

  bool add_operand(const spec::Load& load) {
    const bool scaled = load.format != spec::LoadFormat::kInt8;
    const std::uint32_t columns = (load.cols + spec::kBlock - 1u) / spec::kBlock * spec::kBlock;
    const auto identity = bind_identity();
    if (!identity) return false;
    const auto probe =
        bind("probe", std::uint64_t{4} * load.rows * columns * (scaled ? 2 : 1), kRightWrite);
    if (!probe) return false;
    std::uint64_t offset = 0;
    for (const bool with_scales : {false, true}) {
      if (with_scales && !scaled) break;
      for (std::uint32_t column = 0; column < columns; column += spec::kCellColumns) {
        const std::uint32_t depth = std::min(columns - column, spec::kCellColumns);
        load_identity(*identity, load.target, depth, with_scales);
        for (std::uint32_t row = 0; row < load.rows; row += kRowsAtOnce) {
          const std::uint32_t rows = std::min<std::uint32_t>(load.rows - row, kRowsAtOnce);
          const std::uint32_t cell = load.dst + row / spec::kGroupRows * load.dst_pitch +
                                     column / spec::kCellColumns;
          offset += multiply(*probe, offset, load, cell, rows, depth, with_scales);
        }
      }
    }
    return true;
  }

  void load_identity(std::uint8_t binding, spec::Target target, std::uint32_t depth, bool scaled) {
    constexpr std::uint32_t kSide = spec::kCellColumns;
    append(spec::Load{.target = target == spec::Target::kA ? spec::Target::kB : spec::Target::kA,
                      .binding = binding,
                      .format = scaled ? spec::LoadFormat::kFp32 : spec::LoadFormat::kInt8,
                      .rows = static_cast<std::uint16_t>(depth),
                      .cols = static_cast<std::uint16_t>(depth),
                      .offset = scaled ? kSide * kSide : 0,
                      .row_stride = scaled ? 4 * kSide : kSide,
                      .dst = 0,
                      .dst_pitch = 1},
           spec::Unit::kLoad);
  }

  // Multiplies the operand at `cell` by the identity and stores the product; its bytes.
  std::uint64_t multiply(std::uint8_t binding, std::uint64_t offset, const spec::Load& load,
                         std::uint32_t cell, std::uint32_t rows, std::uint32_t depth,
                         bool scaled) {
    const bool is_a = load.target == spec::Target::kA;
    const std::uint32_t m = is_a ? rows : depth;
    const std::uint32_t n = is_a ? depth : rows;
    append(spec::Matmul{.arithmetic = scaled ? spec::Arithmetic::kMxint8 : spec::Arithmetic::kInt8,
                        .preload = spec::Preload::kZero,
                        .m = static_cast<std::uint16_t>(m),
                        .n = static_cast<std::uint16_t>(n),
                        .k = static_cast<std::uint16_t>(depth),
                        .a = static_cast<std::uint16_t>(is_a ? cell : 0),
                        .a_pitch = static_cast<std::uint16_t>(is_a ? load.dst_pitch : 1),
                        .b = static_cast<std::uint16_t>(is_a ? 0 : cell),
                        .b_pitch = static_cast<std::uint16_t>(is_a ? 1 : load.dst_pitch),
                        .dst = 0,
                        .dst_pitch = static_cast<std::uint16_t>(words(n))},
           spec::Unit::kMatmul);
    store(binding, offset, m, n, 0, words(n));
    return std::uint64_t{4} * m * n;
  }

  RecordedLaunch launch_;
  RecordedStep* step_ = nullptr;
  std::array<std::uint32_t, spec::kNumUnits> counts_{};
};

// First differing byte of two equally shaped sets of ranges, counted through all of them.
std::optional<std::size_t> first_byte(const std::vector<Range>& x, const std::vector<Range>& y) {
  std::size_t before = 0;
  for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
    const auto [at, other] = std::mismatch(x[i].bytes.begin(), x[i].bytes.end(),
                                           y[i].bytes.begin(), y[i].bytes.end());
    if (at != x[i].bytes.end() || other != y[i].bytes.end()) {
      return before + static_cast<std::size_t>(at - x[i].bytes.begin());
    }
    before += x[i].bytes.size();
  }
  return {};
}

Result<std::vector<Range>> run_prefix(const Runner& runner, std::size_t step, std::size_t command) {
  Probe probe(*runner.launch, step, command);
  if (!probe.add(runner.launch->steps[step].image.commands[command])) {
    return fail(Code::kUnsupported, "the program uses all bindings, none is left to look into it");
  }
  auto result = replay(*runner.device, probe.launch());
  if (!result) return tl::unexpected(result.error());
  return std::move(result->outputs);
}

}  // namespace

Result<std::optional<Located>> locate(
    const Runner& p, const Runner& q,
    const std::function<void(std::size_t, std::size_t)>& progress) {
  std::size_t total = 0;
  for (const RecordedStep& step : p.launch->steps) total += step.image.commands.size();
  std::size_t done = 0;
  for (std::size_t step = 0; step < p.launch->steps.size(); ++step) {
    const ProgramImage& image = p.launch->steps[step].image;
    for (std::size_t command = 0; command < image.commands.size(); ++command) {
      progress(done++, total);
      const auto x = run_prefix(p, step, command);
      if (!x) return tl::unexpected(x.error());
      const auto y = run_prefix(q, step, command);
      if (!y) return tl::unexpected(y.error());
      if (const auto byte = first_byte(*x, *y)) {
        progress(total, total);
        return Located{step, command, disassemble_command(image.commands[command], image), *byte};
      }
    }
  }
  progress(total, total);
  return std::nullopt;
}

}  // namespace weft::bundle
