// SPDX-License-Identifier: Apache-2.0
// runtime/program/asm.h: programs as text, both ways.
//
//   .binding x read 4096          ; name, rights (read, write, read+write), least size in bytes
//   .binding y write 1024
//   .scalar slope                 ; the first scalar of the launch
//   load target=v binding=x format=fp32 rows=4 cols=16 row_stride=64 dst_pitch=1
//   vector multiplicand=value0 rows=4 cols=16 src_pitch=1 dst_pitch=1
//          value0_scalar=slope after=load:1       (on one line in a file)
//   store format=word32 binding=y rows=4 cols=16 row_stride=64 src_pitch=1 after=vector:1
//
// A line is a declaration, a command or empty; ';' starts a comment. Fields are those of the
// specification in any order; those not named are zero. A value is a decimal or 0x number, a name
// of the field's enumeration, a declared binding or scalar, or for FP32 fields 0f1.5. `after` takes
// unit:count pairs separated by commas. `raw` and 128 hexadecimal digits stand for bytes that are
// no well-formed command.
//
// assemble(disassemble(image)) == image for every image with valid declarations, whatever its
// commands; disassemble(assemble(text)) == text for text disassemble() wrote.
#pragma once

#include <string>
#include <string_view>

#include "runtime/program/image.h"
#include "weft/result.h"

namespace weft {

// Checks form, not sense: what assembles may still be refused by the verifier.
// Code::kInvalidArgument with line, column and what to do.
[[nodiscard]] Result<ProgramImage> assemble(std::string_view text);

// Each command carries its position as a comment: what faults and the verifier call it.
[[nodiscard]] std::string disassemble(const ProgramImage& image);

// One command without its position; `image` supplies the names.
[[nodiscard]] std::string disassemble_command(const CommandBytes& command,
                                              const ProgramImage& image);

}  // namespace weft
