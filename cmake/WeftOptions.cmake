# SPDX-License-Identifier: Apache-2.0
# Compiler options of every target of ours, as the interface target weft::options.
#
# Warnings and instrumentation only; nothing that changes what arithmetic means. No -ffast-math,
# no contraction: fused multiply-adds are written as such or not at all.

add_library(weft_options INTERFACE)
add_library(weft::options ALIAS weft_options)
target_compile_options(weft_options INTERFACE -Wall -Wextra -Wshadow -ffp-contract=off)

if(WEFT_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
if(WEFT_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
endif()

# A suite whose package is missing is absent, not skipped; with WEFT_REQUIRE_ALL that is an error.
# weft_suite_absent("formal" "yosys is not installed")
function(weft_suite_absent suite reason)
  if(WEFT_REQUIRE_ALL)
    message(FATAL_ERROR "Suite ${suite} would be absent: ${reason}")
  endif()
  message(STATUS "Suite ${suite} is absent: ${reason}")
endfunction()
