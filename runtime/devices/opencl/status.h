// SPDX-License-Identifier: Apache-2.0
// status.h: error codes of OpenCL 1.2 as words.
#pragma once

#include <string>

namespace weft::opencl {

// "CL_OUT_OF_RESOURCES (-5)"; the number alone if it is not one of OpenCL 1.2 or the ICD loader.
[[nodiscard]] std::string status_text(int status);

}  // namespace weft::opencl
