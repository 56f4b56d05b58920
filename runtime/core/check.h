// SPDX-License-Identifier: Apache-2.0
// WEFT_CHECK(condition): stops the process with file and line if the condition, which only a bug of
// ours can break, does not hold. Never for what a caller passed.
#pragma once

#include <cstdio>
#include <cstdlib>

#define WEFT_CHECK(condition)                                                      \
  do {                                                                             \
    if (!(condition)) {                                                            \
      std::fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                \
    }                                                                              \
  } while (false)
