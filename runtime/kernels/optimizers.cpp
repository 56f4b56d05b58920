// SPDX-License-Identifier: Apache-2.0
#include "weft/optimizers.h"

#include <fmt/format.h>

#include <cmath>

#include "runtime/kernels/declare.h"
#include "runtime/kernels/recipe.h"

namespace weft::kernels {
namespace {

using spec::Function;

Recipe elements(const char* name, std::uint64_t count, std::uint32_t buffers) {
  Recipe recipe;
  recipe.name = fmt::format("{}-{}", name, count);
  recipe.cols = count;
  recipe.needs = {.buffers = buffers, .cut_columns = true};
  return recipe;
}

}  // namespace

Call SgdMomentumArguments::call() const {
  return {.bindings = {p, v, g},
          .scalars = {bits(weight_decay), bits(momentum), bits(-learning_rate)}};
}

Result<Kernel<SgdMomentumArguments>> sgd_momentum(const DeviceInfo& device, std::uint64_t count) {
  Recipe recipe = elements("sgd-momentum", count, 3);
  recipe.bindings = {update("p", count), update("v", count), read("g", count)};
  recipe.scalars = {"weight-decay", "momentum", "minus-rate"};
  recipe.load = [](Turn& t) {
    for (std::uint8_t each = 0; each < 3; ++each) t.load(each, t.buffer(each));
  };
  recipe.work = [](Turn& t) {
    const Tile p = t.buffer(0);
    const Tile v = t.buffer(1);
    const Tile g = t.buffer(2);
    t.run(Pass(p).multiply(scalar(0)).add(second(g)).into(g));
    t.run(Pass(v).multiply(scalar(1)).add(second(g)).into(v));
    t.store(1, v);
    t.run(Pass(v).multiply(scalar(2)).add(second(p)).into(p));
    t.store(0, p);
  };
  return make_kernel<SgdMomentumArguments>(device, recipe);
}

Call AdamwArguments::call() const {
  const double rate = learning_rate;
  const double correction1 = 1 - std::pow(double{beta1}, static_cast<double>(step));
  const double correction2 = 1 - std::pow(double{beta2}, static_cast<double>(step));
  return {.bindings = {p, m, v, g},
          .scalars = {bits(beta1), bits(1 - double{beta1}), bits(beta2), bits(1 - double{beta2}),
                      bits(1 / std::sqrt(correction2)), bits(epsilon), bits(-rate / correction1),
                      bits(1 - rate * weight_decay)}};
}

Result<Kernel<AdamwArguments>> adamw(const DeviceInfo& device, std::uint64_t count) {
  Recipe recipe = elements("adamw", count, 5);
  recipe.bindings = {update("p", count), update("m", count), update("v", count), read("g", count)};
  recipe.scalars = {"beta1",          "one-minus-beta1", "beta2",      "one-minus-beta2",
                    "inverse-root-2", "epsilon",         "minus-rate", "decay"};
  recipe.load = [](Turn& t) {
    for (std::uint8_t each = 0; each < 4; ++each) t.load(each, t.buffer(each));
  };
  recipe.work = [](Turn& t) {
    const Tile p = t.buffer(0);
    const Tile m = t.buffer(1);
    const Tile v = t.buffer(2);
    const Tile g = t.buffer(3);
    const Tile square = t.buffer(4);
    t.run(Pass(g).multiply(input()).then_multiply(scalar(3)).into(square));
    t.run(Pass(g).multiply(scalar(1)).into(g));
    t.run(Pass(m).multiply(scalar(0)).add(second(g)).into(m));
    t.store(1, m);
    t.run(Pass(v).multiply(scalar(2)).add(second(square)).into(v));
    t.store(2, v);
    // The step: m / (sqrt(v) / sqrt(1 - beta2^step) + epsilon) * -rate / (1 - beta1^step)
    const Tile root = square;
    t.run(
        Pass(v).function(Function::kSqrt).then_multiply(scalar(4)).then_add(scalar(5)).into(root));
    t.run(Pass(m).divide(second(root)).then_multiply(scalar(6)).into(root));
    t.run(Pass(p).multiply(scalar(7)).add(second(root)).into(p));
    t.store(0, p);
  };
  return make_kernel<AdamwArguments>(device, recipe);
}

}  // namespace weft::kernels
