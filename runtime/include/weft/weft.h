// SPDX-License-Identifier: Apache-2.0
// weft/weft.h: everything a program that uses the runtime needs.
#pragma once

#include "weft/buffer.h"
#include "weft/checkpoint.h"
#include "weft/device.h"
#include "weft/graph.h"
#include "weft/inference.h"
#include "weft/kernels.h"
#include "weft/network.h"
#include "weft/pack.h"
#include "weft/phase.h"
#include "weft/program.h"
#include "weft/queue.h"
#include "weft/result.h"
#include "weft/spec.h"
#include "weft/spread.h"
#include "weft/trainer.h"
