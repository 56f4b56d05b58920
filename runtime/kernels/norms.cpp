// SPDX-License-Identifier: Apache-2.0
#include "weft/norms.h"

#include <fmt/format.h>

#include "runtime/kernels/declare.h"
#include "runtime/kernels/recipe.h"

namespace weft::kernels {
namespace {

using spec::Function;
using spec::Reduce;

// A recipe for whole rows that are multiplied with a column vector of the chain.
Result<Recipe> normalisation(const char* name, Shape shape, const Needs& needs) {
  Recipe recipe;
  recipe.name = fmt::format("{}-{}x{}", name, shape.rows, shape.cols);
  recipe.rows = shape.rows;
  recipe.cols = shape.cols;
  recipe.needs = needs;
  if (shape.cols <= spec::kMaxColumn) return recipe;
  return fail(Code::kUnsupported, fmt::format("{}: a row of {} elements", recipe.name, shape.cols),
              fmt::format("a norm takes rows of up to {} elements", spec::kMaxColumn));
}

float share(std::uint32_t cols) {
  return static_cast<float>(1.0 / cols);
}

// From the sums of squares in `sigma`: sqrt(sum / cols + epsilon), epsilon being scalar 0.
void root(Turn& t, const Tile& sigma, std::uint32_t cols) {
  t.run(Pass(sigma)
            .multiply(value(share(cols)))
            .add(scalar(0))
            .function(Function::kSqrt)
            .into(sigma));
}

// What the gradients of both norms share. Tiles: 0 the normalised h, 1 dy, 2 is free; gamma is
// column 0, `inverse` 1 / sigma. `products` and `sums` are vectors; without `sums` g is not
// centred. Ends with dx in tile 1.
void gradient(Turn& t, std::uint32_t cols, std::uint8_t dgamma, const Tile& inverse,
              const Tile& products, const Tile* sums) {
  const Tile h = t.buffer(0);
  const Tile g = t.buffer(1);
  const Tile dy_h = t.buffer(2);
  const Tile gamma = t.column(0);
  const Term minus_mean = value(-share(cols));
  t.run(Pass(g).multiply(second(h)).into(dy_h));
  t.sum_columns(2, dgamma);
  t.run(Pass(dy_h).multiply(column(gamma)).sum_rows(products));
  t.run(Pass(products).multiply(minus_mean).into(products));
  Pass scaled = Pass(g).multiply(column(gamma)).into(g);
  t.run(sums == nullptr ? scaled : scaled.sum_rows(*sums));
  if (sums != nullptr) {
    t.run(Pass(*sums).multiply(minus_mean).into(*sums));
    t.run(Pass(g).add(row(*sums)).into(g));
  }
  t.run(Pass(h).multiply(row(products)).add(second(g)).into(g));
  t.run(Pass(g).multiply(row(inverse)).into(g));
}

}  // namespace

Call LayerNormArguments::call() const {
  return {.bindings = {x, gamma, beta, y, mean, sigma}, .scalars = {bits(epsilon)}};
}

Result<Kernel<LayerNormArguments>> layer_norm(const DeviceInfo& device, Shape shape) {
  const std::uint64_t count = std::uint64_t{shape.rows} * shape.cols;
  auto recipe = normalisation("layer-norm", shape, {.buffers = 1, .vectors = 4, .columns = 2});
  if (!recipe) return tl::unexpected(recipe.error());
  recipe->bindings = {read("x", count),  read("gamma", shape.cols), read("beta", shape.cols),
                      write("y", count), write("mean", shape.rows), write("sigma", shape.rows)};
  recipe->scalars = {"epsilon"};
  recipe->load = [](Turn& t) { t.load(0, t.buffer(0)); };
  recipe->work = [cols = shape.cols](Turn& t) {
    const Tile x = t.buffer(0);
    const Tile mean = t.vector(0);
    const Tile minus_mean = t.vector(1);
    const Tile sigma = t.vector(2);
    const Tile inverse = t.vector(3);
    const Tile gamma = t.column(0);
    const Tile beta = t.column(1);
    if (t.new_columns()) {
      t.load_columns(1, gamma);
      t.load_columns(2, beta);
    }
    t.run(Pass(x).sum_rows(mean));
    t.run(Pass(mean).multiply(value(share(cols))).into(mean));
    t.store_rows(4, mean);
    t.run(Pass(mean).multiply(value(-1)).into(minus_mean));
    t.run(Pass(x).add(row(minus_mean)).reduce_rows(Reduce::kSumSquares, sigma).into(x));
    root(t, sigma, cols);
    t.store_rows(5, sigma);
    t.run(reciprocal(sigma).into(inverse));
    t.run(Pass(x)
              .multiply(row(inverse))
              .then_multiply(column(gamma))
              .then_add(second(beta.repeated(x.rows)))
              .into(x));
    t.store(3, x);
  };
  return make_kernel<LayerNormArguments>(device, *recipe);
}

Call LayerNormGradientArguments::call() const {
  return {.bindings = {x, dy, gamma, mean, sigma, dx, dgamma, dbeta}};
}

Result<Kernel<LayerNormGradientArguments>> layer_norm_gradient(const DeviceInfo& device,
                                                               Shape shape) {
  const std::uint64_t count = std::uint64_t{shape.rows} * shape.cols;
  auto recipe = normalisation("layer-norm-gradient", shape,
                              {.buffers = 3, .vectors = 4, .columns = 1, .header = true});
  if (!recipe) return tl::unexpected(recipe.error());
  recipe->bindings = {read("x", count),
                      read("dy", count),
                      read("gamma", shape.cols),
                      read("mean", shape.rows),
                      read("sigma", shape.rows),
                      write("dx", count),
                      update("dgamma", shape.cols),
                      update("dbeta", shape.cols)};
  recipe->load = [](Turn& t) {
    t.load(0, t.buffer(0));
    t.load(1, t.buffer(1));
    t.load_rows(3, t.vector(0));
    t.load_rows(4, t.vector(1));
  };
  recipe->work = [cols = shape.cols](Turn& t) {
    const Tile x = t.buffer(0);
    const Tile mean = t.vector(0);
    const Tile sigma = t.vector(1);
    const Tile sums = t.vector(3);
    if (t.new_columns()) t.load_columns(2, t.column(0));
    t.run(Pass(mean).multiply(value(-1)).into(mean));
    t.run(reciprocal(sigma).into(sigma));
    t.run(Pass(x).add(row(mean)).into(x));
    t.run(Pass(x).multiply(row(sigma)).into(x));
    t.sum_columns(1, 7);
    gradient(t, cols, 6, sigma, t.vector(2), &sums);
    t.store(5, t.buffer(1));
  };
  return make_kernel<LayerNormGradientArguments>(device, *recipe);
}

Call RmsNormArguments::call() const {
  return {.bindings = {x, gamma, y, sigma}, .scalars = {bits(epsilon)}};
}

Result<Kernel<RmsNormArguments>> rms_norm(const DeviceInfo& device, Shape shape) {
  const std::uint64_t count = std::uint64_t{shape.rows} * shape.cols;
  auto recipe = normalisation("rms-norm", shape, {.buffers = 1, .vectors = 2, .columns = 1});
  if (!recipe) return tl::unexpected(recipe.error());
  recipe->bindings = {read("x", count), read("gamma", shape.cols), write("y", count),
                      write("sigma", shape.rows)};
  recipe->scalars = {"epsilon"};
  recipe->load = [](Turn& t) { t.load(0, t.buffer(0)); };
  recipe->work = [cols = shape.cols](Turn& t) {
    const Tile x = t.buffer(0);
    const Tile sigma = t.vector(0);
    const Tile inverse = t.vector(1);
    const Tile gamma = t.column(0);
    if (t.new_columns()) t.load_columns(1, gamma);
    t.run(Pass(x).reduce_rows(Reduce::kSumSquares, sigma));
    root(t, sigma, cols);
    t.store_rows(3, sigma);
    t.run(reciprocal(sigma).into(inverse));
    t.run(Pass(x).multiply(row(inverse)).then_multiply(column(gamma)).into(x));
    t.store(2, x);
  };
  return make_kernel<RmsNormArguments>(device, *recipe);
}

Call RmsNormGradientArguments::call() const {
  return {.bindings = {x, dy, gamma, sigma, dx, dgamma}};
}

Result<Kernel<RmsNormGradientArguments>> rms_norm_gradient(const DeviceInfo& device, Shape shape) {
  const std::uint64_t count = std::uint64_t{shape.rows} * shape.cols;
  auto recipe = normalisation("rms-norm-gradient", shape,
                              {.buffers = 3, .vectors = 2, .columns = 1, .header = true});
  if (!recipe) return tl::unexpected(recipe.error());
  recipe->bindings = {read("x", count),          read("dy", count),  read("gamma", shape.cols),
                      read("sigma", shape.rows), write("dx", count), update("dgamma", shape.cols)};
  recipe->load = [](Turn& t) {
    t.load(0, t.buffer(0));
    t.load(1, t.buffer(1));
    t.load_rows(3, t.vector(0));
  };
  recipe->work = [cols = shape.cols](Turn& t) {
    const Tile x = t.buffer(0);
    const Tile sigma = t.vector(0);
    if (t.new_columns()) t.load_columns(2, t.column(0));
    t.run(reciprocal(sigma).into(sigma));
    t.run(Pass(x).multiply(row(sigma)).into(x));
    gradient(t, cols, 5, sigma, t.vector(1), nullptr);
    t.store(4, t.buffer(1));
  };
  return make_kernel<RmsNormGradientArguments>(device, *recipe);
}

}  // namespace weft::kernels
