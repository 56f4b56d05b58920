// SPDX-License-Identifier: Apache-2.0
#include "runtime/devices/xilinx/open.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <map>
#include <mutex>

#include "runtime/core/library_folders.h"
#include "runtime/devices/xilinx/environment.h"
#include "runtime/devices/xilinx/held_stdout.h"
#include "runtime/devices/xilinx/plugin.h"
#include "weft/spec.h"

namespace weft::xilinx {
namespace {

// The packages that have what a plugin of this scheme loads.
std::string_view packages(const std::string& scheme) {
  return scheme == "xrt" ? "libxrt1 (to build: libxrt-dev)"
                         : "libxrt1 and ocl-icd-libopencl1 (to build: ocl-icd-opencl-dev)";
}

Result<PluginOpen*> load_plugin(const Options& options) {
  const std::string name = fmt::format("libweft_{}.so", options.scheme);
  const auto path = core::find_library(name);
  if (!path) {
    return fail(Code::kUnsupported,
                fmt::format("this build has no {}: ({} is in none of: {})", options.scheme, name,
                            core::searched_folders()),
                fmt::format("install {} and build again", packages(options.scheme)));
  }
  // XRT's libraries have threads and handlers at exit: once loaded they stay.
  void* handle = dlopen(path->c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) {
    return fail(Code::kUnsupported,
                fmt::format("`{}` cannot be opened: {}", options.uri, dlerror()),
                fmt::format("install {}", packages(options.scheme)));
  }
  const auto hash = reinterpret_cast<PluginSpecHash*>(dlsym(handle, "weft_plugin_spec_hash"));
  const auto open = reinterpret_cast<PluginOpen*>(dlsym(handle, "weft_plugin_open"));
  if (hash == nullptr || open == nullptr || hash() != spec::kSpecHash) {
    return fail(Code::kUnsupported, path->string() + " is not of this version",
                "build it from the same sources as this runtime");
  }
  return open;
}

// Both libraries would load the same card of XRT, the second in place of the first.
Result<std::shared_ptr<const void>> claim(const Options& options) {
  struct Claim {
    std::string scheme;
    std::weak_ptr<const void> held;
  };
  static auto& claims = *new std::map<std::uint32_t, Claim>;
  Claim& known = claims[options.index];
  std::shared_ptr<const void> held = known.held.lock();
  if (held != nullptr && known.scheme != options.scheme) {
    return fail(Code::kUnsupported,
                fmt::format("`{}`: this process has {}:{} open, which is the same card",
                            options.uri, known.scheme, options.index),
                "close that first, or use another number");
  }
  if (held == nullptr) held = std::make_shared<int>();
  known = {.scheme = options.scheme, .held = held};
  return held;
}

}  // namespace

Result<std::unique_ptr<core::Transport>> open(core::Uri uri) {
  auto options = parse(std::move(uri));
  if (!options) return tl::unexpected(options.error());
  if (auto ready = require_environment(*options); !ready) return tl::unexpected(ready.error());
  if (options->target == Target::kEmulation && options->index >= emulated_devices()) {
    return fail(Code::kNotFound,
                fmt::format("`{}` is not there: the emulation shows {} devices", options->uri,
                            emulated_devices()),
                "count from 0; weft pack --devices N sets how many there are");
  }
  // XRT's emulation sets variables of the process while it loads an xclbin: one at a time.
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  auto claimed = claim(*options);
  if (!claimed) return tl::unexpected(claimed.error());
  options->claim = std::move(*claimed);
  const auto plugin = load_plugin(*options);
  if (!plugin) return tl::unexpected(plugin.error());
  const HeldStdout held;
  OpenedTransport opened;
  (*plugin)(*options, opened);
  if (!opened) held.show();
  return opened;
}

}  // namespace weft::xilinx
