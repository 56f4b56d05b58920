// SPDX-License-Identifier: Apache-2.0
// libweft_xrt.so: a card through XRT's native interface. The only file that includes its headers.
//
// A device is one engine of a card. Engines of one card and xclbin share what XRT has of the card.
// The arena is one buffer object with its mirror in host memory: a write goes to the mirror and
// that range is synchronised, a read the other way round.
#include <fmt/format.h>
#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_kernel.h>

#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <utility>

#include "runtime/devices/xilinx/abandon.h"
#include "runtime/devices/xilinx/plugin.h"
#include "runtime/devices/xilinx/poll.h"
#include "runtime/devices/xilinx/shared.h"
#include "weft/spec.h"

namespace weft::xrt_device {
namespace {

constexpr int kArenaArgument = 0;
constexpr int kLaunchArgument = 1;

std::string_view describe(ert_cmd_state state) {
  switch (state) {
    case ERT_CMD_STATE_ABORT:
      return "aborted";
    case ERT_CMD_STATE_TIMEOUT:
      return "timed out in XRT";
    case ERT_CMD_STATE_NORESPONSE:
      return "without a response";
    default:
      return "in error";
  }
}

bool is_pending(ert_cmd_state state) {
  return state == ERT_CMD_STATE_NEW || state == ERT_CMD_STATE_QUEUED ||
         state == ERT_CMD_STATE_RUNNING || state == ERT_CMD_STATE_SUBMITTED;
}

// Does `action`; what XRT throws becomes an error that says what was being done.
template <class Action>
Result<void> attempt(Code code, std::string_view doing, std::string_view advice, Action action) {
  try {
    action();
    return {};
  } catch (const std::bad_alloc&) {
    return fail(Code::kOutOfMemory, fmt::format("{}: no memory", doing), std::string(advice));
  } catch (const std::exception& error) {
    return fail(code, fmt::format("{}: XRT says: {}", doing, error.what()), std::string(advice));
  }
}

struct Card {
  xrt::device device;
  xrt::uuid xclbin;
};

Result<std::shared_ptr<Card>> open_card(const xilinx::Options& options) {
  auto card = std::make_shared<Card>();
  auto step = attempt(Code::kNotFound, fmt::format("`{}` cannot be opened", options.uri),
                      "weft doctor xrt lists what there is",
                      [&] { card->device = xrt::device(options.index); });
  if (!step) return tl::unexpected(step.error());
  const std::string file = options.xclbin.string();
  step = attempt(Code::kUnsupported, fmt::format("{} cannot be loaded", file),
                 "build it for this card and this version of XRT",
                 [&] { card->xclbin = card->device.load_xclbin(file); });
  if (!step) return tl::unexpected(step.error());
  return card;
}

// What XRT has of ours; released from the last to the first.
struct Handles {
  std::shared_ptr<const void> claim;
  xilinx::Shared<Card> card;
  xrt::kernel kernel;
  xrt::bo arena;
  xrt::run run;
};

class XrtTransport : public core::Transport {
 public:
  explicit XrtTransport(const xilinx::Options& options)
      : uri_(options.uri), handles_(std::make_unique<Handles>()) {}
  ~XrtTransport() override {
    if (running_) (void)wait(xilinx::kCloseBound);
    if (!running_) return;
    handles_->card.give_up();
    xilinx::abandon(handles_);
  }

  Result<void> open(const xilinx::Options& options) {
    handles_->claim = options.claim;
    auto card = xilinx::Shared<Card>::join(options, [&] { return open_card(options); });
    if (!card) return tl::unexpected(card.error());
    handles_->card = std::move(*card);
    const xrt::device& device = handles_->card->device;
    auto step = attempt(
        Code::kUnsupported,
        fmt::format("{} has no kernel `weft` with a unit weft_{}", options.xclbin.string(),
                    options.engine),
        "name an xclbin of Weft: weft pack makes one",
        [&] { handles_->kernel = xrt::kernel(device, handles_->card->xclbin, options.kernel()); });
    if (!step) return step;
    return attempt(Code::kOutOfMemory,
                   fmt::format("`{}`: an arena of {} MiB cannot be allocated", uri_,
                               options.arena_bytes >> 20),
                   "open the device with less memory (memory=<MiB>)", [&] {
                     handles_->arena = xrt::bo(device, options.arena_bytes,
                                               handles_->kernel.group_id(kArenaArgument));
                     mirror_ = handles_->arena.map<std::byte*>();
                     handles_->run = xrt::run(handles_->kernel);
                     handles_->run.set_arg(kArenaArgument, handles_->arena);
                   });
  }

  [[nodiscard]] std::uint64_t arena_bytes() const override { return handles_->arena.size(); }

  [[nodiscard]] Result<void> write(std::uint64_t offset, std::span<const std::byte> from) override {
    if (from.empty()) return {};
    return lost("copying to the card", [&] {
      std::memcpy(mirror_ + offset, from.data(), from.size());
      handles_->arena.sync(XCL_BO_SYNC_BO_TO_DEVICE, from.size(), offset);
    });
  }

  [[nodiscard]] Result<void> read(std::uint64_t offset, std::span<std::byte> to) override {
    if (to.empty()) return {};
    return lost("copying from the card", [&] {
      handles_->arena.sync(XCL_BO_SYNC_BO_FROM_DEVICE, to.size(), offset);
      std::memcpy(to.data(), mirror_ + offset, to.size());
    });
  }

  [[nodiscard]] Result<void> start(std::uint64_t record_offset) override {
    return lost("starting a launch", [&] {
      handles_->run.set_arg(kLaunchArgument, record_offset);
      handles_->run.start();
      running_ = true;
    });
  }

  [[nodiscard]] Result<void> wait(std::chrono::milliseconds bound) override {
    ert_cmd_state state = ERT_CMD_STATE_NEW;
    bool ended = false;
    const auto asked = lost("waiting for a launch", [&] {
      ended = xilinx::poll_until(bound, [&] {
        state = handles_->run.state();
        return !is_pending(state);
      });
    });
    if (!asked) return asked;
    running_ = !ended;
    if (!ended) {
      return fail(Code::kTimeout,
                  fmt::format("`{}` did not end the launch within {} ms", uri_, bound.count()),
                  "wait again, or close the device");
    }
    if (state == ERT_CMD_STATE_COMPLETED) return {};
    return fail(Code::kDeviceLost,
                fmt::format("`{}` ended the launch {} (state {})", uri_, describe(state),
                            static_cast<int>(state)),
                "open the device again; reset the card if that fails");
  }

  [[nodiscard]] std::optional<std::uint64_t> cycles() const override { return std::nullopt; }

 private:
  template <class Action>
  Result<void> lost(std::string_view doing, Action action) {
    return attempt(Code::kDeviceLost, fmt::format("`{}`, {}", uri_, doing),
                   "open the device again; reset the card if that fails", action);
  }

  std::string uri_;
  std::unique_ptr<Handles> handles_;
  std::byte* mirror_ = nullptr;
  bool running_ = false;
};

xilinx::OpenedTransport open_transport(const xilinx::Options& options) {
  auto transport = std::make_unique<XrtTransport>(options);
  if (auto opened = transport->open(options); !opened) return tl::unexpected(opened.error());
  xilinx::leave_devices_to_the_parent();
  return transport;
}

}  // namespace
}  // namespace weft::xrt_device

WEFT_XILINX_PLUGIN(weft::xrt_device::open_transport)
