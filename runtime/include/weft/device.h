// SPDX-License-Identifier: Apache-2.0
// weft/device.h: an accelerator, found by its URI.
//
//   fast:                     functional model in this process, bit-exact, no timing
//   fast:?config=small        the same with the scratchpads of configuration `small`
//   sim:                      the simulated card (Verilated RTL), cycle accurate
//   sim:?config=small&arith=rtl&latency=64&bandwidth=64&reorder=7&memory=64
//   sim:?trace=f.fst&trace_begin=0&trace_end=5000
//   xrt:0                     a card of Xilinx, or the simulated one in XRT's hardware emulation,
//                             by its number, through XRT (docs/xrt-host.md)
//   opencl:0?config=small     the same through OpenCL
//   xrt:0?xclbin=two.xclbin&engine=2&memory=1024
//
//   config       default, small; of xrt: and opencl: an xclbin of this installation
//   memory       size of device memory in MiB, 1 to 65536
//   xclbin       file that is loaded; WEFT_XCLBIN, or one of this installation, without
//   engine       which of the xclbin's engines, from 1: each is a device with memory of its own
//   arith        native (functions compiled for the host) or rtl (generated RTL); same results
//   latency      cycles from a read request to its first data
//   bandwidth    bytes per cycle of memory, at most the width of the port
//   reorder      seed of reordered answers of memory; 0 keeps the order
//   trace        file for the waveform of cycles trace_begin to trace_end
//
// Errors    open(): kInvalidArgument for an unknown scheme, key or value; kNotFound if the shared
//           object of a simulated card is missing; kUnsupported if this host cannot run it.
// Lifetime  Move-only. Destruction closes; buffers, queues and events that outlive their device
//           answer kDeviceLost.
// Threads   Any; calls on one device are run one after another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "weft/buffer.h"
#include "weft/queue.h"
#include "weft/result.h"
#include "weft/spec.h"

namespace weft {

namespace core {
class DeviceCore;
}

// What the device said of itself when it was opened.
struct DeviceInfo {
  std::string uri;              // as given to open()
  std::string config_name;      // "default", "small", or "custom" if the sizes match neither
  spec::Config config{};        // sizes, in bytes and elements
  std::uint32_t lanes = 0;      // lanes of accumulation and of the vector chain
  std::uint64_t spec_hash = 0;  // equals spec::kSpecHash, else open() fails
  std::uint64_t memory_bytes = 0;
  std::uint32_t memory_bytes_per_cycle = 0;  // of simulated memory; 0 where there is no clock
};

class Device {
 public:
  [[nodiscard]] static Result<Device> open(std::string_view uri);

  Device(Device&&) noexcept;
  Device& operator=(Device&&) noexcept;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  ~Device();

  [[nodiscard]] const DeviceInfo& info() const;

  // kOutOfMemory if no free range is long enough; kInvalidArgument for 0 bytes.
  [[nodiscard]] Result<Buffer> allocate(std::size_t bytes);

  // Launches of all queues of a device run in the order of their submission.
  [[nodiscard]] Queue queue();

  // Ends all use of the device; a second call does nothing.
  void close();

 private:
  explicit Device(std::shared_ptr<core::DeviceCore> core);
  std::shared_ptr<core::DeviceCore> core_;
};

}  // namespace weft
