// SPDX-License-Identifier: Apache-2.0
// xclbin_file.h: what has to be known of an xclbin before XRT gets to see it.
#pragma once

#include <cstdint>
#include <filesystem>

#include "weft/result.h"

namespace weft::xilinx {

enum class Target : std::uint8_t {
  kCard,       // a bitstream for a card in this computer
  kEmulation,  // XRT's hardware emulation starts the simulated card from it
};

// Reads the header. kNotFound if there is no such file, kCorruptFile if it is not an xclbin or not
// all of one, kUnsupported for software emulation.
[[nodiscard]] Result<Target> xclbin_target(const std::filesystem::path& path);

// Compute units of kernel `weft`. 0 if there are none, or the file does not say.
[[nodiscard]] std::uint32_t xclbin_engines(const std::filesystem::path& path);

}  // namespace weft::xilinx
