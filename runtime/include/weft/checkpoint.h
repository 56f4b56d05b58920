// SPDX-License-Identifier: Apache-2.0
// weft/checkpoint.h: the state of a training as a safetensors file.
//
// Weights are tensors under the names of their parameters, the optimizer's under optimizer.*; the
// number of steps is __metadata__["weft_step"]. A file is replaced as a whole: it is written beside
// the old one, flushed and renamed, so that whatever ends the process leaves one of the two.
//
// Errors    kIoError, kNotFound: the file. kCorruptFile: its contents.
// Threads   Any.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "weft/result.h"
#include "weft/trainer.h"

namespace weft {

struct Checkpoint {
  TrainerState state;
  std::map<std::string, std::string> metadata;  // yours; not the key weft_step
};

[[nodiscard]] Result<void> save_checkpoint(const std::string& path, const Checkpoint& checkpoint);
[[nodiscard]] Result<Checkpoint> load_checkpoint(const std::string& path);

// Hash (64-bit FNV-1a) of the bytes of all weights in the order of their names, without the
// optimizer's tensors: equal for equal weights.
[[nodiscard]] std::uint64_t weights_hash(const TrainerState& state);

}  // namespace weft
