// SPDX-License-Identifier: Apache-2.0
// The operators of a Graph on feature maps.
#include <fmt/format.h>

#include <limits>
#include <utility>

#include "runtime/graph/contents.h"
#include "runtime/graph/refusal.h"

namespace weft {

using graph::Contents;
using graph::next_name;
using graph::Operation;
using graph::Operator;
using graph::refuse;
using graph::text;

namespace {

// The shape of `rows` maps.
Shape of_maps(std::uint32_t rows, MapShape map) {
  return {.rows = rows, .cols = static_cast<std::uint32_t>(map.elements()), .map = map};
}

Tensor reborder(Contents& contents, Tensor x, const Shape& shape, const char* stem) {
  return {contents.append({.operation = Operation::kReborder, .inputs = {x.id()}}, {shape},
                          next_name(contents, stem)),
          shape};
}

Tensor pool(Contents& contents, Operation operation, Tensor x, std::uint32_t window) {
  const auto map = x.shape().map;
  if (!map || window == 0 || window > map->height || window > map->width) {
    return refuse(contents,
                  fmt::format("{} of {}, windows of {} x {}", name(operation), text(x.shape()),
                              window, window),
                  "x are maps of at least one window");
  }
  const Shape shape = of_maps(
      x.shape().rows,
      {.height = map->height / window, .width = map->width / window, .channels = map->channels});
  return {contents.append({.operation = operation,
                           .inputs = {x.id()},
                           .windows = {.height = window, .width = window, .stride = window}},
                          {shape}, next_name(contents, name(operation))),
          shape};
}

// Extent of the output along one side; 0 if no window fits.
std::uint64_t steps(std::uint64_t size, std::uint64_t window, const Windows& windows) {
  const std::uint64_t padded = size + std::uint64_t{2} * windows.padding;
  if (window == 0 || windows.stride == 0 || window > padded) return 0;
  return (padded - window) / windows.stride + 1;
}

}  // namespace

Tensor Graph::map(Tensor x, MapShape shape) {
  if (x.empty() || x.shape().map || shape.elements() != x.shape().cols) {
    return refuse(*contents_,
                  fmt::format("{} as maps of {} x {} x {}", text(x.shape()), shape.height,
                              shape.width, shape.channels),
                  "a row of a matrix has as many elements as a map");
  }
  return reborder(*contents_, x, of_maps(x.shape().rows, shape), "map");
}

Tensor Graph::flatten(Tensor x) {
  if (!x.shape().map) {
    return refuse(*contents_, fmt::format("flatten of {}", text(x.shape())), "x are maps");
  }
  return reborder(*contents_, x, {.rows = x.shape().rows, .cols = x.shape().cols}, "flatten");
}

Tensor Graph::conv2d(Tensor x, Tensor weight, std::optional<Tensor> bias, Windows windows) {
  const MapShape in = x.shape().map.value_or(MapShape{});
  const std::uint64_t height = steps(in.height, windows.height, windows);
  const std::uint64_t width = steps(in.width, windows.width, windows);
  const std::uint32_t filters = weight.shape().rows;
  const std::uint64_t window = std::uint64_t{windows.height} * windows.width * in.channels;
  const auto describe = [&] {
    return fmt::format("conv2d of x {}, weight {}{}, windows of {} x {}, stride {}, padding {}",
                       text(x.shape()), text(weight.shape()),
                       bias ? ", bias " + text(bias->shape()) : "", windows.height, windows.width,
                       windows.stride, windows.padding);
  };
  if (!x.shape().map || height == 0 || width == 0) {
    return refuse(*contents_, describe(), "x are maps that hold a window, with their padding");
  }
  if (weight.empty() || weight.shape().cols != window ||
      (bias && bias->shape() != Shape{.rows = 1, .cols = filters})) {
    return refuse(*contents_, describe(),
                  "weight is filters x elements of a window, bias 1 x filters");
  }
  if (height * width > std::numeric_limits<std::uint32_t>::max() / filters) {
    return refuse(*contents_, describe(), "a map has less than 2^32 elements");
  }
  const Shape shape = of_maps(x.shape().rows, {.height = static_cast<std::uint32_t>(height),
                                               .width = static_cast<std::uint32_t>(width),
                                               .channels = filters});
  Operator operation{
      .operation = Operation::kConvolution, .inputs = {x.id(), weight.id()}, .windows = windows};
  if (bias) operation.inputs.push_back(bias->id());
  return {contents_->append(std::move(operation), {shape}, next_name(*contents_, "conv")), shape};
}

Tensor Graph::max_pool(Tensor x, std::uint32_t window) {
  return pool(*contents_, Operation::kMaxPool, x, window);
}

Tensor Graph::average_pool(Tensor x, std::uint32_t window) {
  return pool(*contents_, Operation::kAveragePool, x, window);
}

}  // namespace weft
