// SPDX-License-Identifier: Apache-2.0
#include "weft/device.h"

#include <fmt/format.h>

#include <utility>

#include "runtime/bundle/recorder.h"
#include "runtime/core/device_core.h"
#include "runtime/core/uri.h"
#include "runtime/devices/fast/fast_transport.h"
#include "runtime/devices/sim/sim_transport.h"
#include "runtime/devices/xilinx/open.h"
#include "runtime/devices/xilinx/options.h"

namespace weft {
namespace {

Result<std::unique_ptr<core::Transport>> open_transport(core::Uri uri) {
  if (!uri.path().empty() && (uri.scheme() == "fast" || uri.scheme() == "sim")) {
    return fail(Code::kInvalidArgument,
                fmt::format("`{}` in device URI `{}`: {}: has no numbers", uri.path(), uri.text(),
                            uri.scheme()),
                "only weft run and weft train take several devices, with commas between them");
  }
  if (uri.scheme() == "fast") return fast::open(std::move(uri));
  if (uri.scheme() == "sim") return sim::open(std::move(uri));
  if (xilinx::is_xilinx(uri)) return xilinx::open(std::move(uri));
  return fail(Code::kInvalidArgument,
              fmt::format("unknown device `{}:` in `{}`", uri.scheme(), uri.text()),
              "there are fast:, sim:, xrt:N and opencl:N");
}

}  // namespace

Device::Device(std::shared_ptr<core::DeviceCore> core) : core_(std::move(core)) {}
Device::Device(Device&&) noexcept = default;

Device& Device::operator=(Device&& other) noexcept {
  if (this != &other) {
    close();
    core_ = std::move(other.core_);
  }
  return *this;
}

Device::~Device() {
  close();
}

Result<Device> Device::open(std::string_view text) {
  bundle::record_if_asked();
  auto uri = core::Uri::parse(text);
  if (!uri) return tl::unexpected(uri.error());
  auto transport = open_transport(std::move(*uri));
  if (!transport) return tl::unexpected(transport.error());
  auto core = core::DeviceCore::create(std::move(*transport), text);
  if (!core) return tl::unexpected(core.error());
  return Device(std::move(*core));
}

const DeviceInfo& Device::info() const {
  return core_->info();
}

Result<Buffer> Device::allocate(std::size_t bytes) {
  auto memory = core_->allocate(bytes);
  if (!memory) return tl::unexpected(memory.error());
  return Buffer(std::move(*memory));
}

Queue Device::queue() {
  return Queue(core_);
}

void Device::close() {
  if (core_) core_->close();
}

}  // namespace weft
