// SPDX-License-Identifier: Apache-2.0
// libweft_opencl.so: a card through OpenCL 1.2 and its ICD loader, with the platform of Xilinx.
//
// A device is one engine of a card: a queue in order, a kernel, a buffer. Engines of one card and
// xclbin share context and program. The buffer is an argument of the kernel before anything is
// copied: only then does the platform know which memory it belongs to.
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <CL/cl_ext.h>
#include <fmt/format.h>

#include <array>
#include <exception>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/devices/opencl/status.h"
#include "runtime/devices/xilinx/abandon.h"
#include "runtime/devices/xilinx/plugin.h"
#include "runtime/devices/xilinx/poll.h"
#include "runtime/devices/xilinx/shared.h"
#include "weft/spec.h"

namespace weft::opencl {
namespace {

constexpr cl_uint kArenaArgument = 0;
constexpr cl_uint kLaunchArgument = 1;

// An OpenCL object that is released once.
template <class Handle, cl_int (*release)(Handle)>
class Owned {
 public:
  Owned() = default;
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { reset(nullptr); }
  void reset(Handle handle) {
    if (handle_ != nullptr) release(handle_);
    handle_ = handle;
  }
  [[nodiscard]] Handle get() const { return handle_; }

 private:
  Handle handle_ = nullptr;
};

Result<void> check(cl_int status, Code code, std::string_view doing, std::string_view advice) {
  if (status == CL_SUCCESS) return {};
  return fail(code, fmt::format("{}: OpenCL says {}", doing, status_text(status)),
              std::string(advice));
}

Result<cl_platform_id> find_platform(const std::string& uri) {
  cl_uint count = 0;
  const cl_int status = clGetPlatformIDs(0, nullptr, &count);
  std::vector<cl_platform_id> platforms(status == CL_SUCCESS ? count : 0);
  if (!platforms.empty()) clGetPlatformIDs(count, platforms.data(), nullptr);
  for (cl_platform_id platform : platforms) {
    std::array<char, 256> vendor{};
    clGetPlatformInfo(platform, CL_PLATFORM_VENDOR, vendor.size() - 1, vendor.data(), nullptr);
    if (std::string_view(vendor.data()).find("Xilinx") != std::string_view::npos) return platform;
  }
  return fail(Code::kNotFound,
              fmt::format("`{}`: none of {} OpenCL platforms is of Xilinx", uri, platforms.size()),
              "name a folder with xilinx.icd in OCL_ICD_VENDORS; weft doctor xrt explains");
}

Result<cl_device_id> find_device(cl_platform_id platform, const xilinx::Options& options) {
  cl_uint count = 0;
  clGetDeviceIDs(platform, CL_DEVICE_TYPE_ACCELERATOR, 0, nullptr, &count);
  std::vector<cl_device_id> devices(count);
  if (count != 0) {
    clGetDeviceIDs(platform, CL_DEVICE_TYPE_ACCELERATOR, count, devices.data(), nullptr);
  }
  if (options.index < devices.size()) return devices[options.index];
  return fail(Code::kNotFound,
              fmt::format("`{}`: the Xilinx platform has {} devices", options.uri, count),
              "weft doctor xrt lists what there is");
}

struct Card {
  cl_device_id device = nullptr;
  Owned<cl_context, clReleaseContext> context;
  Owned<cl_program, clReleaseProgram> program;
};

Result<void> load(Card& card, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  const auto* start = reinterpret_cast<const unsigned char*>(bytes.data());
  const std::size_t size = bytes.size();
  cl_int status = CL_SUCCESS;
  card.program.reset(clCreateProgramWithBinary(card.context.get(), 1, &card.device, &size, &start,
                                               nullptr, &status));
  if (status == CL_SUCCESS) {
    status = clBuildProgram(card.program.get(), 1, &card.device, nullptr, nullptr, nullptr);
  }
  return check(status, Code::kUnsupported, path + " cannot be loaded",
               "build it for this card and this version of XRT");
}

Result<std::shared_ptr<Card>> open_card(const xilinx::Options& options) {
  const auto platform = find_platform(options.uri);
  if (!platform) return tl::unexpected(platform.error());
  const auto device = find_device(*platform, options);
  if (!device) return tl::unexpected(device.error());
  auto card = std::make_shared<Card>();
  card->device = *device;
  cl_int status = CL_SUCCESS;
  card->context.reset(clCreateContext(nullptr, 1, &card->device, nullptr, nullptr, &status));
  auto step = check(status, Code::kNotFound, fmt::format("`{}` cannot be opened", options.uri),
                    "weft doctor xrt lists what there is");
  if (step) step = load(*card, options.xclbin.string());
  if (!step) return tl::unexpected(step.error());
  return card;
}

// What OpenCL has of ours; released from the last to the first.
struct Handles {
  std::shared_ptr<const void> claim;
  xilinx::Shared<Card> card;
  Owned<cl_command_queue, clReleaseCommandQueue> queue;
  Owned<cl_kernel, clReleaseKernel> kernel;
  Owned<cl_mem, clReleaseMemObject> arena;
  Owned<cl_event, clReleaseEvent> ended;
};

class OpenClTransport : public core::Transport {
 public:
  explicit OpenClTransport(const xilinx::Options& options)
      : uri_(options.uri),
        arena_bytes_(options.arena_bytes),
        handles_(std::make_unique<Handles>()) {}
  ~OpenClTransport() override {
    if (running_) (void)wait(xilinx::kCloseBound);
    if (!running_) return;
    handles_->card.give_up();
    xilinx::abandon(handles_);
  }

