// SPDX-License-Identifier: Apache-2.0
#include "runtime/graph/lower.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/graph/lower_maps.h"
#include "weft/kernels.h"

namespace weft::graph {
namespace {

class Lowering {
 public:
  Lowering(const DeviceInfo& device, const Contents& contents, const Operator& operation,
           std::span<const std::optional<BufferView>> views, std::uint32_t part)
      : device_(device), contents_(contents), operation_(operation), views_(views), part_(part) {}

  Result<ListedOperator> lower() {
    auto steps = make();
    if (!steps) return tl::unexpected(steps.error());
    return ListedOperator{.name = contents_.tensors[operation_.outputs[0]].name,
                          .phase = operation_.phase,
                          .multiplies = multiplies_,
                          .steps = std::move(*steps),
                          .changes = changes_,
                          .outputs = operation_.outputs,
                          .part = part_};
  }

 private:
  [[nodiscard]] const BufferView& in(std::size_t i) const { return *views_[operation_.inputs[i]]; }
  [[nodiscard]] const BufferView& out(std::size_t i) const {
    return *views_[operation_.outputs[i]];
  }
  [[nodiscard]] Shape shape(std::size_t input) const {
    return contents_.tensors[operation_.inputs[input]].shape;
  }
  [[nodiscard]] kernels::Shape kernel_shape(std::size_t input) const {
    return {.rows = shape(input).rows, .cols = shape(input).cols};
  }
  // Of a map with its border, which these kernels leave zero.
  [[nodiscard]] std::uint64_t count() const {
    return contents_.tensors[operation_.inputs[0]].stored_elements();
  }

  Result<MakeSteps> product(GemmShape form, std::size_t a, std::size_t b) {
    form.a_format = form.b_format = spec::LoadFormat::kFp32;
    if (operation_.phase != Phase::kForward) {
      form.rounding = spec::Rounding::kStochastic;
      form.a_tensor = static_cast<std::uint16_t>(operation_.inputs[a] + 1);
      form.b_tensor = static_cast<std::uint16_t>(operation_.inputs[b] + 1);
      changes_ = true;
    }
    multiplies_ = static_cast<double>(form.m) * form.n * form.k;
    auto kernel = gemm(device_, form);
    if (!kernel) return tl::unexpected(kernel.error());
    GemmArguments arguments{.a = in(a), .b = in(b), .c = out(0)};
    if (form.bias) arguments.bias = in(2);
    return [kernel = std::move(*kernel), arguments,
            part = part_](const Scalars& scalars) -> Result<std::vector<Step>> {
      GemmArguments now = arguments;
      now.seed = scalars.seeds[part];
      return kernel.steps(now);
    };
  }

