// SPDX-License-Identifier: Apache-2.0
#include "runtime/bundle/bundle.h"

#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>

#include "runtime/io/hash.h"

namespace weft::bundle {
namespace {

using nlohmann::json;

constexpr std::string_view kLetters = "WEFTBNDL";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 32;
constexpr std::size_t kHashBytes = 8;
constexpr std::uint64_t kMaxRegion = std::uint64_t{1} << spec::kAddressBits;

void put(std::vector<std::byte>& file, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) file.push_back(static_cast<std::byte>(value >> (8 * i)));
}

std::uint64_t get(std::span<const std::byte> file, std::size_t at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;)
    value = value << 8 | static_cast<std::uint64_t>(file[at + i]);
  return value;
}

// Blobs by number; equal contents get the same.
class BlobWriter {
 public:
  std::size_t add(std::vector<std::byte> bytes) {
    auto [first, last] = numbers_.equal_range(io::hash_bytes(bytes));
    for (; first != last; ++first) {
      if (blobs_[first->second] == bytes) return first->second;
    }
    numbers_.emplace(io::hash_bytes(bytes), blobs_.size());
    blobs_.push_back(std::move(bytes));
    return blobs_.size() - 1;
  }
  [[nodiscard]] const std::vector<std::vector<std::byte>>& blobs() const { return blobs_; }

 private:
  std::multimap<std::uint64_t, std::size_t> numbers_;
  std::vector<std::vector<std::byte>> blobs_;
};

json ranges_json(const std::vector<Range>& ranges, BlobWriter& blobs) {
  json list = json::array();
  for (const Range& range : ranges) {
    list.push_back({range.region, range.offset, blobs.add(range.bytes)});
  }
  return list;
}

json launch_json(const RecordedLaunch& launch, BlobWriter& blobs) {
  json steps = json::array();
  for (const RecordedStep& step : launch.steps) {
    json windows = json::array();
    for (const Window& window : step.windows) {
      windows.push_back({window.region, window.offset, window.size, window.rights});
    }
    steps.push_back({{"name", step.name},
                     {"program", blobs.add(weft::serialize(step.image))},
                     {"verified", step.verified},
                     {"windows", std::move(windows)},
                     {"scalars", step.scalars}});
  }
  json object{{"regions", launch.regions},
              {"steps", std::move(steps)},
              {"inputs", ranges_json(launch.inputs, blobs)},
              {"outputs", ranges_json(launch.outputs, blobs)}};
  if (launch.error) object["error"] = *launch.error;
  return object;
}

// Reads JSON of unknown shape. After the first thing that is not as it should be, good() is false
// and all further answers are empty.
class Reader {
 public:
  [[nodiscard]] bool good() const { return wrong_.empty(); }
  [[nodiscard]] const std::string& wrong() const { return wrong_; }
  void refuse(const std::string& why) {
    if (good()) wrong_ = why;
  }
  void require(bool condition, const std::string& why) {
    if (!condition) refuse(why);
  }

  const json& member(const json& object, const char* key) {
    if (object.is_object() && object.contains(key)) return object[key];
    refuse(std::string("has no ") + key);
    return kNull;
  }
  const json& list(const json& object, const char* key) {
    const json& value = member(object, key);
    if (value.is_array()) return value;
    refuse(std::string(key) + " is no list");
    return kEmpty;
  }
  // Element `index` of a list of `size` numbers, at most `max`.
  std::uint64_t number(const json& values, std::size_t index, std::size_t size, std::uint64_t max) {
    if (values.is_array() && values.size() == size && values[index].is_number_unsigned()) {
      const auto value = values[index].get<std::uint64_t>();
      if (value <= max) return value;
    }
    refuse("has a list with a number that makes no sense");
    return 0;
  }
  std::uint64_t number(const json& value, std::uint64_t max) {
    if (value.is_number_unsigned() && value.get<std::uint64_t>() <= max) {
      return value.get<std::uint64_t>();
    }
    refuse("has a number that makes no sense");
    return 0;
  }
  std::string text(const json& value) {
    if (value.is_string()) return value.get<std::string>();
    refuse("has something else where text should be");
    return {};
  }

