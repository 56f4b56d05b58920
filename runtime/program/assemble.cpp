// SPDX-License-Identifier: Apache-2.0
// From text to bytes; see asm.h.
#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "runtime/program/asm.h"
#include "weft/spec_fields.h"

namespace weft {
namespace {

using spec::Kind;

struct Token {
  std::string_view text;
  std::size_t column = 1;

  [[nodiscard]] Token from(std::size_t at) const { return {text.substr(at), column + at}; }
  [[nodiscard]] Token first(std::size_t size) const { return {text.substr(0, size), column}; }
};

std::vector<Token> tokens_of(std::string_view line) {
  constexpr std::string_view blanks = " \t\r\v\f";
  line = line.substr(0, line.find(';'));
  std::vector<Token> tokens;
  for (std::size_t at = line.find_first_not_of(blanks); at != line.npos;) {
    const auto end = std::min(line.find_first_of(blanks, at), line.size());
    tokens.push_back({line.substr(at, end - at), at + 1});
    at = line.find_first_not_of(blanks, end);
  }
  return tokens;
}

// The whole of `text` as a number in `base`.
template <class T, class Format>
std::optional<T> whole(std::string_view text, Format format) {
  T value{};
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value, format);
  if (text.empty() || result.ec != std::errc{} || result.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::uint64_t> number(std::string_view text) {
  if (text.starts_with("0x")) return whole<std::uint64_t>(text.substr(2), 16);
  return whole<std::uint64_t>(text, 10);
}

std::optional<std::uint64_t> fp32(std::string_view text) {
  if (!text.starts_with("0f")) return std::nullopt;
  const auto value = whole<float>(text.substr(2), std::chars_format::general);
  if (!value || !std::isfinite(*value)) return std::nullopt;
  return std::bit_cast<std::uint32_t>(*value);
}

// "a, b, c"
template <class Range, class Name>
std::string list(const Range& range, Name name_of) {
  std::string text;
  for (const auto& item : range) {
    text += (text.empty() ? "" : ", ") + std::string(name_of(item));
  }
  return text;
}

class Assembler {
 public:
  Result<ProgramImage> run(std::string_view text) {
    while (!text.empty()) {
      ++line_;
      const auto end = text.find('\n');
      if (auto result = line(tokens_of(text.substr(0, end))); !result) {
        return tl::unexpected(result.error());
      }
      text = end == text.npos ? std::string_view{} : text.substr(end + 1);
    }
    return std::move(image_);
  }

 private:
  [[nodiscard]] tl::unexpected<Error> error(const Token& at, const std::string& what,
                                            std::string advice) const {
    return fail(
        Code::kInvalidArgument,
        "line " + std::to_string(line_) + ", column " + std::to_string(at.column) + ": " + what,
        std::move(advice));
  }

  static std::string quoted(const Token& token) {
    return "'" + std::string(token.text.substr(0, 40)) + "'";
  }

  Result<void> line(const std::vector<Token>& tokens) {
    if (tokens.empty()) return {};
    const auto& first = tokens[0];
    if (first.text == ".binding") return binding(tokens);
    if (first.text == ".scalar") return scalar(tokens);
    if (image_.commands.size() == spec::kMaxCommands) {
      return error(first, "more than " + std::to_string(spec::kMaxCommands) + " commands",
                   "split the program");
    }
    if (first.text == "raw") return raw(tokens);
    for (const auto& layout : spec::kCommands) {
      if (layout.name == first.text) return command(layout, tokens);
    }
    return error(first, "unknown command " + quoted(first),
                 "write one of " + list(spec::kCommands, [](const auto& l) { return l.name; }) +
                     ", raw, .binding, .scalar");
  }

  Result<void> name(const Token& token, std::set<std::string, std::less<>>& taken) const {
    if (!is_program_name(token.text)) {
      return error(token, quoted(token) + " is no name",
                   "start with a letter or '_', go on with letters, digits, '_', '.', '/', '-'");
    }
    if (!taken.emplace(token.text).second) {
      return error(token, quoted(token) + " is declared twice", "choose another name");
    }
    return {};
  }

  Result<void> binding(const std::vector<Token>& tokens) {
    constexpr auto usage = "write .binding NAME read|write|read+write BYTES";
    if (tokens.size() != 4) return error(tokens.back(), "a binding has 3 parts", usage);
    if (image_.bindings.size() == spec::kMaxBindings) {
      return error(tokens[0], "more than " + std::to_string(spec::kMaxBindings) + " bindings",
                   "join buffers or split the program");
    }
    if (auto result = name(tokens[1], binding_names_); !result) return result;
    const auto rights = tokens[2].text == "read"         ? kRightRead
                        : tokens[2].text == "write"      ? kRightWrite
                        : tokens[2].text == "read+write" ? kRightRead | kRightWrite
                                                         : 0;
    if (rights == 0) return error(tokens[2], "unknown rights " + quoted(tokens[2]), usage);
    const auto size = number(tokens[3].text);
    if (!size || *size >> spec::kAddressBits != 0) {
      return error(tokens[3], quoted(tokens[3]) + " is no size in bytes below 2^48", usage);
    }
    image_.bindings.push_back({std::string(tokens[1].text), *size, rights});
    return {};
  }

  Result<void> scalar(const std::vector<Token>& tokens) {
    if (tokens.size() != 2)
      return error(tokens.back(), "a scalar has a name", "write .scalar NAME");
    if (image_.scalars.size() == spec::kScalars) {
      return error(tokens[0], "more than " + std::to_string(spec::kScalars) + " scalars",
                   "keep constants as immediates");
    }
    if (auto result = name(tokens[1], scalar_names_); !result) return result;
    image_.scalars.emplace_back(tokens[1].text);
    return {};
  }

  Result<void> raw(const std::vector<Token>& tokens) {
    constexpr auto digits = 2 * spec::kCommandBytes;
    const auto& last = tokens.back();
    const auto bad = last.text.find_first_not_of("0123456789abcdefABCDEF");
    if (tokens.size() != 2 || last.text.size() != digits || bad != last.text.npos) {
      return error(last, "raw takes one word of 128 hexadecimal digits",
                   "write the 64 bytes of the command in order");
    }
    CommandBytes command;
    for (std::size_t i = 0; i < command.size(); ++i) {
      command[i] = static_cast<std::byte>(*whole<std::uint8_t>(last.text.substr(2 * i, 2), 16));
    }
    image_.commands.push_back(command);
    return {};
  }

  Result<void> command(const spec::Layout& layout, const std::vector<Token>& tokens) {
    CommandBytes bytes{};
    bytes[0] = static_cast<std::byte>(layout.opcode);
    std::set<std::string_view> seen;
    for (std::size_t i = 1; i < tokens.size(); ++i) {
      const auto equals = tokens[i].text.find('=');
      const auto key = tokens[i].first(equals);
      if (equals == tokens[i].text.npos) {
        return error(tokens[i], quoted(tokens[i]) + " is no field", "write name=value");
      }
      if (!seen.insert(key.text).second) {
        return error(key, "field " + quoted(key) + " is given twice", "keep one of them");
      }
      const auto value = tokens[i].from(equals + 1);
      const auto result =
          key.text == "after" ? after(layout, value, bytes) : field(layout, key, value, bytes);
      if (!result) return result;
    }
    image_.commands.push_back(bytes);
    return {};
  }

  Result<void> after(const spec::Layout& layout, Token rest, CommandBytes& bytes) const {
    std::set<std::string_view> seen;
    for (bool more = true; more;) {
      const auto comma = rest.text.find(',');
      const auto pair = rest.first(comma);
      const auto colon = pair.text.find(':');
      const auto unit = pair.first(colon);
      const auto field = std::find_if(layout.fields.begin(), layout.fields.end(), [&](auto& f) {
        return f.kind == Kind::kAfter && f.name.substr(f.name.find('_') + 1) == unit.text;
      });
      const auto count =
          colon == pair.text.npos ? std::nullopt : number(pair.text.substr(colon + 1));
      if (field == layout.fields.end() || !count || *count > field->max) {
        return error(pair, quoted(pair) + " is no unit and count",
                     "write for example after=load:3,store:1, counts at most 65535");
      }
      if (!seen.insert(unit.text).second) {
        return error(pair, "after names " + quoted(unit) + " twice", "keep the larger count");
      }
      spec::put(bytes, *field, *count);
      more = comma != rest.text.npos;
      if (more) rest = rest.from(comma + 1);
    }
    return {};
  }

  Result<void> field(const spec::Layout& layout, const Token& key, const Token& value,
                     CommandBytes& bytes) const {
    for (const auto& field : layout.fields) {
      if (field.name != key.text || field.kind == Kind::kAfter || field.name == "opcode") continue;
      const auto bits = resolve(field, value.text);
      if (!bits) return error(value, quoted(value) + " is no value of " + quoted(key), help(field));
      if (field.bits < 64 && *bits >> field.bits != 0) {
        return error(value, quoted(value) + " does not fit in " + quoted(key),
                     "it has " + std::to_string(field.bits) + " bits");
      }
      spec::put(bytes, field, *bits);
      return {};
    }
    const auto known = list(layout.fields, [](const auto& f) { return f.name; });
    return error(key, "a " + std::string(layout.name) + " has no field " + quoted(key),
                 "its fields are " + known);
  }

  [[nodiscard]] std::optional<std::uint64_t> resolve(const spec::Field& field,
                                                     std::string_view text) const {
    const auto named = std::find(field.values.begin(), field.values.end(), text);
    if (named != field.values.end()) return named - field.values.begin();
    if (field.kind == Kind::kBinding) {
      for (std::size_t i = 0; i < image_.bindings.size(); ++i) {
        if (image_.bindings[i].name == text) return i;
      }
    }
    if (field.kind == Kind::kScalar) {
      const auto found = std::find(image_.scalars.begin(), image_.scalars.end(), text);
      if (found != image_.scalars.end()) return found - image_.scalars.begin() + 1;
    }
    if (field.kind == Kind::kFp32) {
      if (const auto bits = fp32(text)) return bits;
    }
    return number(text);
  }

  [[nodiscard]] static std::string help(const spec::Field& field) {
    if (!field.values.empty()) {
      return "write one of " + list(field.values, [](auto value) { return value; });
    }
    switch (field.kind) {
      case Kind::kBinding:
        return "declare it above with .binding, or write its index";
      case Kind::kScalar:
        return "declare it above with .scalar, or write its index plus 1";
      case Kind::kFp32:
        return "write a number as 0f1.5 or its bits as 0x3fc00000";
      default:
        return "write a decimal number or a hexadecimal one after 0x";
    }
  }

  ProgramImage image_;
  std::set<std::string, std::less<>> binding_names_;
  std::set<std::string, std::less<>> scalar_names_;
  std::size_t line_ = 0;
};

}  // namespace

Result<ProgramImage> assemble(std::string_view text) {
  return Assembler().run(text);
}

}  // namespace weft
