// SPDX-License-Identifier: Apache-2.0
#include "runtime/kernels/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/kernels/job.h"

namespace weft::kernels {
namespace {

void append(CommandStream& stream, const Grid& grid, const Recipe& recipe, Range range) {
  const auto turn = [&](std::uint32_t tile) {
    return Turn(stream, grid, tile, tile == range.begin, tile + 1 == range.end);
  };
  const auto load = [&](std::uint32_t tile) {
    Turn now = turn(tile);
    recipe.load(now);
  };
  // Ahead only where the next tile has a place of its own.
  const std::uint32_t ahead = grid.turns() > 1 ? 1 : 0;
  std::uint32_t loaded = range.begin;
  for (std::uint32_t tile = range.begin; tile < range.end; ++tile) {
    while (loaded < range.end && loaded <= tile + ahead) load(loaded++);
    Turn now = turn(tile);
    recipe.work(now);
  }
}

}  // namespace

Result<Programs> make_programs(const DeviceInfo& device, const Recipe& recipe) {
  if (recipe.rows == 0 || recipe.cols == 0) {
    return fail(Code::kInvalidArgument, fmt::format("{} has no elements", recipe.name),
                "rows, columns and counts are at least 1");
  }
  const spec::Config& config = device.config;
  const auto grid = Grid::make(config, recipe.rows, recipe.cols, recipe.needs);
  if (!grid) {
    return fail(
        Code::kUnsupported,
        fmt::format("{}: a row of {} elements does not fit V of {} bytes", recipe.name, recipe.cols,
                    config.v_bytes),
        fmt::format("rows of up to {} elements do", Grid::longest_row(config, recipe.needs)));
  }
  if (recipe.rows > 1 && recipe.cols >= std::uint64_t{1} << 30) {
    return fail(Code::kUnsupported, fmt::format("{}: rows of 4 GiB or more", recipe.name));
  }
  return make_programs(device, Job{.name = recipe.name,
                                   .bindings = recipe.bindings,
                                   .scalars = recipe.scalars,
                                   .parts = grid->tiles(),
                                   .one_program = recipe.one_program,
                                   .append = [&](CommandStream& stream, Range range) {
                                     append(stream, *grid, recipe, range);
                                   }});
}

std::uint64_t Turn::element(std::uint64_t row, std::uint64_t col) const {
  return row * grid_.all_cols() + col;
}

void Turn::load(std::uint8_t binding, const Tile& to) {
  const bool rows = to.rows > 1;
  stream_.append(
      spec::Load{.target = spec::Target::kV,
                 .binding = binding,
                 .format = spec::LoadFormat::kFp32,
                 .rows = static_cast<std::uint16_t>(to.rows),
                 .cols = static_cast<std::uint16_t>(to.cols),
                 .offset = element(grid_.first_row(tile_), grid_.first_col(tile_)) * 4,
                 .row_stride = rows ? static_cast<std::uint32_t>(grid_.all_cols() * 4) : 0,
                 .dst = static_cast<std::uint16_t>(to.word),
                 .dst_pitch = static_cast<std::uint16_t>(rows ? to.pitch : 0)});
}

void Turn::gather(std::uint8_t binding, std::uint32_t table_rows, const Tile& picks,
                  const Tile& to) {
  stream_.append(spec::Load{.target = spec::Target::kV,
                            .binding = binding,
                            .format = spec::LoadFormat::kFp32,
                            .rows = static_cast<std::uint16_t>(to.rows),
                            .cols = static_cast<std::uint16_t>(to.cols),
                            .offset = element(0, grid_.first_col(tile_)) * 4,
                            .row_stride = static_cast<std::uint32_t>(grid_.all_cols() * 4),
                            .dst = static_cast<std::uint16_t>(to.word),
                            .dst_pitch = static_cast<std::uint16_t>(to.rows > 1 ? to.pitch : 0),
                            .source = spec::Source::kGather,
                            .src = static_cast<std::uint16_t>(picks.word),
                            .table_rows = table_rows});
}

void Turn::store(std::uint8_t binding, const Tile& from) {
  const bool rows = from.rows > 1;
  stream_.append(
      spec::Store{.format = spec::StoreFormat::kWord32,
                  .binding = binding,
                  .rows = static_cast<std::uint16_t>(from.rows),
                  .cols = static_cast<std::uint16_t>(from.cols),
                  .offset = element(grid_.first_row(tile_), grid_.first_col(tile_)) * 4,
                  .row_stride = rows ? static_cast<std::uint32_t>(grid_.all_cols() * 4) : 0,
                  .src = static_cast<std::uint16_t>(from.word),
                  .src_pitch = static_cast<std::uint16_t>(rows ? from.pitch : 0)});
}

void Turn::load_run(std::uint8_t binding, std::uint64_t element, const Tile& to) {
  stream_.append(spec::Load{.target = spec::Target::kV,
                            .binding = binding,
                            .format = spec::LoadFormat::kFp32,
                            .rows = 1,
                            .cols = static_cast<std::uint16_t>(to.cols),
                            .offset = element * 4,
                            .dst = static_cast<std::uint16_t>(to.word)});
}

void Turn::store_run(std::uint8_t binding, std::uint64_t element, const Tile& from) {
  stream_.append(spec::Store{.format = spec::StoreFormat::kWord32,
                             .binding = binding,
                             .rows = 1,
                             .cols = static_cast<std::uint16_t>(from.cols),
                             .offset = element * 4,
                             .src = static_cast<std::uint16_t>(from.word)});
}

void Turn::load_rows(std::uint8_t binding, const Tile& to) {
  load_run(binding, grid_.first_row(tile_), to);
}

void Turn::store_rows(std::uint8_t binding, const Tile& from) {
  store_run(binding, grid_.first_row(tile_), from);
}

void Turn::load_columns(std::uint8_t binding, const Tile& to) {
  load_run(binding, grid_.first_col(tile_), to);
}

void Turn::store_columns(std::uint8_t binding, const Tile& from) {
  store_run(binding, grid_.first_col(tile_), from);
}

void Turn::run(const Pass& pass) {
  stream_.append(pass.command());
}

Tile Turn::fold_columns(std::uint32_t buffer) {
  const Tile tile = grid_.buffer(tile_, buffer);
  const Tile sums = grid_.next_buffer(tile_, buffer).header();
  run(Pass(first_group() ? tile : tile.with_header()).sum_columns(sums));
  return sums;
}

void Turn::sum_columns(std::uint32_t buffer, std::uint8_t binding) {
  if (!first_group() && first_of_program_) {
    load_columns(binding, grid_.buffer(tile_, buffer).header());
  }
  const Tile sums = fold_columns(buffer);
  if (last_group() || last_of_program_) store_columns(binding, sums);
}

std::vector<Step> make_steps(std::span<const Program> programs, const Call& call) {
  std::vector<Step> steps;
  for (const Program& program : programs) {
    Step step{.program = program, .bindings = call.bindings};
    std::copy(call.scalars.begin(), call.scalars.end(), step.scalars.begin());
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace weft::kernels
