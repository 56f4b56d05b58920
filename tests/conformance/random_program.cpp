// SPDX-License-Identifier: Apache-2.0
// Random programs; see random_program.h.
//
// One command after the other is drawn at random, ordered after every earlier command it conflicts
// with, and kept if the verifier accepts the program so far.
#include "tests/conformance/random_program.h"

#include <algorithm>
#include <array>
#include <bit>

#include "runtime/program/footprint.h"
#include "runtime/program/operands.h"
#include "tests/conformance/ordered_program.h"
#include "tests/conformance/random.h"
#include "tests/conformance/random_data.h"
#include "tests/conformance/random_groups.h"

namespace weft::test {
namespace {

constexpr std::uint8_t kData = 0;
constexpr std::uint8_t kResult = 1;
constexpr std::uint8_t kSpill = 2;
constexpr std::size_t kResultBytes = 16384;
constexpr std::size_t kSpillBytes = 8192;

std::uint16_t u16(std::uint64_t value) {
  return static_cast<std::uint16_t>(value);
}
std::uint32_t u32(std::uint64_t value) {
  return static_cast<std::uint32_t>(value);
}
std::uint64_t ceil_div(std::uint64_t value, std::uint64_t by) {
  return (value + by - 1) / by;
}

// A matrix some command has written to a scratchpad.
struct Matrix {
  std::uint64_t start, pitch, rows, cols;
  bool scales = false;
};

class Generator {
 public:
  Generator(const spec::Config& config, std::uint64_t seed) : config_(config), dice_(seed) {
    ordered_.image.bindings = {{"data", 64, kRightRead},
                               {"result", kResultBytes, kRightWrite},
                               {"spill", kSpillBytes, kRightRead | kRightWrite}};
    ordered_.image.scalars = {"alpha", "beta"};
    program_.data = {random_bytes(dice_, 64), random_bytes(dice_, kResultBytes),
                     random_matrix(dice_, spec::LoadFormat::kFp32, 1, kSpillBytes / 4, 0)};
    for (auto& scalar : program_.scalars) scalar = random_fp32(dice_);
  }

  RandomProgram run() {
    // Something to work on, then anything, then a result.
    while (!try_load(spec::Target::kA)) {
    }
    while (!try_load(spec::Target::kB)) {
    }
    while (!try_matmul()) {
    }
    const auto size = dice_.between(4, 14);
    for (int attempt = 0; attempt < 200 && ordered_.image.commands.size() < size; ++attempt) {
      try_any();
    }
    while (!try_store()) {
    }
    program_.image = std::move(ordered_.image);
    return std::move(program_);
  }

 private:
  void try_any() {
    switch (dice_.between(0, 9)) {
      case 0:
        try_load(spec::Target::kA);
        break;
      case 1:
        try_load(spec::Target::kB);
        break;
      case 2:
        if (dice_.one_in(2)) {
          try_gather();
        } else {
          try_load(spec::Target::kV);
        }
        break;
      case 3:
      case 4:
        try_matmul();
        break;
      case 5:
      case 6:
      case 7:
        try_vector();
        break;
      default:
        try_store();
    }
  }

  // Mostly small and odd, now and then larger.
  std::uint64_t extent(std::uint64_t small, std::uint64_t large) {
    return dice_.one_in(6) ? dice_.between(1, large) : dice_.between(1, small);
  }

  std::uint64_t cells(spec::Target target) const {
    const auto bytes = target == spec::Target::kA ? config_.a_bytes : config_.b_bytes;
    return bytes / spec::kCellBytes;
  }

  std::uint64_t words() const { return config_.v_bytes / spec::kWordBytes; }

  // A start at which `size` units fit; a few starts are popular so that commands meet.
  std::uint64_t start(std::uint64_t size, std::uint64_t capacity) {
    if (size > capacity) return 0;
    const auto room = std::min<std::uint64_t>(capacity - size, 400);
    return dice_.one_in(3) ? capacity - size - dice_.between(0, room) : dice_.between(0, room / 8);
  }

