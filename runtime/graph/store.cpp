// SPDX-License-Identifier: Apache-2.0
#include "runtime/graph/store.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <utility>

#include "runtime/graph/planner.h"
#include "runtime/graph/random.h"

namespace weft::graph {
namespace {

// The values a parameter starts with; `number` is its place in the order of declaration.
std::vector<float> initial_values(const Initial& initial, Shape shape, std::uint64_t seed,
                                  std::size_t number) {
  std::vector<float> values(shape.elements(), initial.value);
  if (initial.kind != Initial::kHe) return values;
  const double bound = std::sqrt(6.0 / shape.cols);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(bound * uniform(draw(seed, Purpose::kInitial, number, i)));
  }
  return values;
}

Result<Buffer> zeros(Device& device, std::uint64_t bytes) {
  auto buffer = device.allocate(bytes);
  if (!buffer) return buffer;
  if (auto filled = buffer->fill(std::byte{0}); !filled) return tl::unexpected(filled.error());
  return buffer;
}

}  // namespace

std::vector<std::uint64_t> Store::Entry::extents() const {
  if (vector) return {shape.cols};
  return {shape.rows, shape.cols};
}

Result<Store> Store::create(Device& device, const Contents& contents, std::uint64_t seed,
                            std::vector<std::string> moments, std::size_t gradients) {
  std::vector<Entry> entries;
  std::uint64_t bytes = 0;
  for (const Parameter& parameter : contents.parameters) {
    const Shape shape = contents.tensors[parameter.tensor].shape;
    entries.push_back({parameter.name, shape, parameter.vector, bytes});
    bytes += padded_bytes(shape);
  }
  if (entries.empty()) return fail(Code::kInvalidArgument, "the network has no parameters");
  auto weights = zeros(device, bytes);
  if (!weights) return tl::unexpected(weights.error());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto values = initial_values(contents.parameters[i].initial, entries[i].shape, seed, i);
    auto written = weights->write(std::as_bytes(std::span(values)), entries[i].offset);
    if (!written) return tl::unexpected(written.error());
  }
  Store store(std::move(entries), bytes, std::move(*weights));
  store.stems_ = std::move(moments);
  for (std::size_t i = 0; i < store.stems_.size() + gradients; ++i) {
    auto buffer = zeros(device, bytes);
    if (!buffer) return tl::unexpected(buffer.error());
    auto& to = i < store.stems_.size() ? store.moments_ : store.gradients_;
    to.push_back(std::move(*buffer));
  }
  return store;
}

Result<std::uint64_t> Store::offset(const std::string& name, Shape shape) const {
  for (const Entry& entry : entries_) {
    if (entry.name == name && entry.shape == shape) return entry.offset;
  }
  return fail(Code::kInvalidArgument,
              fmt::format("parameter {} [{} x {}] is not one of the network when it was created",
                          name, shape.rows, shape.cols),
              "forward() declares the same parameters for any number of rows");
}

std::vector<std::pair<std::string, const Buffer*>> Store::stored() const {
  std::vector<std::pair<std::string, const Buffer*>> all{{"", &weights_}};
  for (std::size_t i = 0; i < moments_.size(); ++i) {
    all.emplace_back("optimizer." + stems_[i] + ".", &moments_[i]);
  }
  return all;
}

Result<std::map<std::string, HostTensor>> Store::read() const {
  std::map<std::string, HostTensor> tensors;
  for (const auto& [prefix, buffer] : stored()) {
    for (const Entry& entry : entries_) {
      HostTensor& tensor = tensors[prefix + entry.name];
      tensor.shape = entry.extents();
      tensor.values.resize(entry.shape.elements());
      auto done = buffer->read(std::as_writable_bytes(std::span(tensor.values)), entry.offset);
      if (!done) return tl::unexpected(done.error());
    }
  }
  return tensors;
}

Result<void> Store::write(const std::map<std::string, HostTensor>& tensors) {
  const auto buffers = stored();
  for (const auto& [prefix, buffer] : buffers) {
    for (const Entry& entry : entries_) {
      const auto found = tensors.find(prefix + entry.name);
      if (found == tensors.end()) {
        return fail(Code::kInvalidArgument, fmt::format("no tensor {}{}", prefix, entry.name),
                    "restore a state of the same network and optimizer");
      }
      if (found->second.shape != entry.extents() ||
          found->second.values.size() != entry.shape.elements()) {
        return fail(Code::kInvalidArgument,
                    fmt::format("tensor {} has not the shape {} x {}", found->first,
                                entry.shape.rows, entry.shape.cols),
                    "restore a state of the same network and optimizer");
      }
    }
  }
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    Buffer& buffer = i == 0 ? weights_ : moments_[i - 1];
    for (const Entry& entry : entries_) {
      const HostTensor& tensor = tensors.at(buffers[i].first + entry.name);
      auto done = buffer.write(std::as_bytes(std::span(tensor.values)), entry.offset);
      if (!done) return done;
    }
  }
  return {};
}

}  // namespace weft::graph
