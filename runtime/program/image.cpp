// SPDX-License-Identifier: Apache-2.0
// The program file; see image.h.
#include "runtime/program/image.h"

#include <algorithm>
#include <optional>
#include <set>

namespace weft {
namespace {

constexpr std::string_view kMagic = "WEFTPROG";

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

void put(std::vector<std::byte>& to, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to.push_back(static_cast<std::byte>(value >> (8 * i)));
}

void put(std::vector<std::byte>& to, std::string_view text) {
  put(to, text.size(), 4);
  for (const char c : text) to.push_back(static_cast<std::byte>(c));
}

// Takes from the front; once the bytes run out every further take gives zeros and ok() is false.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : rest_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

  std::span<const std::byte> take(std::size_t size) {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    const auto bytes = take(size);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
    }
    return value;
  }

  std::string text() {
    const auto bytes = take(number(4));
    std::string result(bytes.size(), '\0');
    std::transform(bytes.begin(), bytes.end(), result.begin(),
                   [](std::byte byte) { return static_cast<char>(byte); });
    return result;
  }

 private:
  std::span<const std::byte> rest_;
  bool ok_ = true;
};

tl::unexpected<Error> corrupt(std::string what) {
  return fail(Code::kCorruptFile, "program file: " + std::move(what),
              "write it again with weft asm");
}

Result<void> check_names(const std::vector<std::string>& names, std::string_view kind) {
  std::set<std::string_view> seen;
  for (const auto& name : names) {
    if (!is_program_name(name)) {
      return fail(Code::kInvalidArgument,
                  std::string(kind) + " " + std::to_string(seen.size()) + " has no valid name",
                  "start with a letter or '_', go on with letters, digits, '_', '.', '/', '-'");
    }
    if (!seen.insert(name).second) {
      return fail(Code::kInvalidArgument,
                  "two of kind " + std::string(kind) + " are named '" + name + "'",
                  "rename one of them");
    }
  }
  return {};
}

}  // namespace

bool is_program_name(std::string_view text) {
  return !text.empty() && is_letter(text[0]) && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '/' || c == '-';
  });
}

Result<void> validate_declarations(const ProgramImage& image) {
  const auto outside = [](std::string_view what, std::size_t count, std::size_t limit) {
    return fail(Code::kInvalidArgument,
                "a program of " + std::to_string(count) + " " + std::string(what),
                "at most " + std::to_string(limit) + " are possible");
  };
  if (image.commands.empty()) {
    return fail(Code::kInvalidArgument, "a program without commands", "append at least one");
  }
  if (image.commands.size() > spec::kMaxCommands) {
    return outside("commands", image.commands.size(), spec::kMaxCommands);
  }
  if (image.bindings.size() > spec::kMaxBindings) {
    return outside("bindings", image.bindings.size(), spec::kMaxBindings);
  }
  if (image.scalars.size() > spec::kScalars) {
    return outside("scalars", image.scalars.size(), spec::kScalars);
  }
  std::vector<std::string> names;
  for (const auto& binding : image.bindings) {
    names.push_back(binding.name);
    const bool rights = binding.rights >= 1 && binding.rights <= (kRightRead | kRightWrite);
    if (!rights || binding.size >> spec::kAddressBits != 0) {
      return fail(Code::kInvalidArgument,
                  "binding '" + binding.name + "' of " + std::to_string(binding.size) +
                      " bytes and rights " + std::to_string(binding.rights),
                  "sizes are below 2^48; rights 1 read, 2 write, 3 both");
    }
  }
  if (auto result = check_names(names, "binding"); !result) return result;
  return check_names(image.scalars, "scalar");
}

std::vector<std::byte> serialize(const ProgramImage& image) {
  std::vector<std::byte> bytes;
  for (const char c : kMagic) bytes.push_back(static_cast<std::byte>(c));
  put(bytes, spec::kSpecHash, 8);
  put(bytes, image.commands.size(), 4);
  put(bytes, image.bindings.size(), 4);
  put(bytes, image.scalars.size(), 4);
  put(bytes, 0, 4);
  for (const auto& binding : image.bindings) {
    put(bytes, binding.size, 8);
    put(bytes, binding.rights, 4);
    put(bytes, binding.name);
  }
  for (const auto& scalar : image.scalars) put(bytes, scalar);
  for (const auto& command : image.commands) {
    bytes.insert(bytes.end(), command.begin(), command.end());
  }
  return bytes;
}

Result<ProgramImage> parse_image(std::span<const std::byte> bytes) {
  Reader reader(bytes);
  const auto magic = reader.take(kMagic.size());
  if (!std::equal(magic.begin(), magic.end(), kMagic.begin(), kMagic.end(),
                  [](std::byte byte, char c) { return byte == static_cast<std::byte>(c); })) {
    return corrupt("does not start with WEFTPROG");
  }
  const auto hash = reader.number(8);
  if (reader.ok() && hash != spec::kSpecHash) {
    return fail(Code::kUnsupported, "program file of another spec version",
                "assemble its text again with this build");
  }
  const auto commands = reader.number(4);
  const auto bindings = reader.number(4);
  const auto scalars = reader.number(4);
  const auto zero = reader.number(4);
  if (!reader.ok()) return corrupt("is cut off in its header");
  if (commands > spec::kMaxCommands || bindings > spec::kMaxBindings || scalars > spec::kScalars ||
      zero != 0) {
    return corrupt("has impossible counts");
  }
  ProgramImage image;
  for (std::uint64_t i = 0; i < bindings; ++i) {
    const auto size = reader.number(8);
    const auto rights = reader.number(4);
    image.bindings.push_back({reader.text(), size, static_cast<std::uint32_t>(rights)});
  }
  for (std::uint64_t i = 0; i < scalars; ++i) image.scalars.push_back(reader.text());
  if (!reader.ok()) return corrupt("is cut off in its declarations");
  if (reader.left() != commands * spec::kCommandBytes) {
    return corrupt("holds " + std::to_string(reader.left()) + " bytes for " +
                   std::to_string(commands) + " commands");
  }
  image.commands.resize(commands);
  for (auto& command : image.commands) {
    const auto taken = reader.take(command.size());
    std::copy(taken.begin(), taken.end(), command.begin());
  }
  if (auto valid = validate_declarations(image); !valid) return corrupt(valid.error().what);
  return image;
}

}  // namespace weft
