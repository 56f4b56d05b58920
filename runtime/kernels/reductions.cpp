// SPDX-License-Identifier: Apache-2.0
#include "weft/reductions.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/kernels/declare.h"
#include "runtime/kernels/recipe.h"

namespace weft::kernels {

Call AddColumnArguments::call() const {
  return {.bindings = {x, column, y}};
}

Result<Kernel<AddColumnArguments>> add_column(const DeviceInfo& device, Shape shape) {
  const std::uint64_t count = std::uint64_t{shape.rows} * shape.cols;
  Recipe recipe;
  recipe.name = fmt::format("add-column-{}x{}", shape.rows, shape.cols);
  recipe.rows = shape.rows;
  recipe.cols = shape.cols;
  recipe.needs = {.buffers = 1, .columns = 1, .cut_columns = true};
  recipe.bindings = {read("x", count), read("column", shape.cols), write("y", count)};
  recipe.load = [](Turn& t) { t.load(0, t.buffer(0)); };
  recipe.work = [](Turn& t) {
    // A second stream, one row repeated, costs no more than a column vector of the chain.
    const Tile x = t.buffer(0);
    const Tile addend = t.column(0);
    if (t.new_columns()) t.load_columns(1, addend);
    t.run(Pass(x).add(second(addend.repeated(x.rows))).into(x));
    t.store(2, x);
  };
  return make_kernel<AddColumnArguments>(device, recipe);
}

Call SumArguments::call() const {
  return {.bindings = {x, y}};
}

Result<Kernel<SumArguments>> column_sum(const DeviceInfo& device, Shape shape) {
  Recipe recipe;
  recipe.name = fmt::format("column-sum-{}x{}", shape.rows, shape.cols);
  recipe.rows = shape.rows;
  recipe.cols = shape.cols;
  recipe.needs = {.buffers = 1, .header = true, .cut_columns = true};
  recipe.bindings = {read("x", std::uint64_t{shape.rows} * shape.cols), update("y", shape.cols)};
  recipe.load = [](Turn& t) { t.load(0, t.buffer(0)); };
  recipe.work = [](Turn& t) { t.sum_columns(0, 1); };
  return make_kernel<SumArguments>(device, recipe);
}

Result<Kernel<SumArguments>> row_sum(const DeviceInfo& device, Shape shape) {
  Recipe recipe;
  recipe.name = fmt::format("row-sum-{}x{}", shape.rows, shape.cols);
  recipe.rows = shape.rows;
  recipe.cols = shape.cols;
  recipe.needs = {.buffers = 1, .vectors = 1};
  recipe.bindings = {read("x", std::uint64_t{shape.rows} * shape.cols), write("y", shape.rows)};
  recipe.load = [](Turn& t) { t.load(0, t.buffer(0)); };
  recipe.work = [](Turn& t) {
    t.run(Pass(t.buffer(0)).sum_rows(t.vector(0)));
    t.store_rows(1, t.vector(0));
  };
  return make_kernel<SumArguments>(device, recipe);
}

Call MeanArguments::call() const {
  return {.bindings = {x, y}};
}

// The elements are rows of 16, whose column sums are the 16 lanes of the sum of one long row. The
// elements behind the last whole row are one more row, filled up with +0, which changes no sum.
Result<Kernel<MeanArguments>> mean(const DeviceInfo& device, std::uint64_t count) {
  const std::uint64_t lanes = std::min<std::uint64_t>(count, spec::kWordElements);
  const std::uint64_t whole_rows = lanes == 0 ? 0 : count / lanes;
  const std::uint64_t rest = count - whole_rows * lanes;
  // Whole rows of a tile, as one run.
  const auto whole = [=](const Turn& t) {
    Tile run = t.buffer(0);
    run.cols *=
        static_cast<std::uint32_t>(std::min<std::uint64_t>(run.rows, whole_rows - t.first_row()));
    run.rows = 1;
    return run;
  };
  Recipe recipe;
  recipe.name = fmt::format("mean-{}", count);
  recipe.rows = whole_rows + (rest > 0 ? 1 : 0);
  recipe.cols = lanes;
  recipe.needs = {.buffers = 1, .vectors = 1, .header = true};
  recipe.bindings = {read("x", count), write("y", 1)};
  recipe.one_program = true;
  recipe.load = [=](Turn& t) {
    const Tile run = whole(t);
    if (run.cols > 0) t.load_run(0, t.first_row() * lanes, run);
  };
  recipe.work = [=](Turn& t) {
    if (t.last_group() && rest > 0) {
      const Tile x = t.buffer(0);
      Tile last{.word = x.word + (x.rows - 1) * x.pitch, .cols = x.cols, .pitch = x.pitch};
      t.run(Pass(last.header()).compare(spec::Compare::kGate, value(0)).into(last));
      last.cols = static_cast<std::uint32_t>(rest);
      t.load_run(0, whole_rows * lanes, last);
    }
    const Tile sums = t.fold_columns(0);
    if (!t.last_group()) return;
    const Tile result = t.vector(0).first(1);
    t.run(Pass(sums).sum_rows(result));
    t.run(Pass(result).divide(value(static_cast<float>(count))).into(result));
    t.store_run(1, 0, result);
  };
  return make_kernel<MeanArguments>(device, recipe);
}

}  // namespace weft::kernels
