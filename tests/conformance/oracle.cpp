// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/oracle.h"

#include <algorithm>
#include <cstring>

#include "hls/functions/block_accumulate.h"
#include "hls/functions/fp32_to_bf16.h"
#include "hls/functions/int32_to_int8.h"
#include "tests/conformance/oracle_layout.h"

namespace weft::test {
namespace {

std::size_t mantissa_at(std::size_t cell, std::size_t row, std::size_t k) {
  return (cell * kRows + row) * kColumns + k;
}

std::size_t scale_at(std::size_t cell, std::size_t row, std::size_t block) {
  return (cell * kRows + row) * (kColumns / kBlock) + block;
}

std::uint32_t upper_19_bits(std::uint8_t e8m0) {
  return e8m0 == 255 ? 0x3fe00u : std::uint32_t{e8m0} << 10;
}

}  // namespace

Oracle::Oracle(const spec::Config& config) : v_(config.v_bytes / 4) {
  a_.mantissas.resize(config.a_bytes);
  a_.scales.resize(config.a_bytes / kBlock);
  b_.mantissas.resize(config.b_bytes);
  b_.scales.resize(config.b_bytes / kBlock);
}

void Oracle::run(const ProgramImage& image, const Scalars& scalars, Memory& memory) {
  for (const CommandBytes& bytes : image.commands) {
    switch (static_cast<spec::Opcode>(bytes[0])) {
      case spec::Opcode::kLoad: {
        const auto command = spec::unpack_load(bytes);
        static const std::vector<std::byte> kNothing;
        const bool from_v = command.source == spec::Source::kV;
        load(command, from_v ? kNothing : memory[command.binding], scalars);
        break;
      }
      case spec::Opcode::kMatmul:
        matmul(spec::unpack_matmul(bytes));
        break;
      case spec::Opcode::kVector:
        vector(spec::unpack_vector(bytes), scalars);
        break;
      case spec::Opcode::kStore: {
        const auto command = spec::unpack_store(bytes);
        store(command, memory[command.binding]);
        break;
      }
    }
  }
}

void Oracle::matmul(const spec::Matmul& matmul) {
  const bool fp = matmul.arithmetic == spec::Arithmetic::kMxint8;
  for (std::size_t m = 0; m < matmul.m; ++m) {
    for (std::size_t n = 0; n < matmul.n; ++n) {
      std::uint32_t acc = 0;
      if (matmul.preload == spec::Preload::kV) {
        acc = v_[(matmul.initial + m * matmul.initial_pitch) * kWord + n];
      }
      for (std::size_t k = 0; k < matmul.k; k += kBlock) {
        const std::size_t a_cell = matmul.a + m / kRows * matmul.a_pitch + k / kColumns;
        const std::size_t b_cell = matmul.b + n / kRows * matmul.b_pitch + k / kColumns;
        int sum = 0;
        for (std::size_t i = 0; i < std::min(kBlock, matmul.k - k); ++i) {
          sum += a_.mantissas[mantissa_at(a_cell, m % kRows, k % kColumns + i)] *
                 b_.mantissas[mantissa_at(b_cell, n % kRows, k % kColumns + i)];
        }
        const std::size_t block = k % kColumns / kBlock;
        acc = hls::block_accumulate(
            fp, hls::SignedBits<21>(sum), a_.scales[scale_at(a_cell, m % kRows, block)],
            hls::Bits<19>(upper_19_bits(b_.scales[scale_at(b_cell, n % kRows, block)])), acc);
      }
      v_[(matmul.dst + m * matmul.dst_pitch) * kWord + n] = acc;
    }
  }
}

void Oracle::store(const spec::Store& store, std::vector<std::byte>& to) const {
  for (std::size_t r = 0; r < store.rows * (std::size_t{store.extra_groups} + 1); ++r) {
    for (std::size_t c = 0; c < store.cols; ++c) {
      const std::uint32_t x = v_[(store.src + r * store.src_pitch) * kWord + c];
      const std::size_t row =
          store.offset + r / store.rows * store.group_stride + r % store.rows * store.row_stride;
      const auto put = [&](auto value) {
        std::memcpy(to.data() + row + c * sizeof value, &value, sizeof value);
      };
      switch (store.format) {
        case spec::StoreFormat::kWord32:
          put(x);
          break;
        case spec::StoreFormat::kBf16:
          put(hls::fp32_to_bf16(x));
          break;
        case spec::StoreFormat::kInt8:
          put(hls::int32_to_int8(x));
          break;
      }
    }
  }
}

}  // namespace weft::test