  Result<void> open(const xilinx::Options& options) {
    handles_->claim = options.claim;
    auto joined = xilinx::Shared<Card>::join(options, [&] { return open_card(options); });
    if (!joined) return tl::unexpected(joined.error());
    handles_->card = std::move(*joined);
    const Card& card = *handles_->card;
    cl_int status = CL_SUCCESS;
    handles_->kernel.reset(clCreateKernel(card.program.get(), options.kernel().c_str(), &status));
    auto step = check(status, Code::kUnsupported,
                      fmt::format("{} has no kernel `weft` with a unit weft_{}",
                                  options.xclbin.string(), options.engine),
                      "name an xclbin of Weft: weft pack makes one");
    if (!step) return step;
    handles_->queue.reset(clCreateCommandQueue(card.context.get(), card.device, 0, &status));
    if (step = lost(status, "making a queue"); !step) return step;
    handles_->arena.reset(
        clCreateBuffer(card.context.get(), CL_MEM_READ_WRITE, arena_bytes_, nullptr, &status));
    cl_mem arena = handles_->arena.get();
    if (status == CL_SUCCESS) {
      status = clSetKernelArg(handles_->kernel.get(), kArenaArgument, sizeof arena, &arena);
    }
    // Without this the first copy or launch would bring all of it to the card.
    if (status == CL_SUCCESS) {
      status =
          clEnqueueMigrateMemObjects(handles_->queue.get(), 1, &arena,
                                     CL_MIGRATE_MEM_OBJECT_CONTENT_UNDEFINED, 0, nullptr, nullptr);
    }
    if (status == CL_SUCCESS) status = clFinish(handles_->queue.get());
    return check(
        status, Code::kOutOfMemory,
        fmt::format("`{}`: an arena of {} MiB cannot be allocated", uri_, arena_bytes_ >> 20),
        "open the device with less memory (memory=<MiB>)");
  }

  [[nodiscard]] std::uint64_t arena_bytes() const override { return arena_bytes_; }

  [[nodiscard]] Result<void> write(std::uint64_t offset, std::span<const std::byte> from) override {
    if (from.empty()) return {};
    return lost(clEnqueueWriteBuffer(handles_->queue.get(), handles_->arena.get(), CL_TRUE, offset,
                                     from.size(), from.data(), 0, nullptr, nullptr),
                "copying to the card");
  }

  [[nodiscard]] Result<void> read(std::uint64_t offset, std::span<std::byte> to) override {
    if (to.empty()) return {};
    return lost(clEnqueueReadBuffer(handles_->queue.get(), handles_->arena.get(), CL_TRUE, offset,
                                    to.size(), to.data(), 0, nullptr, nullptr),
                "copying from the card");
  }

  [[nodiscard]] Result<void> start(std::uint64_t record_offset) override {
    const cl_ulong record = record_offset;
    cl_int status = clSetKernelArg(handles_->kernel.get(), kLaunchArgument, sizeof record, &record);
    cl_event event = nullptr;
    if (status == CL_SUCCESS) {
      status = clEnqueueTask(handles_->queue.get(), handles_->kernel.get(), 0, nullptr, &event);
    }
    // No clFlush: that of Xilinx waits for the end, and what is enqueued starts without it.
    handles_->ended.reset(event);
    running_ = status == CL_SUCCESS;
    return lost(status, "starting a launch");
  }

  [[nodiscard]] Result<void> wait(std::chrono::milliseconds bound) override {
    cl_int asked = CL_SUCCESS;
    cl_int state = CL_QUEUED;
    const bool ended = xilinx::poll_until(bound, [&] {
      asked = clGetEventInfo(handles_->ended.get(), CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof state,
                             &state, nullptr);
      return asked != CL_SUCCESS || state <= CL_COMPLETE;
    });
    running_ = !ended;
    if (!ended) {
      return fail(Code::kTimeout,
                  fmt::format("`{}` did not end the launch within {} ms", uri_, bound.count()),
                  "wait again, or close the device");
    }
    return lost(asked != CL_SUCCESS ? asked : state, "waiting for a launch");
  }

  [[nodiscard]] std::optional<std::uint64_t> cycles() const override { return std::nullopt; }

 private:
  Result<void> lost(cl_int status, std::string_view doing) {
    return check(status, Code::kDeviceLost, fmt::format("`{}`, {}", uri_, doing),
                 "open the device again; reset the card if that fails");
  }

  std::string uri_;
  std::uint64_t arena_bytes_;
  std::unique_ptr<Handles> handles_;
  bool running_ = false;
};

xilinx::OpenedTransport open_transport(const xilinx::Options& options) {
  try {
    auto transport = std::make_unique<OpenClTransport>(options);
    if (auto opened = transport->open(options); !opened) return tl::unexpected(opened.error());
    xilinx::leave_devices_to_the_parent();
    return transport;
  } catch (const std::exception& error) {
    return fail(Code::kDeviceLost, fmt::format("`{}`: {}", options.uri, error.what()));
  }
}

}  // namespace
}  // namespace weft::opencl

WEFT_XILINX_PLUGIN(weft::opencl::open_transport)
