// SPDX-License-Identifier: Apache-2.0
// Rows gathered from a table by indices: against rows the test picks itself, against the oracle,
// and what an index that is out of range does.
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "runtime/program/asm.h"
#include "tests/conformance/random_data.h"
#include "tests/conformance/support.h"

namespace weft::test {
namespace {

using Bytes = std::vector<std::byte>;
using Indices = std::vector<std::int32_t>;

std::string text(std::uint64_t value) {
  return std::to_string(value);
}

Bytes bytes_of(const Indices& indices) {
  Bytes bytes(indices.size() * 4);
  std::memcpy(bytes.data(), indices.data(), bytes.size());
  return bytes;
}

struct Table {
  std::size_t rows, cols, size, stride, offset;  // size: bytes of an element; stride, offset too

  [[nodiscard]] std::size_t bytes() const { return offset + (rows - 1) * stride + cols * size; }
};

class Gather : public testing::Test {
 protected:
  // Loads the indices, gathers, and stores the rows one behind the other. Words 0.. hold the
  // indices, words 64.. the rows.
  static std::string program(const Table& table, std::size_t picks) {
    const auto pitch = text((table.cols + 15) / 16);
    return ".binding i read " + text(picks * 4) + "\n.binding x read " + text(table.bytes()) +
           "\n.binding y write " + text(picks * table.cols * 4) +
           "\nload target=v binding=i format=fp32 rows=1 cols=" + text(picks) +
           "\nload target=v source=gather binding=x format=" + (table.size == 4 ? "fp32" : "bf16") +
           " rows=" + text(picks) + " cols=" + text(table.cols) + " offset=" + text(table.offset) +
           " row_stride=" + text(table.stride) + " table_rows=" + text(table.rows) +
           " dst=64 dst_pitch=" + pitch + " after=load:1" +
           "\nstore format=word32 binding=y rows=" + text(picks) + " cols=" + text(table.cols) +
           " row_stride=" + text(4 * table.cols) + " src=64 src_pitch=" + pitch + " after=load:2\n";
  }

  static ProgramImage assembled(const std::string& source) {
    const auto image = assemble(source);
    EXPECT_TRUE(image) << image.error().message() << source;
    return image ? *image : ProgramImage{};
  }

  // FP32 for 4 bytes, else BF16.
  Bytes numbers(const Table& table) {
    const auto format = table.size == 4 ? spec::LoadFormat::kFp32 : spec::LoadFormat::kBf16;
    return random_matrix(dice_, format, 1, table.bytes() / table.size, 0);
  }

  Indices any_indices(const Table& table, std::size_t count) {
    Indices indices(count);
    for (auto& index : indices) {
      index = static_cast<std::int32_t>(dice_.between(0, table.rows - 1));
    }
    indices.front() = static_cast<std::int32_t>(table.rows - 1);
    indices.back() = 0;
    return indices;
  }

  // What is left of each row as FP32.
  static Bytes picked(const Table& table, const Bytes& from, const Indices& indices) {
    Bytes to(indices.size() * table.cols * 4);
    for (std::size_t r = 0; r < indices.size(); ++r) {
      for (std::size_t c = 0; c < table.cols; ++c) {
        const auto* element = &from[table.offset + indices[r] * table.stride + c * table.size];
        std::memcpy(&to[(r * table.cols + c) * 4 + 4 - table.size], element, table.size);
      }
    }
    return to;
  }

