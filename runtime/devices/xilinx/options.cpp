// SPDX-License-Identifier: Apache-2.0
#include "runtime/devices/xilinx/options.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <system_error>

#include "runtime/core/library_folders.h"
#include "weft/spec.h"

namespace weft::xilinx {
namespace {

constexpr std::uint64_t kMebibyte = 1u << 20;
constexpr std::uint64_t kDefaultMebibytes = 256;
constexpr std::uint64_t kMostMebibytes = 65536;
constexpr std::uint64_t kMostEngines = 128;  // compute units XRT knows in an xclbin

Result<std::uint32_t> index_of(const core::Uri& uri) {
  const std::string& path = uri.path();
  std::uint32_t index = 0;
  const char* end = path.data() + path.size();
  const auto parsed = std::from_chars(path.data(), end, index);
  if (path.empty() || parsed.ec != std::errc{} || parsed.ptr != end) {
    return fail(
        Code::kInvalidArgument,
        fmt::format("`{}` in device URI `{}` is not the number of a device", path, uri.text()),
        fmt::format("write for example {}:0", uri.scheme()));
  }
  return index;
}

// Empty if the URI names none.
Result<std::string> config_of(core::Uri& uri) {
  std::string value = uri.take("config", "");
  std::string known;
  for (const spec::Config& each : spec::kConfigs) {
    if (value.empty() || value == each.name) return value;
    known += (known.empty() ? "" : ", ") + std::string(each.name);
  }
  return fail(Code::kInvalidArgument,
              fmt::format("`config={}` in device URI `{}`", value, uri.text()),
              "config is one of: " + known);
}

// `config` names the file only where nothing else does.
Result<std::filesystem::path> find_xclbin(const std::string& key, const std::string& config) {
  if (!key.empty()) return key;
  if (const char* set = std::getenv("WEFT_XCLBIN"); set != nullptr && config.empty()) return set;
  const std::string name = fmt::format("weft_{}.xclbin", config.empty() ? "default" : config);
  if (const auto found = core::find_shared(name)) return *found;
  return fail(Code::kNotFound, fmt::format("no {} in this installation", name),
              "make it with weft pack, or name an xclbin with xclbin= or in WEFT_XCLBIN");
}

// An xclbin without any is left to XRT, which says what it is missing.
Result<void> require_engine(const Options& options) {
  const std::uint32_t engines = xclbin_engines(options.xclbin);
  if (engines == 0 || options.engine <= engines) return {};
  return fail(Code::kNotFound,
              fmt::format("`{}`: {} has {} engine{}", options.uri, options.xclbin.string(), engines,
                          engines == 1 ? "" : "s"),
              "engines count from 1; weft pack --engines makes an xclbin with several");
}

}  // namespace

bool is_xilinx(const core::Uri& uri) {
  return uri.scheme() == "xrt" || uri.scheme() == "opencl";
}

Result<Options> parse(core::Uri uri) {
  Options options;
  options.uri = uri.text();
  options.scheme = uri.scheme();
  const auto index = index_of(uri);
  if (!index) return tl::unexpected(index.error());
  options.index = *index;

  const auto config = config_of(uri);
  if (!config) return tl::unexpected(config.error());
  const std::string xclbin = uri.take("xclbin", "");
  if (!xclbin.empty() && !config->empty()) {
    return fail(Code::kInvalidArgument,
                fmt::format("device URI `{}` names both an xclbin and a configuration", uri.text()),
                "leave config away: the xclbin has one");
  }
  const auto mebibytes = uri.take_number("memory", kDefaultMebibytes, 1, kMostMebibytes);
  if (!mebibytes) return tl::unexpected(mebibytes.error());
  options.arena_bytes = *mebibytes * kMebibyte;
  const auto engine = uri.take_number("engine", 1, 1, kMostEngines);
  if (!engine) return tl::unexpected(engine.error());
  options.engine = static_cast<std::uint32_t>(*engine);
  if (auto finished = uri.finish(); !finished) return tl::unexpected(finished.error());

  const auto path = find_xclbin(xclbin, *config);
  if (!path) return tl::unexpected(path.error());
  std::error_code error;
  options.xclbin = std::filesystem::weakly_canonical(*path, error);
  if (error) options.xclbin = std::filesystem::absolute(*path);
  const auto target = xclbin_target(options.xclbin);
  if (!target) return tl::unexpected(target.error());
  options.target = *target;
  if (auto there = require_engine(options); !there) return tl::unexpected(there.error());
  return options;
}

}  // namespace weft::xilinx
