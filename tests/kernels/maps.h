// SPDX-License-Identifier: Apache-2.0
// Feature maps of tests: interiors as dense tensors, and as they are stored.
#pragma once

#include <bit>
#include <span>
#include <string>
#include <vector>

#include "tests/kernels/support.h"

namespace weft::test {

// What lies between the borders; dense values are [image][line][column][channel].
struct Map {
  std::uint32_t images, height, width, channels, border;

  [[nodiscard]] std::size_t size() const { return std::size_t{images} * height * width * channels; }
  // Of the interior; `line` and `column` may lie outside of it, where a map is 0.
  template <class T>
  [[nodiscard]] T at(const std::vector<T>& dense, std::uint32_t image, std::int64_t line,
                     std::int64_t column, std::uint32_t channel) const {
    if (line < 0 || line >= height || column < 0 || column >= width) return 0;
    return dense[index(image, line, column, channel)];
  }
  [[nodiscard]] std::size_t index(std::uint32_t image, std::int64_t line, std::int64_t column,
                                  std::uint32_t channel) const {
    return ((static_cast<std::size_t>(image) * height + static_cast<std::size_t>(line)) * width +
            static_cast<std::size_t>(column)) *
               channels +
           channel;
  }

  // With a border of zeros around it.
  [[nodiscard]] std::vector<float> stored(const std::vector<float>& dense) const {
    std::vector<float> result(kernels::map_elements(images, height, width, channels, border));
    for_each([&](std::size_t from, std::size_t to) { result[to] = dense[from]; });
    return result;
  }

  // The interior of what a card holds; the border has to be +0.
  [[nodiscard]] std::vector<float> interior(const std::vector<float>& stored,
                                            const std::string& what) const {
    std::vector<float> result(size());
    std::vector<bool> inside(stored.size());
    for_each([&](std::size_t to, std::size_t from) {
      result[to] = stored[from];
      inside[from] = true;
    });
    for (std::size_t i = 0; i < stored.size(); ++i) {
      if (inside[i] || std::bit_cast<std::uint32_t>(stored[i]) == 0) continue;
      ADD_FAILURE() << what << ": border element " << i << " is " << stored[i];
      break;
    }
    return result;
  }

  // Room on a card: the border zero, the interior NaN.
  [[nodiscard]] Buffer& room(Card& card) const {
    return card.put(stored(std::vector<float>(size(), std::bit_cast<float>(0xffffffffu))));
  }

 private:
  // visit(place in the dense tensor, place in memory)
  template <class Visit>
  void for_each(Visit visit) const {
    const std::size_t line_elements = (width + std::size_t{2} * border) * channels;
    std::size_t dense = 0;
    for (std::size_t n = 0; n < images; ++n) {
      for (std::size_t line = 0; line < height; ++line) {
        const std::size_t row = n * (height + std::size_t{2} * border) + border + line;
        for (std::size_t i = 0; i < std::size_t{width} * channels; ++i) {
          visit(dense++, row * line_elements + std::size_t{border} * channels + i);
        }
      }
    }
  }
};

}  // namespace weft::test