 private:
  static const json kNull;
  static const json kEmpty;
  std::string wrong_;
};
const json Reader::kNull;
const json Reader::kEmpty = json::array();

using Blobs = std::vector<std::span<const std::byte>>;

std::vector<Range> read_ranges(Reader& reader, const json& list, const Blobs& blobs,
                               const std::vector<std::uint64_t>& regions) {
  std::vector<Range> ranges;
  for (const json& entry : list) {
    const std::uint64_t region = reader.number(entry, 0, 3, regions.size() - 1);
    const std::uint64_t offset = reader.number(entry, 1, 3, kMaxRegion);
    const std::uint64_t blob = reader.number(entry, 2, 3, blobs.size() - 1);
    reader.require(!regions.empty() && !blobs.empty(), "has a range of nothing");
    if (!reader.good()) return {};
    reader.require(offset <= regions[region] && blobs[blob].size() <= regions[region] - offset,
                   "has a range outside its region");
    ranges.push_back(
        {static_cast<std::uint32_t>(region), offset, {blobs[blob].begin(), blobs[blob].end()}});
  }
  return ranges;
}

RecordedStep read_step(Reader& reader, const json& entry, const Blobs& blobs,
                       const std::vector<std::uint64_t>& regions) {
  RecordedStep step;
  step.name = reader.text(reader.member(entry, "name"));
  const std::uint64_t blob = reader.number(reader.member(entry, "program"), blobs.size() - 1);
  const json& verified = reader.member(entry, "verified");
  reader.require(verified.is_boolean() && !blobs.empty(), "has a step without a program");
  const json& scalars = reader.list(entry, "scalars");
  for (std::size_t i = 0; i < step.scalars.size(); ++i) {
    step.scalars[i] =
        static_cast<std::uint32_t>(reader.number(scalars, i, step.scalars.size(), 0xffffffffu));
  }
  for (const json& window : reader.list(entry, "windows")) {
    step.windows.push_back(
        {static_cast<std::uint32_t>(reader.number(window, 0, 4, regions.size() - 1)),
         reader.number(window, 1, 4, kMaxRegion), reader.number(window, 2, 4, kMaxRegion),
         static_cast<std::uint32_t>(reader.number(window, 3, 4, 3))});
    reader.require(!regions.empty(), "has a window of nothing");
    if (!reader.good()) return step;
    const Window& added = step.windows.back();
    reader.require(added.offset % 64 == 0 && added.offset <= regions[added.region] &&
                       added.size <= regions[added.region] - added.offset,
                   "has a window outside its region");
  }
  if (!reader.good()) return step;
  step.verified = verified.get<bool>();
  auto image = parse_image(blobs[blob]);
  if (!image) {
    reader.refuse("has a bad program: " + image.error().message());
    return step;
  }
  step.image = std::move(*image);
  reader.require(step.windows.size() == step.image.bindings.size(),
                 "has a step whose windows are not the bindings of its program");
  return step;
}

RecordedLaunch read_launch(Reader& reader, const json& entry, const Blobs& blobs) {
  RecordedLaunch launch;
  for (const json& size : reader.list(entry, "regions")) {
    launch.regions.push_back(reader.number(size, kMaxRegion));
    reader.require(launch.regions.back() != 0, "has an empty region");
  }
  for (const json& step : reader.list(entry, "steps")) {
    launch.steps.push_back(read_step(reader, step, blobs, launch.regions));
    if (!reader.good()) return launch;
  }
  reader.require(!launch.steps.empty(), "has a launch without steps");
  launch.inputs = read_ranges(reader, reader.list(entry, "inputs"), blobs, launch.regions);
  launch.outputs = read_ranges(reader, reader.list(entry, "outputs"), blobs, launch.regions);
  if (entry.contains("error")) launch.error = reader.text(entry["error"]);
  return launch;
}