  Dice dice_{seed()};
};

TEST_F(Gather, RowsAreThoseTheIndicesPick) {
  for (const std::size_t size : {2u, 4u}) {
    for (const std::size_t cols : {1u, 16u, 31u, 64u}) {
      for (const std::size_t picks : {1u, 15u, 16u, 17u, 130u}) {
        for (const std::size_t gap : {0u, 3u}) {
          const Table table{picks / 2 + 3, cols, size, (cols + gap) * size, gap * size};
          const Bytes data = numbers(table);
          const Indices indices = any_indices(table, picks);
          const ProgramImage image = assembled(program(table, picks));
          Memory memory{bytes_of(indices), data, Bytes(picks * cols * 4)};
          expect_as_oracle(image, memory);
          const auto report = run(device(), image, {}, memory);
          ASSERT_TRUE(report) << report.error().message();
          // Subnormals become zero when BF16 is widened.
          if (size == 4) {
            ASSERT_TRUE(equal_bytes(picked(table, data, indices), memory[2]))
                << cols << " columns, " << picks << " rows";
          }
        }
      }
    }
  }
}

// A stride of 0: all rows of the table are its first. Long rows, and a table of one row.
TEST_F(Gather, TablesOfAnyShape) {
  for (const Table& table : {Table{7, 20, 4, 0, 4}, Table{5, 700, 4, 2804, 12},
                             Table{1, 33, 2, 66, 6}, Table{3000, 1, 2, 2, 2}}) {
    const Indices indices = any_indices(table, 18);
    const Memory memory{bytes_of(indices), numbers(table), Bytes(18 * table.cols * 4)};
    expect_as_oracle(assembled(program(table, 18)), memory);
  }
}

// The first bad index is named, with its command; what commands before wrote stays.
TEST_F(Gather, AnIndexOutOfRangeIsAFault) {
  const Table table{9, 24, 4, 96, 0};
  for (const std::int32_t bad : {-1, 9, 10, 1 << 30, -(1 << 30)}) {
    for (const std::size_t row : {0u, 16u, 39u}) {
      // What is stored first, then the program, and something later that is wrong as well.
      ProgramImage image = assembled(program(table, 40));
      image.bindings.push_back({"early", 64, kRightWrite});
      spec::Store early{.binding = 3, .rows = 1, .cols = 16};
      early.after_load = 1;
      image.commands.insert(image.commands.begin() + 1, spec::pack(early));
      CommandBytes wrong = spec::pack(early);
      wrong[0] = std::byte{9};
      image.commands.push_back(wrong);
      Indices indices = any_indices(table, 40);
      indices[row] = bad;
      if (row < 39) indices[39] = 1000;
      Memory memory{bytes_of(indices), numbers(table), Bytes(40 * 24 * 4), Bytes(64)};
      const Memory before = memory;
      const auto report = run(device(), image, {}, memory, Verify::kOff);
      ASSERT_FALSE(report);
      const std::string& what = report.error().what;
      EXPECT_EQ(report.error().code, Code::kFault);
      EXPECT_TRUE(what.starts_with("index_out_of_range")) << what;
      EXPECT_NE(what.find("command 2:"), std::string::npos) << what;
      EXPECT_TRUE(what.ends_with(", index " + std::to_string(bad))) << what;
      EXPECT_TRUE(equal_bytes(std::span(before[0]).first(64), memory[3]));
      EXPECT_TRUE(equal_bytes(before[1], memory[1]));
    }
  }
}

// ... and the device goes on.
TEST_F(Gather, ADeviceWorksAfterIt) {
  const Table table{4, 16, 4, 64, 0};
  const ProgramImage image = assembled(program(table, 4));
  Memory memory{bytes_of({3, 4, 0, 0}), numbers(table), Bytes(4 * 16 * 4)};
  EXPECT_FALSE(run(device(), image, {}, memory));
  memory[0] = bytes_of({3, 2, 0, 0});
  expect_as_oracle(image, memory);
}

// The result is not written where indices are read, nor indices read that nobody wrote.
TEST_F(Gather, TheVerifierKnowsWhatIsRead) {
  const std::string good = program({9, 16, 4, 64, 0}, 20);
  const auto refused = [&](const std::string& from, const std::string& to, const char* why) {
    std::string source = good;
    const auto at = source.find(from);
    ASSERT_NE(at, std::string::npos);
    source.replace(at, from.size(), to);
    Memory memory{Bytes(80), Bytes(9 * 64), Bytes(20 * 64)};
    const auto report = run(device(), assembled(source), {}, memory);
    ASSERT_FALSE(report) << source;
    EXPECT_NE(report.error().what.find(why), std::string::npos) << report.error().what;
  };
  refused("dst=64 ", "dst=1 ", "overlaps");
  refused(" after=load:1", "", "without waiting");
  refused("rows=20 cols=16 offset", "rows=21 cols=16 offset", "no earlier command wrote");
  refused("table_rows=9", "table_rows=10", "binding_range");
}

}  // namespace
}  // namespace weft::test
