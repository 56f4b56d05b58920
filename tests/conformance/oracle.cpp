// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/oracle.h"

#include <algorithm>
#include <cstring>

#include "hls/functions/bf16_to_fp32.h"
#include "hls/functions/block_accumulate.h"
#include "hls/functions/block_exponent.h"
#include "hls/functions/fp32_compare.h"
#include "hls/functions/fp32_fma.h"
#include "hls/functions/fp32_to_bf16.h"
#include "hls/functions/fp32_to_int8.h"
#include "hls/functions/int32_to_fp32.h"
#include "hls/functions/int32_to_int8.h"
#include "hls/functions/quantise.h"

namespace weft::test {
namespace {

constexpr std::size_t kRows = spec::kGroupRows;
constexpr std::size_t kColumns = spec::kCellColumns;
constexpr std::size_t kBlock = spec::kBlock;
constexpr std::size_t kWord = spec::kWordElements;

template <class T>
T get(const std::vector<std::byte>& bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

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
        load(command, memory[command.binding]);
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

void Oracle::load(const spec::Load& load, const std::vector<std::byte>& from) {
  if (load.target == spec::Target::kA) return load_operand(load, from, a_);
  if (load.target == spec::Target::kB) return load_operand(load, from, b_);
  for (std::size_t r = 0; r < load.rows; ++r) {
    for (std::size_t c = 0; c < load.cols; ++c) {
      const std::size_t row = load.offset + r * load.row_stride;
      v_[(load.dst + r * load.dst_pitch) * kWord + c] =
          load.format == spec::LoadFormat::kBf16
              ? hls::bf16_to_fp32(get<std::uint16_t>(from, row + 2 * c))
              : get<std::uint32_t>(from, row + 4 * c);
    }
  }
}

void Oracle::load_operand(const spec::Load& load, const std::vector<std::byte>& from, Pad& pad) {
  const std::size_t chunks = (load.cols + kColumns - 1) / kColumns;
  // Start of the packed panel row r is in.
  const auto panel = [&](std::size_t r) {
    const std::size_t whole = kRows * chunks;
    return load.offset + r / kRows * (whole + (whole + 31) / 32) * 64;
  };
  for (std::size_t r = 0; r < load.rows; ++r) {
    for (std::size_t first = 0; first < load.cols; first += kBlock) {
      std::array<std::int8_t, kBlock> mantissas{};
      std::uint8_t scale = 0;
      const std::size_t count = std::min(kBlock, load.cols - first);
      const std::size_t row = load.offset + r * load.row_stride;
      if (load.format == spec::LoadFormat::kInt8) {
        for (std::size_t i = 0; i < count; ++i) {
          mantissas[i] = get<std::int8_t>(from, row + first + i);
        }
      } else if (load.format == spec::LoadFormat::kMxint8) {
        const std::size_t chunk = r % kRows * chunks + first / kColumns;
        const std::size_t header = panel(r) + chunk / 32 * 33 * 64;
        scale = get<std::uint8_t>(from, header + 2 * (chunk % 32) + first % kColumns / kBlock);
        const std::size_t start = header + 64 + chunk % 32 * 64 + first % kColumns;
        for (std::size_t i = 0; i < count; ++i) mantissas[i] = get<std::int8_t>(from, start + i);
      } else {
        std::array<std::uint32_t, kBlock> numbers{};
        std::uint32_t amax = 0;
        for (std::size_t i = 0; i < count; ++i) {
          numbers[i] = load.format == spec::LoadFormat::kFp32
                           ? get<std::uint32_t>(from, row + 4 * (first + i))
                           : hls::bf16_to_fp32(get<std::uint16_t>(from, row + 2 * (first + i)));
          amax = std::max(amax, numbers[i] & 0x7fffffffu);
        }
        scale = hls::block_exponent(amax);
        for (std::size_t i = 0; i < count; ++i) mantissas[i] = hls::quantise(numbers[i], scale);
      }
      const std::size_t cell = load.dst + r / kRows * load.dst_pitch + first / kColumns;
      for (std::size_t i = 0; i < kBlock; ++i) {
        pad.mantissas[mantissa_at(cell, r % kRows, first % kColumns + i)] = mantissas[i];
      }
      if (load.format != spec::LoadFormat::kInt8) {
        pad.scales[scale_at(cell, r % kRows, first % kColumns / kBlock)] = scale;
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

void Oracle::vector(const spec::Vector& vector, const Scalars& scalars) {
  constexpr std::uint32_t kOne = 0x3f800000;
  constexpr std::uint32_t kMinusZero = 0x80000000;
  for (std::size_t r = 0; r < vector.rows; ++r) {
    for (std::size_t c = 0; c < vector.cols; ++c) {
      std::uint32_t x = v_[(vector.src + r * vector.src_pitch) * kWord + c];
      if (vector.convert_in == spec::ConvertIn::kInt32) x = hls::int32_to_fp32(x);
      const auto value = [&](std::uint32_t bits, std::uint8_t scalar) {
        return scalar == 0 ? bits : scalars[scalar - 1u];
      };
      const auto operand = [&](spec::Operand kind, std::uint32_t none) {
        switch (kind) {
          case spec::Operand::kNone:
            return none;
          case spec::Operand::kInput:
            return x;
          case spec::Operand::kSecond:
            return v_[(vector.second + r * vector.second_pitch) * kWord + c];
          case spec::Operand::kColumn:
            return v_[vector.column * kWord + c];
          case spec::Operand::kRow:
            return v_[vector.row * kWord + r];
          case spec::Operand::kValue0:
            return value(vector.value0, vector.value0_scalar);
          case spec::Operand::kValue1:
            return value(vector.value1, vector.value1_scalar);
          case spec::Operand::kValue2:
            return value(vector.value2, vector.value2_scalar);
          case spec::Operand::kValue3:
            return value(vector.value3, vector.value3_scalar);
        }
        return none;
      };
      std::uint32_t y = x;
      if (vector.multiplicand != spec::Operand::kNone || vector.addend != spec::Operand::kNone) {
        y = hls::fp32_fma(x, operand(vector.multiplicand, kOne),
                          operand(vector.addend, kMinusZero));
      }
      std::uint32_t z = hls::fp32_compare(hls::Bits<2>(static_cast<unsigned>(vector.compare)), y,
                                          operand(vector.compare_with, 0));
      if (vector.convert_out == spec::ConvertOut::kInt8) z = hls::fp32_to_int8(z);
      v_[(vector.dst + r * vector.dst_pitch) * kWord + c] = z;
    }
  }
}

void Oracle::store(const spec::Store& store, std::vector<std::byte>& to) const {
  for (std::size_t r = 0; r < store.rows; ++r) {
    for (std::size_t c = 0; c < store.cols; ++c) {
      const std::uint32_t x = v_[(store.src + r * store.src_pitch) * kWord + c];
      const std::size_t row = store.offset + r * store.row_stride;
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
