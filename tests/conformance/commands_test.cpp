// SPDX-License-Identifier: Apache-2.0
// Each command in each of its forms, against the oracle: formats, targets, strides, offsets,
// pitches, tails, special numbers.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstring>
#include <string>

#include "tests/conformance/random_data.h"
#include "tests/conformance/support.h"

namespace weft::test {
namespace {

constexpr std::uint16_t kWordsPerRow = 8;  // of V: rows of up to 128 elements

std::size_t element_bytes(spec::LoadFormat format) {
  return format == spec::LoadFormat::kFp32 ? 4 : format == spec::LoadFormat::kBf16 ? 2 : 1;
}

// Cells that rows x cols elements take, groups of rows `pitch` cells apart.
std::uint16_t pitch_of(std::size_t cols) {
  return static_cast<std::uint16_t>((cols + 63) / 64);
}

class Commands : public testing::Test {
 protected:
  Dice dice_{seed()};
  Draft draft_;

  // An operand of random data loaded into A or B.
  void load_operand(spec::Target target, spec::LoadFormat format, std::size_t rows,
                    std::size_t cols, std::size_t padding, std::size_t lead) {
    const bool packed = format == spec::LoadFormat::kMxint8;
    const std::size_t stride = (cols + padding) * element_bytes(format);
    auto data = random_matrix(dice_, format, rows, cols, stride);
    const std::size_t offset = packed ? 64 * lead : lead * element_bytes(format);
    data.insert(data.begin(), offset, std::byte{0x55});
    spec::Load load;
    load.target = target;
    load.binding = draft_.bind(std::string(spec::name(target)), std::move(data), Rights::kRead);
    load.format = format;
    load.rows = static_cast<std::uint16_t>(rows);
    load.cols = static_cast<std::uint16_t>(cols);
    load.offset = offset;
    load.row_stride = packed ? 0 : static_cast<std::uint32_t>(stride);
    load.dst_pitch = pitch_of(cols);
    draft_.append(load);
  }

  // Stores rows x cols elements of V as they are.
  void store_words(std::size_t rows, std::size_t cols, std::uint16_t src, std::uint16_t pitch,
                   std::uint16_t after_load, std::uint16_t after_matmul,
                   std::uint16_t after_vector) {
    spec::Store store;
    store.after_load = after_load;
    store.after_matmul = after_matmul;
    store.after_vector = after_vector;
    store.binding = draft_.bind("result", std::vector<std::byte>(rows * cols * 4), Rights::kWrite);
    store.rows = static_cast<std::uint16_t>(rows);
    store.cols = static_cast<std::uint16_t>(cols);
    store.row_stride = static_cast<std::uint32_t>(cols * 4);
    store.src = src;
    store.src_pitch = pitch;
    draft_.append(store);
  }

