// SPDX-License-Identifier: Apache-2.0
// runtime/graph/borders.h: how wide the border of zeros is that each feature map is stored with.
//
// Windows reach over the edge of a map: a convolution and its weight gradient by the padding into
// x, the input gradient by window - 1 - padding into dy. A map has the widest border that one of
// its readers needs. Operators on single elements run over whole maps, borders included, so theirs
// have one width; all of them take zeros to zeros (Graph::activation() sees to it).
#pragma once

#include "runtime/graph/contents.h"

namespace weft::graph {

// Sets TensorEntry::border of all feature maps. Then drops the kReborder operators that have
// nothing to do: those who read their output read their input.
void assign_borders(Contents& contents);

}  // namespace weft::graph
