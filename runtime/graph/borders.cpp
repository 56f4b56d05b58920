// SPDX-License-Identifier: Apache-2.0
#include "runtime/graph/borders.h"

#include <algorithm>
#include <numeric>

#include "weft/convolution.h"

namespace weft::graph {
namespace {

// Feature maps in groups of equal borders (union-find).
class Groups {
 public:
  explicit Groups(Contents& contents) : contents_(contents), parents_(contents.tensors.size()) {
    std::iota(parents_.begin(), parents_.end(), 0u);
  }

  void join(std::uint32_t x, std::uint32_t y) {
    x = root(x);
    y = root(y);
    need(x, contents_.tensors[y].border);
    parents_[y] = x;
  }

  void need(std::uint32_t tensor, std::uint32_t border) {
    std::uint32_t& has = contents_.tensors[root(tensor)].border;
    has = std::max(has, border);
  }

  void finish() {
    for (std::uint32_t i = 0; i < parents_.size(); ++i) {
      contents_.tensors[i].border = contents_.tensors[root(i)].border;
    }
  }

 private:
  std::uint32_t root(std::uint32_t tensor) {
    while (parents_[tensor] != tensor) tensor = parents_[tensor] = parents_[parents_[tensor]];
    return tensor;
  }

  Contents& contents_;
  std::vector<std::uint32_t> parents_;
};

void add_needs(const Operator& each, Groups& groups) {
  const Windows& windows = each.windows;
  switch (each.operation) {
    case Operation::kConvolution:
      groups.need(each.inputs[0], windows.padding);
      return;
    case Operation::kConvolutionWeight:
      groups.need(each.inputs[1], windows.padding);
      return;
    case Operation::kConvolutionInput: {
      const kernels::ConvolutionShape layer{.kernel_height = windows.height,
                                            .kernel_width = windows.width,
                                            .stride = windows.stride,
                                            .padding = windows.padding};
      groups.need(each.inputs[0], layer.input_gradient_border());
      return;
    }
    case Operation::kActivation:
    case Operation::kActivationGradient:
    case Operation::kAdd:
    case Operation::kMultiply:
    case Operation::kCopy:
      for (const std::uint32_t input : each.inputs) groups.join(each.outputs[0], input);
      return;
    default:
      return;  // takes maps of any border
  }
}

// Whether the output of a kReborder is stored as its input is.
bool is_idle(const Contents& contents, const Operator& each) {
  if (each.operation != Operation::kReborder) return false;
  const TensorEntry& x = contents.tensors[each.inputs[0]];
  const TensorEntry& y = contents.tensors[each.outputs[0]];
  if (x.border != y.border || x.role == Role::kParameter) return false;
  if (x.shape.map && y.shape.map && x.shape.map != y.shape.map) return false;
  // What no operator reads is a result, with a place of its own.
  return std::any_of(contents.operators.begin(), contents.operators.end(), [&](const auto& reader) {
    return std::find(reader.inputs.begin(), reader.inputs.end(), each.outputs[0]) !=
           reader.inputs.end();
  });
}

void drop_idle(Contents& contents) {
  std::vector<std::uint32_t> read(contents.tensors.size());  // instead of each tensor
  std::iota(read.begin(), read.end(), 0u);
  for (Operator& each : contents.operators) {
    for (std::uint32_t& input : each.inputs) input = read[input];
    if (!is_idle(contents, each)) continue;
    Shape& shape = contents.tensors[each.inputs[0]].shape;
    if (!shape.map) shape.map = contents.tensors[each.outputs[0]].shape.map;
    read[each.outputs[0]] = each.inputs[0];
    each.outputs.clear();
  }
  std::erase_if(contents.operators, [](const Operator& each) { return each.outputs.empty(); });
}

}  // namespace

void assign_borders(Contents& contents) {
  Groups groups(contents);
  for (const Operator& each : contents.operators) add_needs(each, groups);
  groups.finish();
  drop_idle(contents);
}

}  // namespace weft::graph
