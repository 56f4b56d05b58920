# SPDX-License-Identifier: Apache-2.0
# weft_hls_generate(): from hls/functions.toml and hls/functions to SystemVerilog and native C++.
#
# Sets in the caller's scope
#   WEFT_HLS_SV         all generated SystemVerilog files, the package first
#   WEFT_HLS_NATIVE_SV  those that are enough with +define+WEFT_NATIVE
#   WEFT_HLS_NATIVE_CPP the DPI-C functions the latter call
#   WEFT_HLS_INTERFACES parameters, widths and latencies as JSON
# and defines the target weft_hls_sv that makes them (for commands of other folders to depend on).

function(weft_hls_generate)
  set(root "${PROJECT_SOURCE_DIR}")
  set(listing "${root}/hls/functions.toml")
  set(sv "${CMAKE_BINARY_DIR}/generated/sv")
  set(cpp "${CMAKE_BINARY_DIR}/generated/hls")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${listing}")
  file(STRINGS "${listing}" names REGEX "^name = ")
  list(TRANSFORM names REPLACE "^name = \"(.*)\"$" "\\1")

  set(native "${sv}/weft_hls_pkg.sv")
  set(pipelines)
  foreach(name IN LISTS names)
    list(APPEND native "${sv}/weft_${name}.sv")
    list(APPEND pipelines "${sv}/weft_${name}_pipeline.sv")
  endforeach()

  file(GLOB sources CONFIGURE_DEPENDS "${root}/hls/functions/*.h" "${root}/hls/compiler/*.py")
  # One command makes everything; the stamp is its time, files that do not change keep theirs.
  add_custom_command(
    OUTPUT "${cpp}/compiled.stamp"
    BYPRODUCTS ${native} ${pipelines} "${cpp}/weft_hls_native.cpp" "${cpp}/weft_hls.json"
    COMMAND "${WEFT_PYTHON}" -B "${root}/hls/compiler/main.py" --root "${root}"
      --clang "${CMAKE_CXX_COMPILER}" --sv "${sv}" --cpp "${cpp}"
    COMMAND "${CMAKE_COMMAND}" -E touch "${cpp}/compiled.stamp"
    DEPENDS "${listing}" ${sources}
    COMMENT "Compiling the functions of hls/ to SystemVerilog"
    VERBATIM)
  add_custom_target(weft_hls_sv DEPENDS "${cpp}/compiled.stamp")

  set(WEFT_HLS_FUNCTIONS "${names}" PARENT_SCOPE)
  set(WEFT_HLS_SV ${native} ${pipelines} PARENT_SCOPE)
  set(WEFT_HLS_NATIVE_SV ${native} PARENT_SCOPE)
  set(WEFT_HLS_NATIVE_CPP "${cpp}/weft_hls_native.cpp" PARENT_SCOPE)
  set(WEFT_HLS_INTERFACES "${cpp}/weft_hls.json" PARENT_SCOPE)
endfunction()
