// SPDX-License-Identifier: Apache-2.0
// Loads and stores of groups of rows: the windows of a convolution on an image of channels beside
// each other, pixel by pixel, line by line, and where they lead; against matrices the test makes
// itself, and against the oracle.
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "runtime/program/asm.h"
#include "tests/conformance/random_data.h"
#include "tests/conformance/support.h"

namespace weft::test {
namespace {

using Bytes = std::vector<std::byte>;

std::string text(std::uint64_t value) {
  return std::to_string(value);
}

std::string words_of(std::size_t cols) {
  return text((cols + 15) / 16);
}

// Square, with the border.
struct Image {
  std::size_t side, channels, size;  // size: bytes of an element

  [[nodiscard]] std::size_t pixel() const { return channels * size; }
  [[nodiscard]] std::size_t line() const { return side * pixel(); }
  [[nodiscard]] std::size_t bytes() const { return side * line(); }
};

// Line `line` of every window of kernel x kernel pixels, windows `step` pixels apart.
struct Windows {
  Image image;
  std::size_t kernel, step, line;

  [[nodiscard]] std::size_t per_side() const { return (image.side - kernel) / step + 1; }
  [[nodiscard]] std::size_t rows() const { return per_side() * per_side(); }
  [[nodiscard]] std::size_t cols() const { return kernel * image.channels; }

  [[nodiscard]] std::string fields() const {
    return " rows=" + text(per_side()) + " extra_groups=" + text(per_side() - 1) +
           " cols=" + text(cols()) + " offset=" + text(line * image.line()) +
           " row_stride=" + text(step * image.pixel()) +
           (per_side() > 1 ? " group_stride=" + text(step * image.line()) : "");
  }

  // Row after row.
  [[nodiscard]] Bytes gathered(const Bytes& from) const {
    Bytes to;
    for (std::size_t y = 0; y < per_side(); ++y) {
      for (std::size_t x = 0; x < per_side(); ++x) {
        const auto* first = &from[(y * step + line) * image.line() + x * step * image.pixel()];
        to.insert(to.end(), first, first + kernel * image.pixel());
      }
    }
    return to;
  }
};

class Groups : public testing::Test {
 protected:
  static constexpr std::size_t kSide = 9;

  template <class Visit>
  static void each_windows(std::size_t size, Visit visit) {
    for (const std::size_t channels : {1u, 7u, 16u}) {
      for (const std::size_t kernel : {1u, 3u, 5u}) {
        for (const std::size_t step : {1u, 2u, 3u}) {
          // All of them fit the small configuration.
          const Image image{channels > 7 ? kSide - 2 : kSide, channels, size};
          visit(Windows{image, kernel, step, kernel / 2});
        }
      }
    }
  }

  static Memory run_as_oracle(const std::string& source, const Memory& before) {
    const auto image = assemble(source);
    EXPECT_TRUE(image) << image.error().message() << source;
    if (!image) return before;
    expect_as_oracle(*image, before);
    Memory memory = before;
    const auto report = run(device(), *image, {}, memory);
    EXPECT_TRUE(report) << report.error().message();
    return memory;
  }

  Bytes numbers(spec::LoadFormat format, std::size_t count) {
    return random_matrix(dice_, format, 1, count, 0);
  }

