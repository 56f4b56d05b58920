// SPDX-License-Identifier: Apache-2.0
// Oracle: what a program must do, element by element, in stream order, from the specification and
// the functions of hls/. Slow and plain on purpose; shares no code with any device.
//
// Programs are legal: no check is made here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/program/image.h"
#include "weft/spec.h"

namespace weft::test {

using Memory = std::vector<std::vector<std::byte>>;  // contents of each binding
using Scalars = std::array<std::uint32_t, spec::kScalars>;

class Oracle {
 public:
  // A or B: mantissas by cell, row and contraction index; a scale per cell, row and block.
  struct Pad {
    std::vector<std::int8_t> mantissas;
    std::vector<std::uint8_t> scales;
    friend bool operator==(const Pad&, const Pad&) = default;
  };

  explicit Oracle(const spec::Config& config);

  // Executes the program on the bindings; scratchpads keep what earlier programs left.
  void run(const ProgramImage& image, const Scalars& scalars, Memory& memory);

  // The scratchpads, for benches of single units.
  Pad& a() { return a_; }
  Pad& b() { return b_; }
  std::vector<std::uint32_t>& v() { return v_; }

 private:
  void load(const spec::Load& load, const std::vector<std::byte>& from, const Scalars& scalars);
  void load_operand(const spec::Load& load, const std::vector<std::byte>& from,
                    const Scalars& scalars, Pad& pad);
  // Element (r, c) of the source of a load of FP32 or BF16, as FP32.
  [[nodiscard]] std::uint32_t element(const spec::Load& load, const std::vector<std::byte>& from,
                                      std::size_t r, std::size_t c) const;
  void matmul(const spec::Matmul& matmul);
  void vector(const spec::Vector& vector, const Scalars& scalars);
  // g of element (r, c).
  [[nodiscard]] std::uint32_t chain(const spec::Vector& vector, const Scalars& scalars,
                                    std::size_t r, std::size_t c) const;
  void store(const spec::Store& store, std::vector<std::byte>& to) const;

  Pad a_;
  Pad b_;
  std::vector<std::uint32_t> v_;
};

}  // namespace weft::test
