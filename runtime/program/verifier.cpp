// SPDX-License-Identifier: Apache-2.0
// The verifier; see verifier.h.
//
// Happens-before. For a command c, clock(c)[u] is a number of commands of unit u that have surely
// retired when c starts. c starts after the first after[u] commands of each u have retired (units
// retire in order), and each of those started under its own clock, so
//   clock(c) = max over u of { after[u] at u; clock(d) for the first after[u] commands d of u }.
// A command d, the n-th of unit u (from 0), happens before c exactly if clock(c)[u] > n; the
// relation is transitive because clocks include those of the commands waited for.
//
// Why the last accesses suffice. For each unit of storage only its last writer w, and per unit the
// last reader since w, are compared with a new access c.
//   Earlier writers: each was found to happen before the writer that replaced it, so all happen
//   before w, and before c if w does.
//   Earlier readers of the same unit since w: the unit retires in order, so they retire no later
//   than its last one, and clock(c) counts them too.
//   Readers before w: they were found to happen before w.
//   A later command can never happen before c, because `after` counts only earlier commands; so a
//   conflict is found when the later of the two is reached.
#include "runtime/program/verifier.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/program/access_map.h"
#include "runtime/program/asm.h"
#include "runtime/program/check.h"
#include "runtime/program/footprint.h"

namespace weft {
namespace {

UnitCounts after_of(const CommandBytes& command) {
  const auto common = spec::unpack_load(command);
  return {common.after_load, common.after_matmul, common.after_vector, common.after_store};
}

std::size_t unit_of(const CommandBytes& command) {
  return std::to_integer<std::size_t>(command[0]) - 1;
}

void raise(UnitCounts& clock, const UnitCounts& by) {
  for (std::size_t u = 0; u < clock.size(); ++u) clock[u] = std::max(clock[u], by[u]);
}

class Verifier {
 public:
  Verifier(const ProgramImage& image, const spec::Config& config) : image_(image), config_(config) {
    for (const auto& binding : image.bindings) {
      bindings_.push_back({.size = binding.size, .rights = binding.rights});
    }
    // Memory that is only read cannot race.
    for (const auto& command : image.commands) {
      if (static_cast<spec::Opcode>(command[0]) != spec::Opcode::kStore) continue;
      memory_.try_emplace(spec::unpack_store(command).binding);
    }
  }

  Result<void> run() {
    for (std::uint32_t i = 0; i < image_.commands.size(); ++i) {
      if (auto result = step(i); !result) return result;
    }
    return {};
  }

 private:
  struct Conflict {
    std::uint64_t unit;  // of storage
    std::uint32_t with;  // command, or kNobody: never written
    bool with_writer;
  };

  Result<void> step(std::uint32_t index) {
    const auto& command = image_.commands[index];
    const auto fault = check_command(command, counts(), bindings_, config_);
    if (fault != spec::Fault::kNone) {
      return fail(Code::kVerification,
                  title(index) + ": " + std::string(name(fault)) + ", " + std::string(doc(fault)),
                  std::string(advice(fault)));
    }
    if (static_cast<spec::Opcode>(command[0]) == spec::Opcode::kStore &&
        groups_overlap(spec::unpack_store(command))) {
      return fail(Code::kVerification, title(index) + ": its groups of rows overlap in memory",
                  "correct rows, row_stride or group_stride");
    }
    const auto clock = clock_of(command);
    const auto touched = footprint(command);
    for (const auto& region : touched.regions()) {
      if (const auto conflict = find_conflict(region, clock)) {
        return refuse(index, region, *conflict);
      }
    }
    if (auto result = check_in_place(index, touched); !result) return result;
    apply(index, touched, clock);
    return {};
  }

  [[nodiscard]] UnitCounts counts() const {
    UnitCounts result;
    for (std::size_t u = 0; u < result.size(); ++u) {
      result[u] = static_cast<std::uint32_t>(known_[u].size());
    }
    return result;
  }

  [[nodiscard]] UnitCounts clock_of(const CommandBytes& command) const {
    const auto after = after_of(command);
    UnitCounts clock{};
    for (std::size_t u = 0; u < after.size(); ++u) {
      if (after[u] > 0) raise(clock, known_[u][after[u] - 1]);
    }
    return clock;
  }

  [[nodiscard]] bool happens_before(std::uint32_t earlier, const UnitCounts& clock) const {
    return clock[unit_of(image_.commands[earlier])] > ordinals_[earlier];
  }

  [[nodiscard]] AccessMap* map_of(const Region& region) {
    if (region.space != Space::kMemory) return &scratch_[static_cast<std::size_t>(region.space)];
    const auto found = memory_.find(region.binding);
    return found == memory_.end() ? nullptr : &found->second;
  }

