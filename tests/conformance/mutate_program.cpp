// SPDX-License-Identifier: Apache-2.0
// Damage to one command; see random_program.h.
#include "tests/conformance/random.h"
#include "tests/conformance/random_program.h"
#include "weft/spec_fields.h"

namespace weft::test {
namespace {

// Values around what a field holds and at the ends of what it could.
std::uint64_t nearby(Dice& dice, const spec::Field& field, std::uint64_t value) {
  switch (dice.between(0, 8)) {
    case 0:
      return value + 1;
    case 1:
      return value - 1;
    case 2:
      return value * 2;
    case 3:
      return value / 2;
    case 4:
      return 0;
    case 5:
      return field.max;
    case 6:
      return field.max + 1;
    case 7:
      return dice.between(0, 16);
    default:
      return dice.bits() >> dice.between(0, 63);
  }
}

void mutate_field(Dice& dice, CommandBytes& command, std::string& what) {
  const auto opcode = std::to_integer<std::size_t>(command[0]);
  if (opcode < 1 || opcode > spec::kCommands.size()) return;
  const auto fields = spec::kCommands[opcode - 1].fields;
  const auto& field = fields[dice.between(0, fields.size() - 1)];
  const auto before = spec::get(command, field);
  spec::put(command, field, nearby(dice, field, before));
  what += "field " + std::string(field.name) + " " + std::to_string(before) + " -> " +
          std::to_string(spec::get(command, field));
}

}  // namespace

Mutant mutate(const ProgramImage& image, std::uint64_t seed) {
  Dice dice(seed);
  Mutant mutant{image, dice.between(0, image.commands.size() - 1), {}};
  mutant.what = "command " + std::to_string(mutant.command) + ": ";
  auto& command = mutant.image.commands[mutant.command];
  while (command == image.commands[mutant.command]) {
    const auto at = dice.between(0, command.size() - 1);
    const auto kind = dice.between(0, 9);
    if (kind == 0) {
      const auto bit = dice.between(0, 7);
      command[at] ^= static_cast<std::byte>(1u << bit);
      mutant.what += "byte " + std::to_string(at) + " bit " + std::to_string(bit) + " flipped";
    } else if (kind == 1) {
      command[at] = static_cast<std::byte>(dice.bits());
      mutant.what += "byte " + std::to_string(at) + " replaced";
    } else {
      mutate_field(dice, command, mutant.what);
    }
    if (command == image.commands[mutant.command]) {
      mutant.what = "command " + std::to_string(mutant.command) + ": ";
    }
  }
  return mutant;
}

}  // namespace weft::test
