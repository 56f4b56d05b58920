// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/network_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "runtime/graph/contents.h"
#include "runtime/tools/paths.h"

namespace weft::tools {

Result<SavedNetwork> load_network(const std::string& name) {
  auto file = read_data(name);
  if (!file) return tl::unexpected(file.error());
  const auto tensors = io::Safetensors::parse(std::move(file->bytes), file->path);
  if (!tensors) return tl::unexpected(tensors.error());
  return read_network(*tensors, file->path);
}

Result<SavedNetwork> read_network(const io::Safetensors& file, const std::string& name) {
  const auto text = file.metadata().find(kArchitectureKey);
  if (text == file.metadata().end()) {
    return fail(Code::kCorruptFile, name + " has no architecture in __metadata__",
                "weft train saves one; docs/train.md has the form");
  }
  auto architecture = parse_architecture(text->second, name);
  if (!architecture) return tl::unexpected(architecture.error());

  Graph graph;
  const Tensor x = graph.input("x", {.rows = 1, .cols = architecture->inputs()});
  static_cast<void>(architecture->network().forward(graph, x));
  SavedNetwork network{.architecture = std::move(*architecture), .weights = {}};
  for (const graph::Parameter& parameter : graph.contents().parameters) {
    const Shape shape = graph.contents().tensors[parameter.tensor].shape;
    std::vector<std::uint64_t> extents{shape.cols};
    if (!parameter.vector) extents.insert(extents.begin(), shape.rows);
    const auto found = file.find(parameter.name);
    if (!found) return tl::unexpected(found.error());
    if ((*found)->shape != extents) {
      return fail(
          Code::kCorruptFile,
          fmt::format("{}: {} has the shape [{}], its architecture needs [{}]", name,
                      parameter.name, fmt::join((*found)->shape, ", "), fmt::join(extents, ", ")));
    }
    auto values = file.floats(parameter.name);
    if (!values) return tl::unexpected(values.error());
    network.weights[parameter.name] = {std::move(extents), std::move(*values)};
  }
  return network;
}

}  // namespace weft::tools