  std::optional<Conflict> find_conflict(const Region& region, const UnitCounts& clock) {
    const auto* map = map_of(region);
    if (map == nullptr) return std::nullopt;
    std::optional<Conflict> found;
    const bool must_be_written = !region.writes && region.space != Space::kMemory;
    const auto visit = [&](std::uint64_t unit, const AccessMap::Last& last) {
      if (last.writer == AccessMap::kNobody) {
        if (must_be_written) found = Conflict{unit, AccessMap::kNobody, true};
      } else if (!happens_before(last.writer, clock)) {
        found = Conflict{unit, last.writer, true};
      }
      for (const auto reader : last.readers) {
        if (found || !region.writes || reader == AccessMap::kNobody) continue;
        if (!happens_before(reader, clock)) found = Conflict{unit, reader, false};
      }
      return !found;
    };
    region.box.each_row([&](std::uint64_t begin, std::uint64_t end) {
      if (!found) map->each(begin, end, visit);
    });
    return found;
  }

  // V written where the same command touches it: only element by element in place, and never by
  // a reduction.
  [[nodiscard]] Result<void> check_in_place(std::uint32_t index, const Footprint& touched) const {
    const auto regions = touched.regions();
    for (const auto& written : regions) {
      if (!written.writes || written.space != Space::kV) continue;
      for (const auto& region : regions) {
        if (&region == &written || region.space != Space::kV) continue;
        if (!written.apart && (region.writes || region.in_place)) continue;
        if (overlap(region.box, written.box)) return refuse_overlap(index, written, region);
      }
    }
    return {};
  }

  [[nodiscard]] Result<void> refuse_overlap(std::uint32_t index, const Region& written,
                                            const Region& region) const {
    const auto what = [&](std::string_view result) {
      return title(index) + ": its " + std::string(result) + " overlaps the " +
             (region.writes ? "result" : "operand") + " that starts at " +
             describe(region, region.box.base, image_);
    };
    if (written.apart) {
      return fail(Code::kVerification, what("reduction"), "give the reduction its own words");
    }
    return fail(Code::kVerification, what("result"),
                "give the result its own words, or exactly the start and pitch of that operand");
  }

  void apply(std::uint32_t index, const Footprint& touched, UnitCounts clock) {
    const auto unit = unit_of(image_.commands[index]);
    for (const bool writes : {false, true}) {
      for (const auto& region : touched.regions()) {
        auto* map = map_of(region);
        if (map == nullptr || region.writes != writes) continue;
        region.box.each_row([&](std::uint64_t begin, std::uint64_t end) {
          if (writes) map->write(begin, end, index);
          if (!writes) map->read(begin, end, unit, index);
        });
      }
    }
    ordinals_.push_back(static_cast<std::uint32_t>(known_[unit].size()));
    clock[unit] = std::max(clock[unit], ordinals_.back() + 1);
    if (!known_[unit].empty()) raise(clock, known_[unit].back());
    known_[unit].push_back(clock);
  }

  [[nodiscard]] std::string title(std::uint32_t index) const {
    return "command " + std::to_string(index) + " (" +
           disassemble_command(image_.commands[index], image_) + ")";
  }

  [[nodiscard]] Result<void> refuse(std::uint32_t index, const Region& region,
                                    const Conflict& conflict) const {
    const auto what = title(index) + (region.writes ? " writes " : " reads ") +
                      describe(region, conflict.unit, image_);
    if (conflict.with == AccessMap::kNobody) {
      return fail(Code::kVerification, what + ", which no earlier command wrote",
                  "write it first, or correct the extent or place of the operand");
    }
    const auto unit = unit_of(image_.commands[conflict.with]);
    return fail(Code::kVerification,
                what + " without waiting for " + title(conflict.with) + ", which " +
                    (conflict.with_writer ? "writes it" : "reads it"),
                "add after=" + std::string(name(static_cast<spec::Unit>(unit))) + ":" +
                    std::to_string(ordinals_[conflict.with] + 1) + " to command " +
                    std::to_string(index));
  }

  const ProgramImage& image_;
  const spec::Config& config_;
  std::vector<spec::Binding> bindings_;
  std::array<AccessMap, kNumSpaces> scratch_;
  std::map<std::uint8_t, AccessMap> memory_;  // of bindings some command writes
  // known_[u][n]: what has surely retired once n + 1 commands of unit u have.
  std::array<std::vector<UnitCounts>, spec::kNumUnits> known_;
  std::vector<std::uint32_t> ordinals_;  // of each command, within its unit
};

}  // namespace

Result<void> verify(const ProgramImage& image, const spec::Config& config) {
  if (auto valid = validate_declarations(image); !valid) return valid;
  return Verifier(image, config).run();
}

}  // namespace weft
