// SPDX-License-Identifier: Apache-2.0
// A kernel as a recipe: what it binds, what it needs in V, and the commands for one tile. Making it
// cuts the tensor into tiles, writes the commands of all of them, a tile's loads ahead of the
// passes of the tile before, splits what is too long for one program, and verifies and caches the
// result.
//
//   Recipe{.name = "relu", .rows = 1, .cols = count, .needs = {.cut_columns = true},
//          .bindings = {{"x", bytes, Rights::kRead}, {"y", bytes, Rights::kWrite}},
//          .load = [](Turn& t) { t.load(0, t.buffer(0)); },
//          .work = [](Turn& t) {
//            t.run(Pass(t.buffer(0)).compare(spec::Compare::kMax, value(0)).into(t.buffer(0)));
//            t.store(1, t.buffer(0));
//          }};
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "runtime/kernels/grid.h"
#include "runtime/kernels/pass.h"
#include "runtime/kernels/stream.h"
#include "weft/kernel.h"

namespace weft::kernels {

// One tile while its commands are written.
class Turn {
 public:
  Turn(CommandStream& stream, const Grid& grid, std::uint32_t tile, bool first_of_program,
       bool last_of_program)
      : stream_(stream),
        grid_(grid),
        tile_(tile),
        first_of_program_(first_of_program),
        last_of_program_(last_of_program) {}

  // Places in V of this tile.
  [[nodiscard]] Tile buffer(std::uint32_t number) const { return grid_.buffer(tile_, number); }
  [[nodiscard]] Tile vector(std::uint32_t number) const { return grid_.vector(tile_, number); }
  [[nodiscard]] Tile column(std::uint32_t number) const { return grid_.column(tile_, number); }

  [[nodiscard]] std::uint64_t first_row() const { return grid_.first_row(tile_); }
  // The first or last group of rows of its columns.
  [[nodiscard]] bool first_group() const { return grid_.group(tile_) == 0; }
  [[nodiscard]] bool last_group() const { return grid_.group(tile_) + 1 == grid_.groups(); }
  // Whether vectors of one number per column are still to be loaded: for the first group, and
  // where a program starts.
  [[nodiscard]] bool new_columns() const { return first_group() || first_of_program_; }

  // This tile of a tensor.
  void load(std::uint8_t binding, const Tile& to);
  void store(std::uint8_t binding, const Tile& from);
  // Rows of a table as wide as the tensor, its columns of them: those that `picks`, an int32 per
  // row of the tile, names.
  void gather(std::uint8_t binding, std::uint32_t table_rows, const Tile& picks, const Tile& to);
  // Its rows of a vector of one number per row.
  void load_rows(std::uint8_t binding, const Tile& to);
  void store_rows(std::uint8_t binding, const Tile& from);
  // Its columns of a vector of one number per column.
  void load_columns(std::uint8_t binding, const Tile& to);
  void store_columns(std::uint8_t binding, const Tile& from);
  // Any row of elements, from an element of the binding on.
  void load_run(std::uint8_t binding, std::uint64_t element, const Tile& to);
  void store_run(std::uint8_t binding, std::uint64_t element, const Tile& from);

  void run(const Pass& pass);

  // Adds up the columns of the elements in a buffer with a header, of all groups of rows so far:
  // the sums up to the group before are in the header, as the first row of the fold, which adds
  // them unchanged. So an element of the sum does not depend on where groups end. The sums, which
  // are returned, go into the header of the buffer of the next turn.
  Tile fold_columns(std::uint32_t buffer);

  // The same for a result of the kernel: behind the last group the sums are stored. Where a program
  // ends before, they are stored too, and the next program starts with them; so the binding has to
  // be readable.
  void sum_columns(std::uint32_t buffer, std::uint8_t binding);

 private:
  [[nodiscard]] std::uint64_t element(std::uint64_t row, std::uint64_t col) const;

  CommandStream& stream_;
  const Grid& grid_;
  std::uint32_t tile_;
  bool first_of_program_;
  bool last_of_program_;
};

struct Recipe {
  std::string name;        // of kernel and shape
  std::uint64_t rows = 1;  // of the tensor
  std::uint64_t cols = 1;
  Needs needs;
  std::vector<BindingDeclaration> bindings;
  std::vector<std::string> scalars{};
  bool one_program = false;         // keeps in V what another program would need
  std::function<void(Turn&)> load;  // called for a tile before the passes of the one before
  std::function<void(Turn&)> work;
};

// From the cache, or made. kInvalidArgument, kUnsupported: see weft/kernel.h.
[[nodiscard]] Result<Programs> make_programs(const DeviceInfo& device, const Recipe& recipe);

template <class Arguments>
Result<Kernel<Arguments>> make_kernel(const DeviceInfo& device, const Recipe& recipe) {
  return make_programs(device, recipe).map([](Programs programs) {
    return Kernel<Arguments>(std::move(programs));
  });
}

}  // namespace weft::kernels
