// SPDX-License-Identifier: Apache-2.0
// What a Program shares between its copies, and the way from a ProgramImage (assembler, bundles) to
// a Program and back: program.contents()->image.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/program/image.h"
#include "weft/program.h"

namespace weft {

struct Program::Contents {
  std::string name;
  ProgramImage image;
  std::vector<BindingDeclaration> bindings;  // as in the image
  ScratchpadNeeds needs;
  bool verified = false;
};

// Errors as ProgramBuilder::finalise().
[[nodiscard]] Result<Program> make_program(std::string name, ProgramImage image, Verify verify);

}  // namespace weft
