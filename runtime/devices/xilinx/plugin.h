// SPDX-License-Identifier: Apache-2.0
// plugin.h: libweft_xrt.so and libweft_opencl.so, the transports that need a library of others.
//
// They are shared objects, loaded when such a device is opened and never unloaded, so that a
// program runs where that library is missing. Both sides are built from the same sources: a plugin
// carries the spec hash, and one of another version is refused. No exception leaves a plugin.
#pragma once

#include <cstdint>
#include <memory>

#include "runtime/core/transport.h"
#include "runtime/devices/xilinx/options.h"
#include "weft/result.h"

namespace weft::xilinx {

using OpenedTransport = Result<std::unique_ptr<core::Transport>>;

// weft_plugin_spec_hash() and weft_plugin_open(options, opened).
using PluginSpecHash = std::uint64_t();
using PluginOpen = void(const Options&, OpenedTransport&);

}  // namespace weft::xilinx

#define WEFT_XILINX_PLUGIN(open_transport)                                                  \
  extern "C" __attribute__((visibility("default"))) std::uint64_t weft_plugin_spec_hash() { \
    return weft::spec::kSpecHash;                                                           \
  }                                                                                         \
  extern "C" __attribute__((visibility("default"))) void weft_plugin_open(                  \
      const weft::xilinx::Options& options, weft::xilinx::OpenedTransport& out) {           \
    out = open_transport(options);                                                          \
  }
