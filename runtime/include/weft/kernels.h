// SPDX-License-Identifier: Apache-2.0
// weft/kernels.h: all kernels. What they have in common is in weft/kernel.h; gemm has a header and
// conventions of its own.
#pragma once

#include "weft/convolution.h"
#include "weft/elementwise.h"
#include "weft/embedding.h"
#include "weft/gemm.h"
#include "weft/norms.h"
#include "weft/optimizers.h"
#include "weft/pooling.h"
#include "weft/reductions.h"
#include "weft/softmax.h"