  bool try_load(spec::Target target) {
    const bool operand = target != spec::Target::kV;
    spec::Load load;
    load.target = target;
    load.format = static_cast<spec::LoadFormat>(dice_.between(operand ? 0 : 2, 3));
    load.rows = u16(extent(20, 50));
    load.cols = u16(extent(80, 300));
    if (operand && !matrices_[2].empty() && dice_.one_in(4)) {
      take_from_v(load);
    } else if (load.format != spec::LoadFormat::kMxint8) {
      split_rows(dice_, load);
    }
    const bool quantised = load.format >= spec::LoadFormat::kFp32;
    if (operand && quantised && dice_.one_in(2)) load.transpose = spec::Transpose::kYes;
    const auto made = operand ? operand_extent(load) : OperandExtent{all_rows(load), load.cols};
    const auto step =
        ceil_div(made.contraction, operand ? spec::kCellColumns : spec::kWordElements);
    const auto steps = operand ? ceil_div(made.rows, spec::kGroupRows) : made.rows;
    load.dst_pitch = u16(step + (dice_.one_in(3) ? dice_.between(0, 2) : 0));
    load.dst = u16(start((steps - 1) * load.dst_pitch + step, operand ? cells(target) : words()));
    const auto size_before = program_.data[kData].size();
    if (load.source == spec::Source::kMemory) {
      if (dice_.one_in(5) && load.format != spec::LoadFormat::kMxint8) {
        aim_at_spill(load);
      } else {
        bring_data(load);
      }
    }
    if (operand && quantised && dice_.one_in(2)) round_stochastically(load);
    if (!ordered_.keep(spec::pack(load))) {
      set_data_size(size_before);
      return false;
    }
    matrices_[static_cast<std::size_t>(target)].push_back({load.dst, load.dst_pitch, made.rows,
                                                           made.contraction,
                                                           load.format != spec::LoadFormat::kInt8});
    return true;
  }

  // A vector of indices, and rows of a table that they pick.
  bool try_gather() {
    spec::Load load{.target = spec::Target::kV,
                    .format = dice_.one_in(2) ? spec::LoadFormat::kFp32 : spec::LoadFormat::kBf16};
    load.rows = u16(extent(30, 20));
    load.cols = u16(extent(80, 300));
    load.dst_pitch =
        u16(ceil_div(load.cols, spec::kWordElements) + (dice_.one_in(3) ? dice_.between(0, 2) : 0));
    load.dst = u16(start(load.rows * std::uint64_t{load.dst_pitch}, words()));
    const auto size_before = program_.data[kData].size();
    spec::Load table = load;
    table.rows = u16(extent(10, 40));
    bring_data(table);
    load.source = spec::Source::kGather;
    load.offset = table.offset;
    load.row_stride = table.row_stride;
    load.table_rows = table.rows;

    spec::Load picks{.target = spec::Target::kV,
                     .binding = kData,
                     .format = spec::LoadFormat::kFp32,
                     .rows = 1,
                     .cols = load.rows};
    auto& data = program_.data[kData];
    data.resize(ceil_div(data.size(), 4) * 4);
    picks.offset = data.size();
    for (std::uint32_t r = 0; r < load.rows; ++r) {
      const auto index =
          std::bit_cast<std::array<std::byte, 4>>(u32(dice_.between(0, load.table_rows - 1u)));
      data.insert(data.end(), index.begin(), index.end());
    }
    set_data_size(data.size());
    picks.dst = u16(place(1, load.rows).start);
    load.src = picks.dst;
    if (!ordered_.keep(spec::pack(picks))) {
      set_data_size(size_before);
      return false;
    }
    matrices_[2].push_back({picks.dst, 1, 1, load.rows});
    return keep_result(spec::pack(load), {load.dst, load.dst_pitch, load.rows, load.cols});
  }

  void take_from_v(spec::Load& load) {
    const auto& from = dice_.pick(matrices_[2]);
    load.source = spec::Source::kV;
    load.format = spec::LoadFormat::kFp32;
    load.rows = u16(part(from.rows));
    load.cols = u16(part(from.cols));
    load.src = u16(from.start);
    load.src_pitch = u16(dice_.one_in(8) ? 0 : from.pitch);
  }

  void round_stochastically(spec::Load& load) {
    load.rounding = spec::Rounding::kStochastic;
    load.tensor = u16(dice_.bits());
    if (dice_.one_in(2)) {
      load.seed = u32(dice_.bits());
    } else {
      load.seed_scalar = static_cast<std::uint8_t>(dice_.between(1, spec::kScalars));
    }
    if (load.source == spec::Source::kV) {  // a place in a tensor that need not exist
      load.offset = 4 * (dice_.bits() >> dice_.between(2, 60));
      load.row_stride = u32(4 * dice_.between(0, 1000));
    }
  }

  void bring_data(spec::Load& load) {
    const auto size = element_bytes(load.format);
    const bool packed = load.format == spec::LoadFormat::kMxint8;
    auto& data = program_.data[kData];
    const auto gap = dice_.between(0, 40) * size;
    data.resize(packed ? ceil_div(data.size(), 64) * 64 : ceil_div(data.size(), size) * size + gap);
    if (!packed) {
      // Apart, overlapping or repeated rows.
      const auto row = load.cols * size;
      load.row_stride = u32(dice_.one_in(8)   ? dice_.between(0, load.cols) * size
                            : dice_.one_in(2) ? row
                                              : row + dice_.between(0, 70) * size);
    }
    if (dice_.one_in(4)) {
      overlap_groups(dice_, load);
    } else {
      space_groups(dice_, load, 70);
    }
    load.binding = kData;
    load.offset = data.size();
    const auto bytes = random_source(dice_, load);
    data.insert(data.end(), bytes.begin(), bytes.end());
    set_data_size(data.size());
  }

