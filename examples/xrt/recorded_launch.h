// SPDX-License-Identifier: Apache-2.0
// recorded_launch.h: a launch recorded by `weft record`, laid out as the bytes of an arena.
//
// What a host without Weft's runtime needs to know: the form of a bundle (runtime/bundle/bundle.h)
// and the records of a launch (weft/spec.h). Everything lies at multiples of 4096 in one buffer:
// completion record, launch record, list of programs, their bindings, commands, memory.
#pragma once

#include <weft/spec.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace example {

struct Output {
  std::uint64_t offset;
  std::vector<char> bytes;
};

struct RecordedLaunch {
  std::vector<char> arena;  // as it has to be before the launch
  std::uint64_t completion = 0;
  std::uint64_t launch = 0;     // the launch record: argument `launch` of the kernel
  std::vector<Output> outputs;  // what the launch wrote when it was recorded
};

class Layout {
 public:
  // Appends bytes at the next multiple of 4096 and returns where.
  std::uint64_t add(const void* bytes, std::size_t size) {
    const std::size_t at = (arena_.size() + 4095) / 4096 * 4096;
    arena_.resize(at + size);
    if (bytes != nullptr) std::memcpy(arena_.data() + at, bytes, size);
    return at;
  }
  template <class Record>
  std::uint64_t add(const Record& record) {
    return add(record.data(), record.size());
  }
  std::vector<char>& arena() { return arena_; }

 private:
  std::vector<char> arena_;
};

inline std::vector<RecordedLaunch> read_bundle(const std::string& path) {
  namespace spec = weft::spec;
  std::ifstream stream(path, std::ios::binary);
  const std::vector<char> file{std::istreambuf_iterator<char>(stream), {}};
  std::uint64_t header[4];
  if (file.size() < sizeof header || std::memcmp(file.data(), "WEFTBNDL", 8) != 0) {
    throw std::runtime_error(path + " is no bundle");
  }
  std::memcpy(header, file.data(), sizeof header);
  if (header[2] != spec::kSpecHash) throw std::runtime_error(path + " is of another spec version");
  const char* text = file.data() + sizeof header;
  const auto json = nlohmann::json::parse(text, text + header[3]);

  std::vector<std::span<const char>> blobs;
  const char* blob = text + header[3];
  for (const std::size_t size : json.at("blobs")) {
    blobs.emplace_back(blob, size);
    blob += size;
  }

  std::vector<RecordedLaunch> launches;
  for (const auto& recorded : json.at("launches")) {
    Layout layout;
    RecordedLaunch launch;
    launch.completion = layout.add(nullptr, 512);
    launch.launch = layout.add(nullptr, 64);
    std::vector<std::uint64_t> regions;
    for (const std::uint64_t size : recorded.at("regions")) {
      regions.push_back(layout.add(nullptr, size));
    }
    for (const auto& input : recorded.at("inputs")) {
      const auto bytes = blobs.at(input.at(2));
      std::memcpy(layout.arena().data() + regions.at(input.at(0)) + input.at(1).get<std::size_t>(),
                  bytes.data(), bytes.size());
    }
    std::vector<char> list;
    for (const auto& step : recorded.at("steps")) {
      const auto program = blobs.at(step.at("program"));
      spec::Entry entry;
      std::memcpy(&entry.commands, program.data() + 16, 4);
      const std::size_t commands = std::size_t{entry.commands} * 64;  // at the end of the blob
      entry.program = layout.add(program.data() + program.size() - commands, commands);
      std::vector<char> table;
      for (const auto& window : step.at("windows")) {
        const auto binding = spec::pack(
            spec::Binding{.offset = regions.at(window.at(0)) + window.at(1).get<std::uint64_t>(),
                          .size = window.at(2),
                          .rights = window.at(3)});
        const char* bytes = reinterpret_cast<const char*>(binding.data());
        table.insert(table.end(), bytes, bytes + binding.size());
      }
      entry.bindings = static_cast<std::uint32_t>(table.size() / 32);
      entry.binding_table = layout.add(table);
      entry.scalar = step.at("scalars").get<decltype(entry.scalar)>();
      const auto packed = spec::pack(entry);
      const char* bytes = reinterpret_cast<const char*>(packed.data());
      list.insert(list.end(), bytes, bytes + packed.size());
    }
    spec::Launch record;
    record.magic = spec::kMagic;
    record.mode = spec::LaunchMode::kRun;
    record.spec_hash = spec::kSpecHash;
    record.completion = launch.completion;
    record.list = layout.add(list);
    record.entries = static_cast<std::uint32_t>(list.size() / 128);
    const auto packed = spec::pack(record);
    std::memcpy(layout.arena().data() + launch.launch, packed.data(), packed.size());
    for (const auto& output : recorded.at("outputs")) {
      const auto bytes = blobs.at(output.at(2));
      launch.outputs.push_back({regions.at(output.at(0)) + output.at(1).get<std::uint64_t>(),
                                {bytes.begin(), bytes.end()}});
    }
    launch.arena = std::move(layout.arena());
    launches.push_back(std::move(launch));
  }
  return launches;
}

// Compares the arena after the launch with the recording: bytes that were compared. Throws with the
// fault, or with the place of the first difference.
inline std::size_t check(const RecordedLaunch& launch, const std::vector<char>& arena) {
  namespace spec = weft::spec;
  const auto* record = reinterpret_cast<const std::byte*>(arena.data() + launch.completion);
  const auto completion = spec::unpack_completion(std::span<const std::byte, 512>(record, 512));
  if (completion.magic != spec::kMagic) throw std::runtime_error("no completion record");
  if (completion.status != spec::Status::kDone) {
    const auto fault = static_cast<spec::Fault>(completion.fault);
    throw std::runtime_error("fault " + std::string(spec::name(fault)) + ": " +
                             std::string(spec::doc(fault)));
  }
  std::size_t compared = 0;
  for (const Output& output : launch.outputs) {
    for (std::size_t i = 0; i < output.bytes.size(); ++i) {
      if (arena[output.offset + i] != output.bytes[i]) {
        throw std::runtime_error("byte " + std::to_string(output.offset + i) +
                                 " of the arena differs from the recording");
      }
    }
    compared += output.bytes.size();
  }
  return compared;
}

}  // namespace example
