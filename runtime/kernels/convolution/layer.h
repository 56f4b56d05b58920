// SPDX-License-Identifier: Apache-2.0
// What the kernels of a convolutional layer share.
#pragma once

#include <string>
#include <string_view>

#include "runtime/kernels/convolution/stored_map.h"
#include "weft/convolution.h"

namespace weft::kernels {

// Of kernel and shape: two shapes of one name are one program.
[[nodiscard]] std::string name_of(std::string_view kernel, const ConvolutionShape& shape);

[[nodiscard]] StoredMap x_map(const ConvolutionShape& shape);
[[nodiscard]] StoredMap y_map(const ConvolutionShape& shape);

// Everything but the widths of borders.
[[nodiscard]] Result<void> check(const ConvolutionShape& shape);

// Whether windows of x stay inside what is stored.
[[nodiscard]] Result<void> check_windows_of_x(const ConvolutionShape& shape);

}  // namespace weft::kernels
