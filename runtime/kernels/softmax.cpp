// SPDX-License-Identifier: Apache-2.0
#include "weft/softmax.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numbers>

#include "runtime/kernels/declare.h"
#include "runtime/kernels/recipe.h"

namespace weft::kernels {
namespace {

using spec::Compare;
using spec::Function;
using spec::Reduce;

constexpr float kLog2E = std::numbers::log2e_v<float>;
constexpr float kLn2 = std::numbers::ln2_v<float>;

Recipe whole_rows(const char* name, Shape shape, const Needs& needs) {
  Recipe recipe;
  recipe.name = fmt::format("{}-{}x{}", name, shape.rows, shape.cols);
  recipe.rows = shape.rows;
  recipe.cols = shape.cols;
  recipe.needs = needs;
  return recipe;
}

// x becomes exp(x - largest of its row) * c, and `sums` the sums of the rows; c, the same for a
// whole row, is a rounding error away from 1. `largest` becomes -(largest * log2(e)), rounded: the
// number that c comes from, and that whoever needs log2(c * sum) has to add.
void exponentials(Turn& t, const Tile& x, const Tile& largest, const Tile& sums) {
  t.run(Pass(largest).multiply(value(-kLog2E)).into(largest));
  t.run(Pass(x)
            .multiply(value(kLog2E))
            .add(row(largest))
            .function(Function::kExp2)
            .sum_rows(sums)
            .into(x));
}

// 0, 1, 2 ... as FP32 in `to`, a row of V. Commands carry no tables, so it is counted: lane l is
// what the last of the passes over at least l + 1 lanes wrote; then runs of words are copied with
// their distance added. `any` is a row of at least min(16, to.cols) elements that were written.
void count_up(Turn& t, const Tile& any, const Tile& to) {
  std::uint32_t done = std::min<std::uint32_t>(to.cols, spec::kWordElements);
  for (std::uint32_t lanes = done; lanes > 0; --lanes) {
    t.run(Pass(any.first(lanes))
              .compare(Compare::kGate, value(0))
              .then_add(value(static_cast<float>(lanes - 1)))
              .into(to));
  }
  while (done < to.cols) {
    const Tile counted = to.first(std::min(done, to.cols - done));
    Tile next = counted;
    next.word += done / spec::kWordElements;
    t.run(Pass(counted).add(value(static_cast<float>(done))).into(next));
    done += next.cols;
  }
}

}  // namespace

Call SoftmaxArguments::call() const {
  return {.bindings = {x, y}};
}

Result<Kernel<SoftmaxArguments>> softmax(const DeviceInfo& device, Shape shape) {
  const std::uint64_t count = std::uint64_t{shape.rows} * shape.cols;
  Recipe recipe = whole_rows("softmax", shape, {.buffers = 1, .vectors = 2});
  recipe.bindings = {read("x", count), write("y", count)};
  recipe.load = [](Turn& t) { t.load(0, t.buffer(0)); };
  recipe.work = [](Turn& t) {
    const Tile x = t.buffer(0);
    const Tile largest = t.vector(0);
    const Tile sums = t.vector(1);
    t.run(Pass(x).reduce_rows(Reduce::kMax, largest));
    exponentials(t, x, largest, sums);
    t.run(reciprocal(sums).into(sums));
    t.run(Pass(x).multiply(row(sums)).into(x));
    t.store(1, x);
  };
  return make_kernel<SoftmaxArguments>(device, recipe);
}

Call SoftmaxGradientArguments::call() const {
  return {.bindings = {y, dy, dx}};
}

Result<Kernel<SoftmaxGradientArguments>> softmax_gradient(const DeviceInfo& device, Shape shape) {
  const std::uint64_t count = std::uint64_t{shape.rows} * shape.cols;
  Recipe recipe = whole_rows("softmax-gradient", shape, {.buffers = 2, .vectors = 1});
  recipe.bindings = {read("y", count), read("dy", count), write("dx", count)};
  recipe.load = [](Turn& t) {
    t.load(0, t.buffer(0));
    t.load(1, t.buffer(1));
  };
  recipe.work = [](Turn& t) {
    const Tile y = t.buffer(0);
    const Tile dy = t.buffer(1);
    const Tile sums = t.vector(0);  // with their signs turned
    t.run(Pass(y).multiply(second(dy)).then_multiply(value(-1)).sum_rows(sums));
    t.run(Pass(dy).add(row(sums)).then_multiply(second(y)).into(dy));
    t.store(2, dy);
  };
  return make_kernel<SoftmaxGradientArguments>(device, recipe);
}

Call SoftmaxCrossEntropyArguments::call() const {
  return {.bindings = {logits, labels, loss, dlogits, predictions},
          .scalars = {bits(factor), bits(-factor)}};
}

Result<Kernel<SoftmaxCrossEntropyArguments>> softmax_cross_entropy(const DeviceInfo& device,
                                                                   Shape shape) {
  const std::uint64_t count = std::uint64_t{shape.rows} * shape.cols;
  Recipe recipe =
      whole_rows("softmax-cross-entropy", shape, {.buffers = 2, .vectors = 5, .columns = 1});
  recipe.bindings = {read("logits", count), read("labels", shape.rows), write("loss", shape.rows),
                     write("dlogits", count), write("predictions", shape.rows)};
  recipe.scalars = {"factor", "minus-factor"};
  recipe.load = [](Turn& t) {
    t.load(0, t.buffer(0));
    t.load_rows(1, t.vector(0));
  };
  recipe.work = [](Turn& t) {
    const Tile x = t.buffer(0);
    const Tile hits = t.buffer(1);
    const Tile labels = t.vector(0);
    const Tile largest = t.vector(1);
    const Tile predictions = t.vector(2);
    const Tile loss = t.vector(3);
    const Tile sums = t.vector(4);
    if (t.new_columns()) count_up(t, x, t.column(0));
    const Tile index = t.column(0).repeated(x.rows);

    t.run(Pass(labels).from_int32().into(labels));
    // Finite, because 0 * infinity below would be NaN.
    t.run(Pass(x)
              .compare(Compare::kMax, value(std::numeric_limits<float>::lowest()))
              .reduce_rows(Reduce::kMax, largest)
              .into(x));
    t.run(Pass(x).reduce_rows(Reduce::kArgmax, predictions));
    t.store_rows(4, predictions);
    // The label's logit: all other terms are zeros.
    t.run(
        Pass(index).compare(Compare::kEqual, row(labels)).then_multiply(second(x)).sum_rows(loss));
    exponentials(t, x, largest, sums);
    // loss = ln2 * (log2(sum) - (logit * log2(e) - largest * log2(e)))
    t.run(Pass(loss)
              .multiply(value(kLog2E))
              .add(second(largest))
              .then_multiply(value(-kLn2))
              .into(loss));
    t.run(Pass(sums)
              .function(Function::kLog2)
              .then_multiply(value(kLn2))
              .then_add(second(loss))
              .into(loss));
    t.store_rows(2, loss);
    t.run(Pass(index).compare(Compare::kEqual, row(labels)).then_multiply(scalar(1)).into(hits));
    t.run(reciprocal(sums).then_multiply(scalar(0)).into(sums));
    t.run(Pass(x).multiply(row(sums)).add(second(hits)).into(x));
    t.store(3, x);
  };
  return make_kernel<SoftmaxCrossEntropyArguments>(device, recipe);
}

}  // namespace weft::kernels