  Dice dice_{seed()};
};

TEST_F(Groups, WindowsIntoVAreRows) {
  each_windows(4, [&](const Windows& windows) {
    const Bytes image = numbers(spec::LoadFormat::kFp32, windows.image.bytes() / 4);
    const Bytes expected = windows.gathered(image);
    const auto pitch = words_of(windows.cols());
    const auto source =
        ".binding x read " + text(image.size()) + "\n.binding y write " + text(expected.size()) +
        "\nload target=v binding=x format=fp32" + windows.fields() + " dst_pitch=" + pitch +
        "\nstore format=word32 binding=y rows=" + text(windows.rows()) +
        " cols=" + text(windows.cols()) + " row_stride=" + text(4 * windows.cols()) +
        " src_pitch=" + pitch + " after=load:1\n";
    const auto memory = run_as_oracle(source, {image, Bytes(expected.size())});
    EXPECT_TRUE(equal_bytes(expected, memory[1])) << source;
  });
}

// Operands made of the windows, or of a matrix of them: as rows of A, and as the contraction, with
// 12 rows of a B that is dense.
TEST_F(Groups, WindowsIntoAAreRowsOrTheContraction) {
  for (const std::string format : {"int8", "bf16", "fp32"}) {
    const auto kind = format == "int8"   ? spec::LoadFormat::kInt8
                      : format == "bf16" ? spec::LoadFormat::kBf16
                                         : spec::LoadFormat::kFp32;
    const std::size_t size = format == "int8" ? 1 : format == "bf16" ? 2 : 4;
    each_windows(size, [&](const Windows& windows) {
      for (const bool transpose : {false, true}) {
        if (transpose && format == "int8") continue;
        const Bytes image = numbers(kind, windows.image.bytes() / size);
        const Bytes matrix = windows.gathered(image);
        const auto m = transpose ? windows.cols() : windows.rows();
        const auto k = transpose ? windows.rows() : windows.cols();
        const Bytes b = numbers(kind, 12 * k);
        const auto cells = text((k + 63) / 64);
        const auto product = [&](const Bytes& a, const std::string& fields) {
          const auto source = ".binding a read " + text(a.size()) + "\n.binding b read " +
                              text(b.size()) + "\n.binding y write " + text(m * 12 * 4) +
                              "\nload target=a binding=a format=" + format + fields +
                              (transpose ? " transpose=yes" : "") + " dst_pitch=" + cells +
                              "\nload target=b binding=b format=" + format +
                              " rows=12 cols=" + text(k) + " row_stride=" + text(k * size) +
                              "\nmatmul arithmetic=" + (format == "int8" ? "int8" : "mxint8") +
                              " m=" + text(m) + " n=12 k=" + text(k) + " a_pitch=" + cells +
                              " dst_pitch=1 after=load:2\nstore format=word32 binding=y" +
                              " rows=" + text(m) +
                              " cols=12 row_stride=48 src_pitch=1 after=matmul:1\n";
          return run_as_oracle(source, {a, b, Bytes(m * 12 * 4)})[2];
        };
        const auto plain = " rows=" + text(windows.rows()) + " cols=" + text(windows.cols()) +
                           " row_stride=" + text(windows.cols() * size);
        EXPECT_TRUE(equal_bytes(product(matrix, plain), product(image, windows.fields())))
            << format << windows.fields() << (transpose ? " transposed" : "");
      }
    });
  }
}

// The oracle knows every element's draw.
TEST_F(Groups, WindowsAreRoundedByThePlaceOfTheirElements) {
  for (const std::string format : {"bf16", "fp32"}) {
    const std::size_t size = format == "bf16" ? 2 : 4;
    each_windows(size, [&](const Windows& windows) {
      for (const bool transpose : {false, true}) {
        const Bytes image = numbers(size == 2 ? spec::LoadFormat::kBf16 : spec::LoadFormat::kFp32,
                                    windows.image.bytes() / size);
        const auto m = transpose ? windows.cols() : windows.rows();
        const auto k = transpose ? windows.rows() : windows.cols();
        const Bytes b = numbers(spec::LoadFormat::kInt8, k);
        const auto cells = text((k + 63) / 64);
        const auto source =
            ".binding a read " + text(image.size()) + "\n.binding b read " + text(b.size()) +
            "\n.binding y write " + text(m * 4) + "\nload target=a binding=a format=" + format +
            windows.fields() + (transpose ? " transpose=yes" : "") +
            " rounding=stochastic seed=99 tensor=7 dst_pitch=" + cells +
            "\nload target=b binding=b format=int8 rows=1 cols=" + text(k) +
            "\nmatmul arithmetic=int8 m=" + text(m) + " n=1 k=" + text(k) + " a_pitch=" + cells +
            " dst_pitch=1 after=load:2\nstore format=word32 binding=y rows=" + text(m) +
            " cols=1 row_stride=4 src_pitch=1 after=matmul:1\n";
        run_as_oracle(source, {image, b, Bytes(m * 4)});
      }
    });
  }
}

// The inside of an image with a border, and every second pixel of every second line: what lies
// between stays.
TEST_F(Groups, StoresReachThePixelsOfAnImage) {
  for (const std::string format : {"word32", "bf16", "int8"}) {
    const std::size_t size = format == "word32" ? 4 : format == "bf16" ? 2 : 1;
    for (const std::size_t channels : {1u, 5u, 16u, 33u}) {
      for (const std::size_t step : {1u, 2u}) {
        const Image image{kSide, channels, size};
        const std::size_t pixels = step == 1 ? kSide - 2 : (kSide + 1) / 2;
        const std::size_t first = step == 1 ? image.line() + image.pixel() : 0;
        const Bytes x = numbers(spec::LoadFormat::kFp32, pixels * pixels * channels);
        const Bytes before = random_bytes(dice_, image.bytes());
        const auto load = ".binding x read " + text(x.size()) + "\n.binding y write " +
                          text(before.size()) + "\n.binding z write " + text(x.size()) +
                          "\nload target=v binding=x format=fp32 rows=" + text(pixels * pixels) +
                          " cols=" + text(channels) + " row_stride=" + text(4 * channels) +
                          " dst_pitch=" + words_of(channels) + "\n";
        const auto store = "store format=" + format + " cols=" + text(channels) +
                           " src_pitch=" + words_of(channels) + " after=load:1";
        const auto memory = run_as_oracle(
            load + store + " binding=y rows=" + text(pixels) + " extra_groups=" + text(pixels - 1) +
                " offset=" + text(first) + " row_stride=" + text(step * image.pixel()) +
                " group_stride=" + text(step * image.line()) + "\n" + store + " binding=z rows=" +
                text(pixels * pixels) + " row_stride=" + text(image.pixel()) + "\n",
            {x, before, Bytes(x.size())});
        Bytes expected = before;
        for (std::size_t i = 0; i < pixels * pixels; ++i) {
          std::memcpy(&expected[first + i / pixels * step * image.line() +
                                i % pixels * step * image.pixel()],
                      &memory[2][i * image.pixel()], image.pixel());
        }
        EXPECT_TRUE(equal_bytes(expected, memory[1])) << format << " " << channels << " " << step;
      }
    }
  }
}

}  // namespace
}  // namespace weft::test
