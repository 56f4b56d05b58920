// SPDX-License-Identifier: Apache-2.0
// runtime/tools/network_file.h: a network and its weights from a safetensors file, as training
// saves them.
#pragma once

#include <map>
#include <string>

#include "runtime/io/safetensors.h"
#include "runtime/tools/architecture.h"
#include "weft/result.h"
#include "weft/trainer.h"

namespace weft::tools {

struct SavedNetwork {
  Architecture architecture;
  std::map<std::string, HostTensor> weights;  // by the names of Sequential
};

// The file is a path, else a name in share/weft. kCorruptFile or kNotFound names what its
// architecture lacks; every shape is checked.
[[nodiscard]] Result<SavedNetwork> load_network(const std::string& name);
// The same of a file that has been read and is called `name`.
[[nodiscard]] Result<SavedNetwork> read_network(const io::Safetensors& file,
                                                const std::string& name);

}  // namespace weft::tools
