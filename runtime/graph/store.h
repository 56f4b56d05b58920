// SPDX-License-Identifier: Apache-2.0
// runtime/graph/store.h: the parameters of a network on a device, with gradients and moments.
//
// Each of weights, gradients and moments is one flat buffer in which every parameter starts at a
// multiple of 64 bytes, in the order of declaration, zeros between: an optimizer is one kernel over
// the flat buffers, and what other processes send is added in one pass.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/graph/contents.h"
#include "weft/device.h"
#include "weft/trainer.h"

namespace weft::graph {

class Store {
 public:
  // `moments` are the stems of the optimizer's tensors in checkpoints.
  [[nodiscard]] static Result<Store> create(Device& device, const Contents& contents,
                                            std::uint64_t seed, std::vector<std::string> moments,
                                            std::size_t gradients);

  // Elements of a flat buffer.
  [[nodiscard]] std::uint64_t count() const { return bytes_ / 4; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  // All flat buffers together.
  [[nodiscard]] std::uint64_t total_bytes() const {
    return bytes_ * (1 + moments_.size() + gradients_.size());
  }

  [[nodiscard]] const Buffer& weights() const { return weights_; }
  [[nodiscard]] const Buffer& moment(std::size_t i) const { return moments_[i]; }
  [[nodiscard]] const Buffer& gradient(std::size_t i) const { return gradients_[i]; }
  [[nodiscard]] Buffer& gradient(std::size_t i) { return gradients_[i]; }

  // Where a parameter begins in each flat buffer. kInvalidArgument if there is none of that name
  // and shape.
  [[nodiscard]] Result<std::uint64_t> offset(const std::string& name, Shape shape) const;

  [[nodiscard]] Result<std::map<std::string, HostTensor>> read() const;
  [[nodiscard]] Result<void> write(const std::map<std::string, HostTensor>& tensors);

 private:
  struct Entry {
    std::string name;
    Shape shape;
    bool vector = false;
    std::uint64_t offset = 0;

    [[nodiscard]] std::vector<std::uint64_t> extents() const;
  };

  Store(std::vector<Entry> entries, std::uint64_t bytes, Buffer weights)
      : entries_(std::move(entries)), bytes_(bytes), weights_(std::move(weights)) {}

  // The buffers of a state with the prefix of their names.
  [[nodiscard]] std::vector<std::pair<std::string, const Buffer*>> stored() const;

  std::vector<Entry> entries_;
  std::uint64_t bytes_;
  Buffer weights_;
  std::vector<std::string> stems_;
  std::vector<Buffer> moments_;
  std::vector<Buffer> gradients_;
};

}  // namespace weft::graph