  void set_data_size(std::size_t size) {
    program_.data[kData].resize(size);
    ordered_.image.bindings[kData].size = size;
  }

  void aim_at_spill(spec::Load& load) {
    const auto size = element_bytes(load.format);
    load.binding = kSpill;
    load.offset = dice_.between(0, 30) * size * (dice_.one_in(2) ? 16 : 1);
    load.row_stride = u32((load.cols + dice_.between(0, 5)) * size);
    space_groups(dice_, load, 5);
  }

  bool try_matmul() {
    const auto& a = dice_.pick(matrices_[0]);
    const auto& b = dice_.pick(matrices_[1]);
    spec::Matmul matmul;
    const bool scaled = a.scales && b.scales && !dice_.one_in(8);
    matmul.arithmetic = scaled ? spec::Arithmetic::kMxint8 : spec::Arithmetic::kInt8;
    const auto group = dice_.one_in(4) ? dice_.between(0, (a.rows - 1) / spec::kGroupRows) : 0;
    const auto cell =
        dice_.one_in(4) ? dice_.between(0, (std::min(a.cols, b.cols) - 1) / spec::kCellColumns) : 0;
    matmul.m = u16(part(a.rows - group * spec::kGroupRows));
    matmul.n = u16(part(b.rows));
    matmul.k = u16(part(std::min(a.cols, b.cols) - cell * spec::kCellColumns));
    matmul.a = u16(a.start + group * a.pitch + cell);
    matmul.a_pitch = u16(a.pitch);
    matmul.b = u16(b.start + cell);
    matmul.b_pitch = u16(b.pitch);
    const auto to = place(matmul.m, matmul.n);
    matmul.dst = u16(to.start);
    matmul.dst_pitch = u16(to.pitch);
    if (!matrices_[2].empty() && dice_.one_in(2)) preload(matmul);
    return keep_result(spec::pack(matmul), {matmul.dst, matmul.dst_pitch, matmul.m, matmul.n});
  }

  void preload(spec::Matmul& matmul) {
    const auto& from = dice_.pick(matrices_[2]);
    matmul.preload = spec::Preload::kV;
    matmul.m = u16(std::min<std::uint64_t>(matmul.m, from.rows));
    matmul.n = u16(std::min<std::uint64_t>(matmul.n, from.cols));
    matmul.initial = u16(from.start);
    matmul.initial_pitch = u16(dice_.one_in(3) ? 0 : from.pitch);
    if (dice_.one_in(3)) {
      matmul.dst = matmul.initial;
      matmul.dst_pitch = matmul.initial_pitch;
    }
  }

  bool try_vector() {
    if (matrices_[2].empty()) return false;
    const auto& from = dice_.pick(matrices_[2]);
    spec::Vector vector;
    draw_steps(vector);
    auto rows = part(from.rows);
    auto cols = part(from.cols);
    const Matrix second = aim_operands(vector, rows, cols);
    vector.rows = u16(rows);
    vector.cols = u16(cols);
    vector.src = u16(from.start);
    vector.src_pitch = u16(dice_.one_in(8) ? 0 : from.pitch);
    const bool reduces = vector.reduce != spec::Reduce::kNone;
    const bool of_rows = vector.reduce_axis == spec::ReduceAxis::kRow;
    const auto folded = place(1, of_rows ? rows : cols);
    if (reduces) vector.reduce_dst = u16(folded.start);
    const bool writes = vector.convert_out != spec::ConvertOut::kDiscard;
    if (writes) {
      auto to = place(rows, cols);
      if (dice_.one_in(3)) to = from;
      if (dice_.one_in(6) && uses(vector, spec::Operand::kSecond)) to = second;
      vector.dst = u16(to.start);
      vector.dst_pitch = u16(to.pitch);
    }
    if (!ordered_.keep(spec::pack(vector))) return false;
    if (writes) matrices_[2].push_back({vector.dst, vector.dst_pitch, rows, cols});
    if (reduces) matrices_[2].push_back(folded);
    return true;
  }

