// SPDX-License-Identifier: Apache-2.0
// weft/program.h: a straight line of commands, verified once and launched often.
//
//   ProgramBuilder builder("copy");
//   const auto source = builder.bind("source", 4096, Rights::kRead);
//   builder.append(spec::Load{.target = spec::Target::kV, .binding = source, ...});
//   Result<Program> program = std::move(builder).finalise();
//
// A program declares its bindings: name, smallest size and rights. The verifier proves for them
// that no launch can leave its buffers or scratchpads, race, or read what was never written; a
// launch then only checks that the buffers passed fit the declaration.
//
// Errors    finalise(): kVerification names the command, its assembly and the broken rule;
//           kInvalidArgument for an empty or too long program or too many bindings.
// Lifetime  Program is immutable and shares its contents: copies are cheap.
// Threads   A Program may be used from any; a builder by one at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "weft/result.h"
#include "weft/spec.h"

namespace weft {

// What a program may do with a binding; a set of bits as in spec::Binding::rights.
enum class Rights : std::uint32_t { kRead = 1, kWrite = 2, kReadWrite = 3 };

struct BindingDeclaration {
  std::string name;
  std::uint64_t size_bytes = 0;  // the least a launch must pass
  Rights rights = Rights::kRead;
};

// The smallest scratchpads a program runs in, bytes.
struct ScratchpadNeeds {
  std::uint32_t a_bytes = 0;
  std::uint32_t b_bytes = 0;
  std::uint32_t v_bytes = 0;
};

// kOff is for tests and tools: the card then still checks bounds and rights, but results of a
// program that races are unspecified.
enum class Verify : std::uint8_t { kOn, kOff };

class Program {
 public:
  [[nodiscard]] const std::string& name() const;                   // for messages
  [[nodiscard]] std::span<const std::byte> command_bytes() const;  // 64 per command
  [[nodiscard]] std::size_t command_count() const;
  [[nodiscard]] std::span<const BindingDeclaration> bindings() const;
  [[nodiscard]] ScratchpadNeeds needs() const;
  [[nodiscard]] bool verified() const;

  struct Contents;
  // Copies of one program have the same contents. Opaque outside the runtime.
  [[nodiscard]] const std::shared_ptr<const Contents>& contents() const { return contents_; }
  explicit Program(std::shared_ptr<const Contents> contents) : contents_(std::move(contents)) {}

 private:
  std::shared_ptr<const Contents> contents_;
};

class ProgramBuilder {
 public:
  explicit ProgramBuilder(std::string name) : name_(std::move(name)) {}

  // Declares the next binding and returns its index, the value of a command's field `binding`.
  std::uint8_t bind(std::string name, std::uint64_t size_bytes, Rights rights);

  // Declares the next scalar and returns its number s; a field `*_scalar` names it as s + 1.
  std::uint8_t scalar(std::string name);

  ProgramBuilder& append(const spec::Load& command);
  ProgramBuilder& append(const spec::Matmul& command);
  ProgramBuilder& append(const spec::Vector& command);
  ProgramBuilder& append(const spec::Store& command);
  // Any bytes, a multiple of 64: what is not a command is refused by the verifier or faults.
  ProgramBuilder& append_bytes(std::span<const std::byte> commands);

  // Commands appended so far, and those of one unit: the values of `after_*` fields.
  [[nodiscard]] std::size_t command_count() const { return bytes_.size() / spec::kCommandBytes; }
  [[nodiscard]] std::uint32_t count(spec::Unit unit) const;

  [[nodiscard]] Result<Program> finalise(Verify verify = Verify::kOn) &&;

 private:
  std::string name_;
  std::vector<BindingDeclaration> bindings_;
  std::vector<std::string> scalars_;
  std::vector<std::byte> bytes_;
  std::array<std::uint32_t, spec::kNumUnits> counts_{};
};

}  // namespace weft
