// SPDX-License-Identifier: Apache-2.0
// Declarations of bindings of FP32 or int32 tensors.
#pragma once

#include <bit>
#include <cstdint>
#include <string>

#include "weft/program.h"

namespace weft::kernels {

inline BindingDeclaration read(std::string name, std::uint64_t elements) {
  return {std::move(name), elements * 4, Rights::kRead};
}

inline BindingDeclaration write(std::string name, std::uint64_t elements) {
  return {std::move(name), elements * 4, Rights::kWrite};
}

inline BindingDeclaration update(std::string name, std::uint64_t elements) {
  return {std::move(name), elements * 4, Rights::kReadWrite};
}

inline std::uint32_t bits(double number) {
  return std::bit_cast<std::uint32_t>(static_cast<float>(number));
}

}  // namespace weft::kernels