  void draw_steps(spec::Vector& vector) {
    vector.convert_in = static_cast<spec::ConvertIn>(dice_.one_in(4));
    vector.convert_out = static_cast<spec::ConvertOut>(dice_.one_in(4));
    vector.compare = static_cast<spec::Compare>(dice_.one_in(2) ? 0 : dice_.between(1, 4));
    if (vector.compare != spec::Compare::kNone) vector.compare_with = operand();
    if (dice_.one_in(2)) vector.function = static_cast<spec::Function>(dice_.between(1, 8));
    if (dice_.one_in(8)) vector.function = spec::Function::kDivide;
    if (vector.function == spec::Function::kDivide) vector.divisor = operand();
    for (auto* each :
         {&vector.multiplicand, &vector.addend, &vector.multiplicand2, &vector.addend2}) {
      if (dice_.one_in(2)) *each = operand();
    }
    if (dice_.one_in(2)) return;
    vector.reduce = static_cast<spec::Reduce>(dice_.between(1, 4));
    vector.reduce_axis = static_cast<spec::ReduceAxis>(dice_.between(0, 1));
    if (dice_.one_in(3)) vector.convert_out = spec::ConvertOut::kDiscard;
  }

  // Anything but none; matrices and vectors of V no more often than numbers.
  spec::Operand operand() {
    constexpr auto last = static_cast<std::uint64_t>(spec::Operand::kValue3);
    return static_cast<spec::Operand>(dice_.between(1, last));
  }

  // Aims the operands at what V holds, lets rows and cols shrink to it; returns the second stream.
  Matrix aim_operands(spec::Vector& vector, std::uint64_t& rows, std::uint64_t& cols) {
    const auto& second = dice_.pick(matrices_[2]);
    if (uses(vector, spec::Operand::kSecond)) {
      const bool repeat = dice_.one_in(4);
      vector.second = u16(second.start);
      vector.second_pitch = u16(repeat ? 0 : second.pitch);
      if (!repeat) rows = std::min(rows, second.rows);
      cols = std::min(cols, second.cols);
    }
    if (uses(vector, spec::Operand::kColumn)) {
      const auto& column = dice_.pick(matrices_[2]);
      vector.column = u16(column.start);
      cols = std::min(cols, column.cols);
    }
    if (uses(vector, spec::Operand::kRow)) {
      const auto& row = dice_.pick(matrices_[2]);
      vector.row = u16(row.start);
      rows = std::min(rows, row.cols);
    }
    draw_value(vector, 0, vector.value0, vector.value0_scalar);
    draw_value(vector, 1, vector.value1, vector.value1_scalar);
    draw_value(vector, 2, vector.value2, vector.value2_scalar);
    draw_value(vector, 3, vector.value3, vector.value3_scalar);
    return second;
  }

  void draw_value(const spec::Vector& vector, std::size_t number, std::uint32_t& value,
                  std::uint8_t& scalar) {
    if (!uses(vector, value_operand(number))) return;
    if (dice_.one_in(3)) {
      scalar = static_cast<std::uint8_t>(dice_.between(1, spec::kScalars));
    } else {
      value = random_fp32(dice_);
    }
  }

  bool try_store() {
    const auto& from = dice_.pick(matrices_[2]);
    spec::Store store;
    store.format = static_cast<spec::StoreFormat>(dice_.between(0, 2));
    store.binding = dice_.one_in(4) ? kSpill : kResult;
    store.rows = u16(part(from.rows));
    store.cols = u16(part(from.cols));
    const auto size = element_bytes(store.format);
    store.row_stride = u32((store.cols + (dice_.one_in(2) ? 0 : dice_.between(0, 40))) * size);
    split_rows(dice_, store);
    space_groups(dice_, store, 40);
    const auto limit = (store.binding == kSpill ? kSpillBytes : kResultBytes) / 2 / size;
    store.offset = size * dice_.between(0, dice_.one_in(3) ? 8 : limit);
    store.src = u16(from.start);
    store.src_pitch = u16(dice_.one_in(8) ? 0 : from.pitch);
    return ordered_.keep(spec::pack(store));
  }

  // All of it, or less.
  std::uint64_t part(std::uint64_t all) { return dice_.one_in(2) ? all : dice_.between(1, all); }

  // Words of V for a result.
  Matrix place(std::uint64_t rows, std::uint64_t cols) {
    const auto step = ceil_div(cols, spec::kWordElements);
    const auto pitch = step + (dice_.one_in(3) ? dice_.between(0, 3) : 0);
    return {start((rows - 1) * pitch + step, words()), pitch, rows, cols};
  }

  bool keep_result(CommandBytes command, const Matrix& result) {
    if (!ordered_.keep(command)) return false;
    matrices_[2].push_back(result);
    return true;
  }

  const spec::Config& config_;
  Dice dice_;
  OrderedProgram ordered_{config_, dice_};
  RandomProgram program_;
  std::array<std::vector<Matrix>, 3> matrices_;  // in A, B, V
};

}  // namespace

RandomProgram random_program(const spec::Config& config, std::uint64_t seed) {
  return Generator(config, seed).run();
}

}  // namespace weft::test