  void check_product(spec::LoadFormat a, spec::LoadFormat b, std::size_t m, std::size_t n,
                     std::size_t k, std::size_t padding, std::size_t lead) {
    SCOPED_TRACE(testing::Message() << spec::name(a) << " x " << spec::name(b) << " " << m << "x"
                                    << n << "x" << k << " padding " << padding << " lead " << lead);
    draft_ = {};
    load_operand(spec::Target::kA, a, m, k, padding, lead);
    load_operand(spec::Target::kB, b, n, k, padding + 1, lead + 2);
    spec::Matmul matmul;
    matmul.after_load = 2;
    matmul.arithmetic =
        a == spec::LoadFormat::kInt8 ? spec::Arithmetic::kInt8 : spec::Arithmetic::kMxint8;
    matmul.m = static_cast<std::uint16_t>(m);
    matmul.n = static_cast<std::uint16_t>(n);
    matmul.k = static_cast<std::uint16_t>(k);
    matmul.a_pitch = pitch_of(k);
    matmul.b_pitch = pitch_of(k);
    matmul.dst_pitch = kWordsPerRow;
    draft_.append(matmul);
    store_words(m, n, 0, kWordsPerRow, 0, 1, 0);
    expect_as_oracle(draft_.image, draft_.memory);
  }
};

using spec::LoadFormat;

TEST_F(Commands, LoadAndMatmulInEveryFormat) {
  for (const auto format :
       {LoadFormat::kInt8, LoadFormat::kMxint8, LoadFormat::kFp32, LoadFormat::kBf16}) {
    check_product(format, format, 16, 16, 64, 0, 0);
    check_product(format, format, 1, 1, 1, 0, 0);
    check_product(format, format, 5, 19, 33, 3, 1);
    check_product(format, format, 33, 50, 100, 1, 3);
  }
}

TEST_F(Commands, MatmulOfOperandsInDifferentFormats) {
  for (const auto a : {LoadFormat::kMxint8, LoadFormat::kFp32, LoadFormat::kBf16}) {
    for (const auto b : {LoadFormat::kMxint8, LoadFormat::kFp32, LoadFormat::kBf16}) {
      if (a != b) check_product(a, b, 7, 9, 70, 2, 5);
    }
  }
}

TEST_F(Commands, MatmulOfEveryTailOfK) {
  for (std::size_t k = 1; k <= 66; k += is_simulated() ? 5 : 1) {
    check_product(LoadFormat::kFp32, LoadFormat::kFp32, 4, 5, k, 0, 0);
    check_product(LoadFormat::kInt8, LoadFormat::kInt8, 4, 5, k, 0, 0);
  }
}

TEST_F(Commands, MatmulCountsOfTheLastBlockOnlyWhatKSays) {
  load_operand(spec::Target::kA, LoadFormat::kInt8, 3, 96, 0, 0);
  load_operand(spec::Target::kB, LoadFormat::kInt8, 5, 96, 0, 0);
  spec::Matmul matmul;
  matmul.after_load = 2;
  matmul.arithmetic = spec::Arithmetic::kInt8;
  matmul.m = 3;
  matmul.n = 5;
  matmul.k = 71;
  matmul.a_pitch = 2;
  matmul.b_pitch = 2;
  matmul.dst_pitch = 1;
  draft_.append(matmul);
  store_words(3, 5, 0, 1, 0, 1, 0);
  expect_as_oracle(draft_.image, draft_.memory);
}

TEST_F(Commands, MatmulWrapsInt8SumsModulo2To32) {
  const std::size_t k = 512;
  for (const char* name : {"a", "b"}) {
    spec::Load load;
    load.target = name[0] == 'a' ? spec::Target::kA : spec::Target::kB;
    load.binding = draft_.bind(name, std::vector<std::byte>(k, std::byte{0x80}), Rights::kRead);
    load.format = LoadFormat::kInt8;
    load.rows = 1;
    load.cols = k;
    draft_.append(load);
  }
  spec::Load start;
  std::vector<std::byte> most(4, std::byte{0xff});
  most[3] = std::byte{0x7f};
  start.target = spec::Target::kV;
  start.binding = draft_.bind("start", most, Rights::kRead);
  start.format = LoadFormat::kFp32;
  start.rows = 1;
  start.cols = 1;
  draft_.append(start);
  spec::Matmul matmul;
  matmul.after_load = 3;
  matmul.arithmetic = spec::Arithmetic::kInt8;
  matmul.preload = spec::Preload::kV;
  matmul.m = 1;
  matmul.n = 1;
  matmul.k = k;
  draft_.append(matmul);
  store_words(1, 1, 0, 0, 0, 1, 0);
  Memory memory = draft_.memory;
  ASSERT_TRUE(run(device(), draft_.image, {}, memory));
  std::uint32_t sum = 0;
  std::memcpy(&sum, memory.back().data(), sizeof sum);
  EXPECT_EQ(sum, 0x7fffffffu + 512u * 128u * 128u);
}

TEST_F(Commands, MatmulStartsFromARowThatIsRepeatedOrFromItsOwnResult) {
  load_operand(spec::Target::kA, LoadFormat::kFp32, 9, 40, 0, 0);
  load_operand(spec::Target::kB, LoadFormat::kFp32, 20, 40, 0, 0);
  spec::Load bias;
  bias.target = spec::Target::kV;
  bias.binding =
      draft_.bind("bias", random_matrix(dice_, LoadFormat::kFp32, 1, 20, 80), Rights::kRead);
  bias.format = LoadFormat::kFp32;
  bias.rows = 1;
  bias.cols = 20;
  bias.dst = 100;
  draft_.append(bias);
  spec::Matmul matmul;
  matmul.after_load = 3;
  matmul.arithmetic = spec::Arithmetic::kMxint8;
  matmul.preload = spec::Preload::kV;
  matmul.m = 9;
  matmul.n = 20;
  matmul.k = 40;
  matmul.a_pitch = 1;
  matmul.b_pitch = 1;
  matmul.dst = 1;
  matmul.dst_pitch = 3;
  matmul.initial = 100;
  draft_.append(matmul);
  matmul.after_matmul = 1;
  matmul.initial = 1;
  matmul.initial_pitch = 3;
  draft_.append(matmul);
  store_words(9, 20, 1, 3, 0, 2, 0);
  expect_as_oracle(draft_.image, draft_.memory);
}

TEST_F(Commands, LoadIntoVKeepsWordsAndWidensBf16AtEveryOffset) {
  for (const auto format : {LoadFormat::kFp32, LoadFormat::kBf16}) {
    for (std::size_t lead = 0; lead < 40; lead += 3) {
      draft_ = {};
      const std::size_t rows = 1 + lead % 5;
      const std::size_t cols = 1 + 7 * lead % 61;
      const std::size_t stride = (cols + lead) * element_bytes(format);
      auto data = random_matrix(dice_, format, rows, cols, stride);
      data.insert(data.begin(), lead * element_bytes(format), std::byte{0x55});
      spec::Load load;
      load.target = spec::Target::kV;
      load.binding = draft_.bind("source", std::move(data), Rights::kRead);
      load.format = format;
      load.rows = static_cast<std::uint16_t>(rows);
      load.cols = static_cast<std::uint16_t>(cols);
      load.offset = lead * element_bytes(format);
      load.row_stride = static_cast<std::uint32_t>(stride);
      load.dst = 3;
      load.dst_pitch = 5;
      draft_.append(load);
      store_words(rows, cols, 3, 5, 1, 0, 0);
      expect_as_oracle(draft_.image, draft_.memory);
    }
  }
}

TEST_F(Commands, LoadRepeatsARowAtStrideZero) {
  spec::Load load;
  load.target = spec::Target::kV;
  load.binding =
      draft_.bind("source", random_matrix(dice_, LoadFormat::kFp32, 1, 21, 84), Rights::kRead);
  load.format = LoadFormat::kFp32;
  load.rows = 6;
  load.cols = 21;
  load.dst_pitch = 2;
  draft_.append(load);
  store_words(6, 21, 0, 2, 1, 0, 0);
  expect_as_oracle(draft_.image, draft_.memory);
}

TEST_F(Commands, StoreInEveryFormatAtEveryOffset) {
  for (const auto format :
       {spec::StoreFormat::kWord32, spec::StoreFormat::kBf16, spec::StoreFormat::kInt8}) {
    const std::size_t size = format == spec::StoreFormat::kWord32 ? 4
                             : format == spec::StoreFormat::kBf16 ? 2
                                                                  : 1;
    for (std::size_t lead = 0; lead < 70; lead += 9) {
      draft_ = {};
      const std::size_t rows = 1 + lead % 4;
      const std::size_t cols = 1 + 5 * lead % 83;
      spec::Load load;
      load.target = spec::Target::kV;
      load.binding = draft_.bind(
          "source", random_matrix(dice_, LoadFormat::kFp32, rows, cols, cols * 4), Rights::kRead);
      load.format = LoadFormat::kFp32;
      load.rows = static_cast<std::uint16_t>(rows);
      load.cols = static_cast<std::uint16_t>(cols);
      load.row_stride = static_cast<std::uint32_t>(cols * 4);
      load.dst_pitch = kWordsPerRow;
      draft_.append(load);
      const std::size_t stride = (cols + lead % 7) * size;
      spec::Store store;
      store.after_load = 1;
      store.format = format;
      // Bytes between the rows must keep what they are.
      store.binding = draft_.bind(
          "target", random_bytes(dice_, lead * size + (rows - 1) * stride + cols * size + 70),
          Rights::kWrite);
      store.rows = load.rows;
      store.cols = load.cols;
      store.offset = lead * size;
      store.row_stride = static_cast<std::uint32_t>(stride);
      store.src_pitch = kWordsPerRow;
      draft_.append(store);
      expect_as_oracle(draft_.image, draft_.memory);
    }
  }
}

// All operands, comparisons and conversions, on numbers with every special case among them.
TEST_F(Commands, VectorInEveryForm) {
  constexpr std::size_t kRows = 3;
  constexpr std::size_t kCols = 45;
  const auto operands = {spec::Operand::kNone, spec::Operand::kValue0, spec::Operand::kInput,
                         spec::Operand::kSecond, spec::Operand::kColumn};
  const std::size_t total = 5 * 5 * 17 * 2 * 2;
  const std::size_t step = total / cases(total);
  std::size_t form = 0;
  for (const auto multiplicand : operands) {
    for (const auto addend : operands) {
      for (std::size_t comparison = 0; comparison <= 16; ++comparison) {
        for (const auto convert_in : {spec::ConvertIn::kNone, spec::ConvertIn::kInt32}) {
          for (const auto convert_out : {spec::ConvertOut::kNone, spec::ConvertOut::kInt8}) {
            if (form++ % step != 0) continue;
            draft_ = {};
            spec::Load load;
            load.target = spec::Target::kV;
            load.binding = draft_.bind(
                "source", random_matrix(dice_, LoadFormat::kFp32, 3 * kRows, kCols, kCols * 4),
                Rights::kRead);
            load.format = LoadFormat::kFp32;
            load.rows = 3 * kRows;
            load.cols = kCols;
            load.row_stride = kCols * 4;
            load.dst_pitch = 3;
            draft_.append(load);
            spec::Vector vector;
            vector.after_load = 1;
            vector.rows = kRows;
            vector.cols = kCols;
            vector.convert_in = convert_in;
            vector.convert_out = convert_out;
            vector.multiplicand = multiplicand;
            vector.addend = addend;
            if (comparison > 0) {  // max, min, gate with each operand but none, and with a scalar
              vector.compare = static_cast<spec::Compare>(1 + (comparison - 1) % 3);
              constexpr std::array<spec::Operand, 4> kOthers{
                  spec::Operand::kInput, spec::Operand::kSecond, spec::Operand::kColumn,
                  spec::Operand::kValue2};
              vector.compare_with = kOthers[(comparison - 1) / 4];
            }
            const auto uses = [&](spec::Operand which) {
              return multiplicand == which || addend == which || vector.compare_with == which;
            };
            vector.src = 0;
            vector.src_pitch = 3;
            if (uses(spec::Operand::kSecond)) {
              vector.second = 9;
              vector.second_pitch = 3;
            }
            if (uses(spec::Operand::kColumn)) vector.column = 18;
            vector.dst = 40;
            vector.dst_pitch = 4;
            if (uses(spec::Operand::kValue0)) vector.value0 = random_fp32(dice_);
            if (vector.compare_with == spec::Operand::kValue2) vector.value2_scalar = 3;
            draft_.append(vector);
            store_words(kRows, kCols, 40, 4, 0, 0, 1);
            Scalars scalars{};
            for (auto& scalar : scalars) scalar = random_fp32(dice_);
            expect_as_oracle(draft_.image, draft_.memory, scalars);
            ASSERT_FALSE(testing::Test::HasFailure()) << "form " << form - 1;
          }
        }
      }
    }
  }
}

TEST_F(Commands, VectorInPlaceWithARowThatIsRepeated) {
  spec::Load load;
  load.target = spec::Target::kV;
  load.binding =
      draft_.bind("source", random_matrix(dice_, LoadFormat::kFp32, 5, 17, 68), Rights::kRead);
  load.format = LoadFormat::kFp32;
  load.rows = 5;
  load.cols = 17;
  load.row_stride = 68;
  load.dst_pitch = 2;
  draft_.append(load);
  load.rows = 1;
  load.dst = 20;
  load.dst_pitch = 0;
  load.offset = 68;
  draft_.append(load);
  spec::Vector vector;
  vector.after_load = 2;
  vector.rows = 5;
  vector.cols = 17;
  vector.multiplicand = spec::Operand::kSecond;
  vector.addend = spec::Operand::kInput;
  vector.src_pitch = 2;
  vector.second = 20;
  vector.dst_pitch = 2;
  draft_.append(vector);
  store_words(5, 17, 0, 2, 0, 0, 1);
  expect_as_oracle(draft_.image, draft_.memory);
}

}  // namespace
}  // namespace weft::test