// The blobs behind the JSON; they must fill the file.
Blobs read_blobs(Reader& reader, const json& sizes, std::span<const std::byte> data) {
  Blobs blobs;
  for (const json& entry : sizes) {
    const std::uint64_t size = reader.number(entry, data.size());
    blobs.push_back(data.first(size));
    data = data.subspan(size);
  }
  reader.require(data.empty(), "has bytes that belong to nothing");
  return blobs;
}

}  // namespace

std::uint64_t output_hash(const Bundle& bundle) {
  std::uint64_t hash = io::kHashStart;
  for (const RecordedLaunch& launch : bundle.launches) {
    for (const Range& range : launch.outputs) hash = io::hash_bytes(range.bytes, hash);
  }
  return hash;
}

std::vector<std::byte> serialize(const Bundle& bundle) {
  BlobWriter blobs;
  json launches = json::array();
  for (const RecordedLaunch& launch : bundle.launches) {
    launches.push_back(launch_json(launch, blobs));
  }
  json sizes = json::array();
  for (const auto& blob : blobs.blobs()) sizes.push_back(blob.size());
  const json object{{"device", bundle.device}, {"launches", launches}, {"blobs", sizes}};
  const std::string text = object.dump(-1, ' ', false, json::error_handler_t::replace);

  std::vector<std::byte> file;
  const auto append = [&](std::span<const std::byte> bytes) {
    file.insert(file.end(), bytes.begin(), bytes.end());
  };
  append(std::as_bytes(std::span(kLetters)));
  put(file, kVersion, 4);
  put(file, 0, 4);
  put(file, spec::kSpecHash, 8);
  put(file, text.size(), 8);
  append(std::as_bytes(std::span(text)));
  for (const auto& blob : blobs.blobs()) append(blob);
  put(file, io::hash_bytes(file), kHashBytes);
  return file;
}

Result<Bundle> parse_bundle(std::span<const std::byte> file, const std::string& name) {
  const auto corrupt = [&](const std::string& why) {
    return fail(Code::kCorruptFile, name + " " + why, "record it again");
  };
  if (file.size() < kHeaderBytes + kHashBytes ||
      std::memcmp(file.data(), kLetters.data(), kLetters.size()) != 0) {
    return corrupt("is not a bundle");
  }
  const auto contents = file.first(file.size() - kHashBytes);
  if (io::hash_bytes(contents) != get(file, contents.size(), kHashBytes)) {
    return corrupt("is damaged or truncated");
  }
  if (get(file, 8, 4) != kVersion) {
    return fail(Code::kUnsupported,
                name + " is a bundle of version " + std::to_string(get(file, 8, 4)),
                "replay it with the release that recorded it");
  }
  if (get(file, 16, 8) != spec::kSpecHash) {
    return fail(Code::kUnsupported,
                name + " was recorded with spec " + io::hash_text(get(file, 16, 8)) +
                    ", this build has " + io::hash_text(spec::kSpecHash),
                "replay it with the build that recorded it");
  }
  const std::uint64_t length = get(file, 24, 8);
  if (length > contents.size() - kHeaderBytes) return corrupt("has a description beyond its end");
  const std::string_view text(reinterpret_cast<const char*>(file.data()) + kHeaderBytes, length);
  const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);

  Reader reader;
  const Blobs blobs =
      read_blobs(reader, reader.list(object, "blobs"), contents.subspan(kHeaderBytes + length));
  Bundle bundle;
  bundle.device = reader.text(reader.member(object, "device"));
  for (const json& entry : reader.list(object, "launches")) {
    if (!reader.good()) break;
    bundle.launches.push_back(read_launch(reader, entry, blobs));
  }
  if (!reader.good()) return corrupt(reader.wrong());
  return bundle;
}

}  // namespace weft::bundle
