// SPDX-License-Identifier: Apache-2.0
// weft/weft.h: everything a program that uses the runtime needs.
#pragma once

#include "weft/buffer.h"
#include "weft/device.h"
#include "weft/kernels.h"
#include "weft/pack.h"
#include "weft/program.h"
#include "weft/queue.h"
#include "weft/result.h"
#include "weft/spec.h"