  Result<MakeSteps> make() {
    const auto strided = GemmLayout::kContractionStrided;
    switch (operation_.operation) {
      case Operation::kLinear:
        return product({.m = shape(0).rows,
                        .n = shape(1).rows,
                        .k = shape(1).cols,
                        .bias = operation_.inputs.size() > 2,
                        .relu = operation_.relu},
                       0, 1);
      case Operation::kLinearInput:
        return product(
            {.m = shape(0).rows, .n = shape(1).cols, .k = shape(1).rows, .b_layout = strided}, 0,
            1);
      case Operation::kLinearWeight:
        return product({.m = shape(0).cols,
                        .n = shape(1).cols,
                        .k = shape(0).rows,
                        .a_layout = strided,
                        .b_layout = strided},
                       0, 1);
      case Operation::kLinearBias:
        return constant(kernels::column_sum(device_, kernel_shape(0)), {.x = in(0), .y = out(0)});
      case Operation::kActivation:
        return constant(kernels::activation(device_, operation_.activation, count()),
                        {.x = in(0), .y = out(0)});
      case Operation::kActivationGradient:
        return constant(kernels::activation_gradient(device_, operation_.activation, count()),
                        {.saved = in(0), .dy = in(1), .dx = out(0)});
      case Operation::kAdd:
        return constant(kernels::add(device_, count()), {.a = in(0), .b = in(1), .y = out(0)});
      case Operation::kMultiply:
        return constant(kernels::multiply(device_, count()), {.a = in(0), .b = in(1), .y = out(0)});
      case Operation::kCopy:
        return constant(kernels::copy(device_, count()), {.x = in(0), .y = out(0)});
      case Operation::kLayerNorm:
        return constant(kernels::layer_norm(device_, kernel_shape(0)),
                        {.x = in(0),
                         .gamma = in(1),
                         .beta = in(2),
                         .y = out(0),
                         .mean = out(1),
                         .sigma = out(2),
                         .epsilon = operation_.number});
      case Operation::kLayerNormGradient:
        return constant(kernels::layer_norm_gradient(device_, kernel_shape(0)), {.x = in(1),
                                                                                 .dy = in(0),
                                                                                 .gamma = in(2),
                                                                                 .mean = in(3),
                                                                                 .sigma = in(4),
                                                                                 .dx = out(0),
                                                                                 .dgamma = out(1),
                                                                                 .dbeta = out(2)});
      case Operation::kRmsNorm:
        return constant(kernels::rms_norm(device_, kernel_shape(0)),
                        {.x = in(0),
                         .gamma = in(1),
                         .y = out(0),
                         .sigma = out(1),
                         .epsilon = operation_.number});
      case Operation::kRmsNormGradient:
        return constant(kernels::rms_norm_gradient(device_, kernel_shape(0)), {.x = in(1),
                                                                               .dy = in(0),
                                                                               .gamma = in(2),
                                                                               .sigma = in(3),
                                                                               .dx = out(0),
                                                                               .dgamma = out(1)});
      case Operation::kCrossEntropy:
        return constant(kernels::softmax_cross_entropy(device_, kernel_shape(0)),
                        {.logits = in(0),
                         .labels = in(1),
                         .loss = out(0),
                         .dlogits = out(1),
                         .predictions = out(2),
                         .factor = operation_.number});
      case Operation::kMean:
        return constant(kernels::mean(device_, count()), {.x = in(0), .y = out(0)});
      default: {
        auto lowered = lower_maps(device_, contents_, operation_, views_, part_);
        if (!lowered) return tl::unexpected(lowered.error());
        multiplies_ = lowered->multiplies;
        changes_ = lowered->changes;
        return std::move(lowered->steps);
      }
    }
  }

  const DeviceInfo& device_;
  const Contents& contents_;
  const Operator& operation_;
  std::span<const std::optional<BufferView>> views_;
  std::uint32_t part_;
  double multiplies_ = 0;
  bool changes_ = false;
};

}  // namespace

void fuse_relu(Contents& contents) {
  std::vector<std::size_t> readers(contents.tensors.size());
  for (const Operator& each : contents.operators) {
    for (const std::uint32_t input : each.inputs) ++readers[input];
  }
  const auto is_relu_of = [&](const Operator& each, std::uint32_t tensor) {
    return each.operation == Operation::kActivation && each.activation == Activation::kRelu &&
           each.inputs[0] == tensor;
  };
  for (Operator& product : contents.operators) {
    const bool fuses =
        product.operation == Operation::kLinear || product.operation == Operation::kConvolution;
    if (!fuses || readers[product.outputs[0]] != 1) continue;
    const auto relu =
        std::find_if(contents.operators.begin(), contents.operators.end(),
                     [&](const Operator& each) { return is_relu_of(each, product.outputs[0]); });
    if (relu == contents.operators.end()) continue;
    product.relu = true;
    product.outputs = relu->outputs;
    relu->outputs.clear();
  }
  std::erase_if(contents.operators, [](const Operator& each) { return each.outputs.empty(); });
}

Result<ListedOperator> lower(const DeviceInfo& device, const Contents& contents,
                             const Operator& operation,
                             std::span<const std::optional<BufferView>> views, std::uint32_t part) {
  if (contents.tensors.size() >= 65536) {
    return fail(Code::kUnsupported, fmt::format("a graph of {} tensors", contents.tensors.size()),
                "a graph has at most 65535, the numbers of stochastic rounding");
  }
  return Lowering(device, contents, operation, views, part).lower();
}

}  // namespace weft::graph
