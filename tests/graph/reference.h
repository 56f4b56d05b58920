// SPDX-License-Identifier: Apache-2.0
// The loss of a recorded network in double precision, from the definitions of its operators: what
// gradients are differentiated from numerically. Shares no code with the kernels.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "weft/network.h"

namespace weft::test {

// A network made of a function.
class FunctionNetwork : public Network {
 public:
  using Forward = std::function<Tensor(Graph&, Tensor)>;
  FunctionNetwork(std::uint32_t inputs, std::uint32_t outputs, Forward forward)
      : inputs_(inputs), outputs_(outputs), forward_(std::move(forward)) {}
  [[nodiscard]] std::uint32_t inputs() const override { return inputs_; }
  [[nodiscard]] std::uint32_t outputs() const override { return outputs_; }
  [[nodiscard]] Tensor forward(Graph& graph, Tensor x) const override { return forward_(graph, x); }

 private:
  std::uint32_t inputs_;
  std::uint32_t outputs_;
  Forward forward_;
};

using Values = std::vector<double>;
using Parameters = std::map<std::string, Values>;

// The mean loss of the network on these rows.
[[nodiscard]] double reference_loss(const Network& network, const Parameters& parameters,
                                    const std::vector<float>& x,
                                    const std::vector<std::uint32_t>& labels);

// Central differences of reference_loss() by each element of each parameter.
[[nodiscard]] Parameters reference_gradients(const Network& network, Parameters parameters,
                                             const std::vector<float>& x,
                                             const std::vector<std::uint32_t>& labels);

}  // namespace weft::test
