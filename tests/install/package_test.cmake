# SPDX-License-Identifier: Apache-2.0
# Installs into one prefix, moves it, runs the command there, then builds and runs the consumer.
set(work "${WEFT_BUILD}/tests/install/work")
file(REMOVE_RECURSE "${work}")

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output
    ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN} ended with ${result}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${WEFT_BUILD} --prefix ${work}/first)
file(RENAME "${work}/first" "${work}/moved")
run(${work}/moved/bin/weft run digits.safetensors --data digits --device fast: --json)
if(NOT output MATCHES "\"accuracy\":0\\.9")
  message(FATAL_ERROR "the installed command classified badly:\n${output}")
endif()

run(${CMAKE_COMMAND} -S ${WEFT_CONSUMER} -B ${work}/consumer -G Ninja
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH=${work}/moved -DWEFT_EXAMPLE=${WEFT_EXAMPLE}
  -DCMAKE_CXX_COMPILER=${WEFT_CXX} -DCMAKE_CXX_FLAGS=${WEFT_CXX_FLAGS}
  -DCMAKE_EXE_LINKER_FLAGS=${WEFT_LINK_FLAGS})
run(${CMAKE_COMMAND} --build ${work}/consumer)
run(${work}/consumer/consumer)
if(NOT output STREQUAL "1 5\n4 11\n")
  message(FATAL_ERROR "the consumer printed:\n${output}")
endif()
