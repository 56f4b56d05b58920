// SPDX-License-Identifier: Apache-2.0
// Elementwise kernels: a tensor is one row, cut where V is full.
#include "weft/elementwise.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "runtime/kernels/declare.h"
#include "runtime/kernels/recipe.h"

namespace weft::kernels {
namespace {

using spec::Compare;
using spec::Function;

// A recipe for `count` elements with `buffers` tiles in V.
Recipe elements(std::string_view name, std::uint64_t count, std::uint32_t buffers) {
  Recipe recipe;
  recipe.name = fmt::format("{}-{}", name, count);
  recipe.cols = count;
  recipe.needs = {.buffers = buffers, .cut_columns = true};
  return recipe;
}

// y = f(x) by one pass of a tile in place.
template <class Arguments = UnaryArguments>
Result<Kernel<Arguments>> unary(const DeviceInfo& device, std::string_view name,
                                std::uint64_t count, std::vector<std::string> scalars,
                                std::function<Pass(const Tile&)> pass) {
  Recipe recipe = elements(name, count, 1);
  recipe.bindings = {read("x", count), write("y", count)};
  recipe.scalars = std::move(scalars);
  recipe.load = [](Turn& t) { t.load(0, t.buffer(0)); };
  recipe.work = [&pass](Turn& t) {
    t.run(pass(t.buffer(0)).into(t.buffer(0)));
    t.store(1, t.buffer(0));
  };
  return make_kernel<Arguments>(device, recipe);
}

// y = f(a, b): tiles 0 and 1 are loaded, `work` leaves the result in tile 0.
template <class Arguments>
Result<Kernel<Arguments>> binary(const DeviceInfo& device, std::string_view name,
                                 std::uint64_t count, std::array<const char*, 3> names,
                                 std::vector<std::string> scalars, std::function<void(Turn&)> work,
                                 std::uint32_t buffers = 2) {
  Recipe recipe = elements(name, count, buffers);
  recipe.bindings = {read(names[0], count), read(names[1], count), write(names[2], count)};
  recipe.scalars = std::move(scalars);
  recipe.load = [](Turn& t) {
    t.load(0, t.buffer(0));
    t.load(1, t.buffer(1));
  };
  recipe.work = [&work](Turn& t) {
    work(t);
    t.store(2, t.buffer(0));
  };
  return make_kernel<Arguments>(device, recipe);
}

std::string_view name(Activation f) {
  constexpr std::array<std::string_view, 5> kNames{"relu", "gelu", "silu", "sigmoid", "tanh"};
  return kNames[static_cast<std::size_t>(f)];
}

Pass forward(Activation f, const Tile& x) {
  switch (f) {
    case Activation::kRelu:
      return Pass(x).compare(Compare::kMax, value(0));
    case Activation::kGelu:
      return Pass(x).function(Function::kGelu);
    case Activation::kSilu:
      return Pass(x).function(Function::kSigmoid).then_multiply(input());
    case Activation::kSigmoid:
      return Pass(x).function(Function::kSigmoid);
    case Activation::kTanh:
      return Pass(x).function(Function::kTanh);
  }
  return Pass(x);
}

// In tile 0: what was saved, replaced by the result; in tile 1: dy; tile 2 is free.
void backward(Activation f, Turn& t) {
  const Tile saved = t.buffer(0);
  const Tile dy = t.buffer(1);
  const auto times_dy = [&] { t.run(Pass(saved).multiply(second(dy)).into(saved)); };
  switch (f) {
    case Activation::kRelu:
      t.run(Pass(dy).compare(Compare::kGate, second(saved)).into(saved));
      return;
    case Activation::kGelu:
      t.run(Pass(saved).function(Function::kGeluGradient).then_multiply(second(dy)).into(saved));
      return;
    case Activation::kSilu:
      // 1 + x s(-x), then s(x) times that, then times dy.
      t.run(Pass(saved)
                .multiply(value(-1))
                .function(Function::kSigmoid)
                .then_multiply(input())
                .then_add(value(1))
                .into(t.buffer(2)));
      t.run(
          Pass(saved).function(Function::kSigmoid).then_multiply(second(t.buffer(2))).into(saved));
      return times_dy();
    case Activation::kSigmoid:
      // (1 - y) y
      t.run(Pass(saved).multiply(value(-1)).add(value(1)).then_multiply(input()).into(saved));
      return times_dy();
    case Activation::kTanh:
      // 1 - y^2
      t.run(Pass(saved).multiply(input()).then_multiply(value(-1)).then_add(value(1)).into(saved));
      return times_dy();
  }
}

}  // namespace

Call UnaryArguments::call() const {
  return {.bindings = {x, y}};
}

Result<Kernel<UnaryArguments>> activation(const DeviceInfo& device, Activation f,
                                          std::uint64_t count) {
  return unary(device, name(f), count, {}, [f](const Tile& x) { return forward(f, x); });
}

Result<Kernel<UnaryArguments>> copy(const DeviceInfo& device, std::uint64_t count) {
  Recipe recipe = elements("copy", count, 1);
  recipe.bindings = {read("x", count), write("y", count)};
  recipe.load = [](Turn& t) { t.load(0, t.buffer(0)); };
  recipe.work = [](Turn& t) { t.store(1, t.buffer(0)); };
  return make_kernel<UnaryArguments>(device, recipe);
}

Call ActivationGradientArguments::call() const {
  return {.bindings = {saved, dy, dx}};
}

Result<Kernel<ActivationGradientArguments>> activation_gradient(const DeviceInfo& device,
                                                                Activation f, std::uint64_t count) {
  return binary<ActivationGradientArguments>(
      device, fmt::format("{}-gradient", name(f)), count, {"saved", "dy", "dx"}, {},
      [f](Turn& t) { backward(f, t); }, f == Activation::kSilu ? 3 : 2);
}

Call BinaryArguments::call() const {
  return {.bindings = {a, b, y}};
}

Result<Kernel<BinaryArguments>> add(const DeviceInfo& device, std::uint64_t count) {
  return binary<BinaryArguments>(device, "add", count, {"a", "b", "y"}, {}, [](Turn& t) {
    t.run(Pass(t.buffer(0)).add(second(t.buffer(1))).into(t.buffer(0)));
  });
}

Result<Kernel<BinaryArguments>> multiply(const DeviceInfo& device, std::uint64_t count) {
  return binary<BinaryArguments>(device, "multiply", count, {"a", "b", "y"}, {}, [](Turn& t) {
    t.run(Pass(t.buffer(0)).multiply(second(t.buffer(1))).into(t.buffer(0)));
  });
}

Call AccumulateArguments::call() const {
  return {.bindings = {x, y}};
}

Result<Kernel<AccumulateArguments>> accumulate(const DeviceInfo& device, std::uint64_t count) {
  Recipe recipe = elements("accumulate", count, 2);
  recipe.bindings = {read("x", count), update("y", count)};
  recipe.load = [](Turn& t) {
    t.load(0, t.buffer(0));
    t.load(1, t.buffer(1));
  };
  recipe.work = [](Turn& t) {
    t.run(Pass(t.buffer(1)).add(second(t.buffer(0))).into(t.buffer(1)));
    t.store(1, t.buffer(1));
  };
  return make_kernel<AccumulateArguments>(device, recipe);
}

Call ScaleArguments::call() const {
  return {.bindings = {x, y}, .scalars = {bits(factor)}};
}

Result<Kernel<ScaleArguments>> scale(const DeviceInfo& device, std::uint64_t count) {
  return unary<ScaleArguments>(device, "scale", count, {"factor"},
                               [](const Tile& x) { return Pass(x).multiply(scalar(0)); });
}

Call ScaleAddArguments::call() const {
  return {.bindings = {x, z, y}, .scalars = {bits(a), bits(b)}};
}

Result<Kernel<ScaleAddArguments>> scale_add(const DeviceInfo& device, std::uint64_t count) {
  return binary<ScaleAddArguments>(device, "scale-add", count, {"x", "z", "y"}, {"a", "b"},
                                   [](Turn& t) {
                                     const Tile x = t.buffer(0);
                                     const Tile z = t.buffer(1);
                                     t.run(Pass(z).multiply(scalar(1)).into(z));
                                     t.run(Pass(x).multiply(scalar(0)).add(second(z)).into(x));
                                   });
}

Call FillArguments::call() const {
  return {.bindings = {y}, .scalars = {bits(value)}};
}

Result<Kernel<FillArguments>> fill(const DeviceInfo& device, std::uint64_t count) {
  Recipe recipe = elements("fill", count, 1);
  recipe.bindings = {update("y", count)};
  recipe.scalars = {"value"};
  recipe.load = [](Turn& t) { t.load(0, t.buffer(0)); };
  recipe.work = [](Turn& t) {
    // The gate is shut, so +0 comes out of it whatever went in.
    const Tile y = t.buffer(0);
    t.run(Pass(y).compare(Compare::kGate, kernels::value(0)).then_add(scalar(0)).into(y));
    t.store(0, y);
  };
  return make_kernel<FillArguments>(device, recipe);
}

}  // namespace weft::kernels
