// SPDX-License-Identifier: Apache-2.0
// runtime/bundle/bundle.h: launches as data, and their file (.weft).
//
// A launch is what its programs were given and what they did: the programs, the memory they work
// on as regions (bindings that overlap share one), the bytes they read before writing them, and
// after the launch the bytes they wrote. Nothing in it depends on the device or on addresses.
//
// File, little endian:
//   0   letters WEFTBNDL
//   8   version of this form, u32 = 1; zero, u32
//   16  spec hash, u64
//   24  bytes of JSON, u64
//   32  JSON: {"device", "launches": [{"regions": [size], "steps": [...], "inputs": [...],
//       "outputs": [...], "error"}], "blobs": [size]}; a program or the bytes of a range is the
//       number of a blob, equal contents share one
//       blobs one after another
//       hash of all bytes before, u64 (runtime/io/hash.h)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/program/image.h"
#include "weft/result.h"
#include "weft/spec.h"

namespace weft::bundle {

// Consecutive bytes of a region.
struct Range {
  std::uint32_t region = 0;
  std::uint64_t offset = 0;
  std::vector<std::byte> bytes;

  friend bool operator==(const Range&, const Range&) = default;
};

// What a binding of a step is bound to.
struct Window {
  std::uint32_t region = 0;
  std::uint64_t offset = 0;  // a multiple of 64
  std::uint64_t size = 0;
  std::uint32_t rights = 0;

  friend bool operator==(const Window&, const Window&) = default;
};

struct RecordedStep {
  std::string name;
  ProgramImage image;
  bool verified = true;  // false: it ran without the verifier, and so it is replayed
  std::vector<Window> windows;
  std::array<std::uint32_t, spec::kScalars> scalars{};

  friend bool operator==(const RecordedStep&, const RecordedStep&) = default;
};

struct RecordedLaunch {
  std::vector<std::uint64_t> regions;  // sizes
  std::vector<RecordedStep> steps;
  std::vector<Range> inputs;
  std::vector<Range> outputs;        // empty if the launch failed
  std::optional<std::string> error;  // what the launch failed with

  friend bool operator==(const RecordedLaunch&, const RecordedLaunch&) = default;
};

struct Bundle {
  std::string device;  // URI it was recorded on
  std::vector<RecordedLaunch> launches;

  friend bool operator==(const Bundle&, const Bundle&) = default;
};

// Hash of all output bytes, launch by launch.
[[nodiscard]] std::uint64_t output_hash(const Bundle& bundle);

[[nodiscard]] std::vector<std::byte> serialize(const Bundle& bundle);

// Any bytes are safe. kCorruptFile: not a bundle, damaged or truncated; kUnsupported: another
// version or spec. `name` is for messages.
[[nodiscard]] Result<Bundle> parse_bundle(std::span<const std::byte> file, const std::string& name);

}  // namespace weft::bundle
