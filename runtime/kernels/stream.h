// SPDX-License-Identifier: Apache-2.0
// Appends commands and works out what each has to wait for.
//
// For every word of V and every cell of A and B it is known which command wrote it last and which
// have read it since; a command waits for the writer of what it reads, and for writer and readers
// of what it overwrites. So a kernel lists its commands in an order in which they would be right
// one after another, and they overlap as far as the places it gives them allow.
//
// Memory is not followed: a kernel that writes what it read has to pass it through V in between,
// and the verifier holds it to that.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "runtime/kernels/command.h"
#include "runtime/program/footprint.h"
#include "weft/spec.h"

namespace weft::kernels {

class CommandStream {
 public:
  explicit CommandStream(const spec::Config& config);

  // The `after` counts of the argument are overwritten.
  void append(spec::Load load) { append_to(spec::Unit::kLoad, load); }
  void append(spec::Matmul matmul) { append_to(spec::Unit::kMatmul, matmul); }
  void append(spec::Vector vector) { append_to(spec::Unit::kVector, vector); }
  void append(spec::Store store) { append_to(spec::Unit::kStore, store); }

  [[nodiscard]] const std::vector<Command>& commands() const { return commands_; }

 private:
  using Counts = std::array<std::uint32_t, spec::kNumUnits>;
  struct Place {
    Counts read{};  // commands of each unit up to its last reader since
    spec::Unit writer = spec::Unit::kLoad;
    std::uint32_t written = 0;  // commands of `writer` up to the last that wrote it
  };

  template <class AnyCommand>
  void append_to(spec::Unit unit, AnyCommand& command);

  // Calls visit(place) for each word or cell that a region touches.
  template <class Visit>
  void for_each_place(const Region& region, Visit visit);

  std::vector<Place> words_;  // of V
  std::vector<Place> a_cells_;
  std::vector<Place> b_cells_;
  Counts appended_{};
  std::vector<Command> commands_;
};

}  // namespace weft::kernels
