// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/device_core.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "runtime/core/check.h"
#include "runtime/core/fault.h"
#include "runtime/core/launch_image.h"
#include "runtime/core/program_contents.h"

namespace weft::core {
namespace {

// How long a call that only needs the device to be idle waits for the launch in flight.
constexpr std::chrono::minutes kIdleBound{10};
constexpr std::uint64_t kRecordAlignment = 512;

tl::unexpected<Error> closed() {
  return fail(Code::kDeviceLost, "the device was closed", "keep the Device while it is used");
}

std::string_view config_name(const spec::Config& config) {
  for (const spec::Config& known : spec::kConfigs) {
    if (known.array_rows == config.array_rows && known.array_columns == config.array_columns &&
        known.array_depth == config.array_depth && known.axi_bytes == config.axi_bytes &&
        known.a_bytes == config.a_bytes && known.b_bytes == config.b_bytes &&
        known.v_bytes == config.v_bytes) {
      return known.name;
    }
  }
  return "custom";
}

spec::Completion unpack(std::span<const std::byte> bytes) {
  return spec::unpack_completion(bytes.first<kCompletionBytes>());
}

}  // namespace

BufferMemory::~BufferMemory() {
  core_->free(offset_);
}

DeviceCore::DeviceCore(std::unique_ptr<Transport> transport)
    : transport_(std::move(transport)), arena_(transport_->arena_bytes()) {}

Result<std::shared_ptr<DeviceCore>> DeviceCore::create(std::unique_ptr<Transport> transport,
                                                       std::string_view uri) {
  std::shared_ptr<DeviceCore> core(new DeviceCore(std::move(transport)));
  if (auto identified = core->identify(uri); !identified) {
    return tl::unexpected(identified.error());
  }
  return core;
}

Result<void> DeviceCore::identify(std::string_view uri) {
  const LaunchImage sized = make_launch_image(0, spec::LaunchMode::kIdentify, {}, 0);
  if (auto reserved = reserve_records(sized.bytes.size()); !reserved) return reserved;
  const LaunchImage image = make_launch_image(records_.offset, spec::LaunchMode::kIdentify, {}, 0);
  if (auto written = transport_->write(image.completion, image.bytes); !written) return written;
  if (auto started = transport_->start(image.launch); !started) return started;
  if (auto ended = transport_->wait(kIdleBound); !ended) return ended;

  std::array<std::byte, kCompletionBytes> bytes{};
  if (auto read = transport_->read(image.completion, bytes); !read) return read;
  const spec::Completion record = unpack(bytes);
  if (record.magic == spec::kMagic && record.status == spec::Status::kFault) {
    return tl::unexpected(describe_fault(record, {}));
  }
  if (record.magic != spec::kMagic || record.status != spec::Status::kDone) {
    return fail(Code::kDeviceLost, fmt::format("`{}` does not answer as a Weft card", uri),
                "reset the card and load its bitstream again");
  }
  if (record.spec_hash != spec::kSpecHash) {
    return fail(Code::kUnsupported,
                fmt::format("`{}` was built from spec {:016x}, this runtime from {:016x}", uri,
                            record.spec_hash, spec::kSpecHash),
                "build card and runtime from the same sources");
  }
  info_.uri = uri;
  info_.config = {.name = {},
                  .array_rows = record.array_rows,
                  .array_columns = record.array_columns,
                  .array_depth = record.array_depth,
                  .axi_bytes = record.axi_bytes,
                  .a_bytes = record.a_bytes,
                  .b_bytes = record.b_bytes,
                  .v_bytes = record.v_bytes};
  info_.config.name = config_name(info_.config);
  info_.config_name = info_.config.name;
  info_.lanes = record.lanes;
  info_.spec_hash = record.spec_hash;
  info_.memory_bytes = transport_->arena_bytes();
  info_.memory_bytes_per_cycle = transport_->memory_bytes_per_cycle();
  return {};
}

Result<std::uint64_t> DeviceCore::allocate_range(std::uint64_t bytes) {
  if (const auto offset = arena_.allocate(bytes)) return *offset;
  return fail(Code::kOutOfMemory,
              fmt::format("{} bytes of device memory were asked for; {} of {} are free, {} in one "
                          "piece",
                          bytes, arena_.free_bytes(), transport_->arena_bytes(),
                          arena_.largest_free_bytes()),
              "free buffers, or open the device with more memory (memory=<MiB>)");
}

Result<std::shared_ptr<BufferMemory>> DeviceCore::allocate(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (!transport_) return closed();
  if (bytes == 0) {
    return fail(Code::kInvalidArgument, "a buffer of 0 bytes was asked for");
  }
  const auto offset = allocate_range(bytes);
  if (!offset) return tl::unexpected(offset.error());
  return std::make_shared<BufferMemory>(shared_from_this(), *offset, bytes);
}

void DeviceCore::free(std::uint64_t offset) {
  const std::lock_guard lock(mutex_);
  arena_.free(offset);
}

Result<void> DeviceCore::idle() {
  if (!transport_) return closed();
  if (!in_flight_) return {};
  // Its own owner reports how it ended; here it only has to be over.
  const auto launch = in_flight_;
  return finish(*launch, kIdleBound);
}

Result<void> DeviceCore::write(std::uint64_t offset, std::span<const std::byte> from) {
  const std::lock_guard lock(mutex_);
  if (auto ready = idle(); !ready) return ready;
  return transport_->write(offset, from);
}

Result<void> DeviceCore::read(std::uint64_t offset, std::span<std::byte> to) {
  const std::lock_guard lock(mutex_);
  if (auto ready = idle(); !ready) return ready;
  return transport_->read(offset, to);
}

Result<void> DeviceCore::reserve_records(std::uint64_t bytes) {
  if (bytes <= records_.bytes) return {};
  // 64-byte alignment is what the arena gives; the rest of a larger range makes it 512.
  const auto range = allocate_range(bytes + kRecordAlignment);
  if (!range) return tl::unexpected(range.error());
  records_.offset = (*range + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment;
  records_.bytes = bytes;
  if (records_range_) arena_.free(*records_range_);
  records_range_ = *range;
  return {};
}

Result<std::uint64_t> DeviceCore::upload(const Program& program) {
  std::erase_if(uploads_, [&](const auto& each) {
    if (!each.second.contents.expired()) return false;
    arena_.free(each.second.offset);
    return true;
  });
  const auto& contents = program.contents();
  const auto known = uploads_.find(contents.get());
  if (known != uploads_.end()) return known->second.offset;

  const std::span<const std::byte> commands = program.command_bytes();
  const auto offset = allocate_range(commands.size());
  if (!offset) return tl::unexpected(offset.error());
  if (auto written = transport_->write(*offset, commands); !written) {
    arena_.free(*offset);
    return tl::unexpected(written.error());
  }
  uploads_.emplace(contents.get(), Upload{.contents = contents, .offset = *offset});
  return *offset;
}

Result<std::shared_ptr<PendingLaunch>> DeviceCore::submit(std::vector<PlacedStep> steps,
                                                          std::uint32_t stall_limit) {
  const std::lock_guard lock(mutex_);
  if (auto ready = idle(); !ready) return tl::unexpected(ready.error());

  std::vector<ImageStep> image_steps;
  image_steps.reserve(steps.size());
  for (const PlacedStep& step : steps) {
    const auto program = upload(step.program);
    if (!program) return tl::unexpected(program.error());
    ImageStep& entry = image_steps.emplace_back();
    entry.program = *program;
    entry.commands = static_cast<std::uint32_t>(step.program.command_count());
    for (const PlacedBinding& binding : step.bindings) entry.bindings.push_back(binding.window);
    entry.scalars = step.scalars;
  }
  if (auto room = reserve_records(launch_image_bytes(image_steps)); !room) {
    return tl::unexpected(room.error());
  }
  const LaunchImage image =
      make_launch_image(records_.offset, spec::LaunchMode::kRun, image_steps, stall_limit);
  if (auto written = transport_->write(image.completion, image.bytes); !written) {
    return tl::unexpected(written.error());
  }

  auto pending = std::make_shared<PendingLaunch>();
  pending->core = shared_from_this();
  pending->steps = std::move(steps);
  pending->completion = image.completion;
  observe(*pending, LaunchMoment::kBefore);
  if (auto started = transport_->start(image.launch); !started) {
    pending->outcome = tl::unexpected(started.error());
    observe(*pending, LaunchMoment::kAfter);
    return tl::unexpected(started.error());
  }
  in_flight_ = pending;
  return pending;
}

Result<LaunchReport> DeviceCore::wait(PendingLaunch& launch, std::chrono::milliseconds bound) {
  const std::lock_guard lock(mutex_);
  if (!launch.outcome) {
    if (!transport_) return closed();
    if (auto ended = finish(launch, bound); !ended) return tl::unexpected(ended.error());
  }
  return *launch.outcome;
}

Result<void> DeviceCore::finish(PendingLaunch& launch, std::chrono::milliseconds bound) {
  auto ended = transport_->wait(bound);
  if (!ended && ended.error().code == Code::kTimeout) return ended;
  launch.outcome =
      ended ? read_report(launch) : Result<LaunchReport>(tl::unexpected(ended.error()));
  in_flight_.reset();
  observe(launch, LaunchMoment::kAfter);
  return {};
}

Result<LaunchReport> DeviceCore::read_report(const PendingLaunch& launch) {
  std::array<std::byte, kCompletionBytes> bytes{};
  if (auto read = transport_->read(launch.completion, bytes); !read) {
    return tl::unexpected(read.error());
  }
  const spec::Completion record = unpack(bytes);
  if (record.magic != spec::kMagic ||
      (record.status != spec::Status::kDone && record.status != spec::Status::kFault)) {
    return fail(Code::kDeviceLost, "the launch ended without a completion record",
                "reset the card");
  }
  if (record.status == spec::Status::kFault) {
    return tl::unexpected(describe_fault(record, launch.steps));
  }
  LaunchReport report;
  report.retired = record.retired;
  report.bytes_read = record.bytes_read;
  report.bytes_written = record.bytes_written;
  report.cycles = transport_->cycles();
  for (const auto& [where, digest] : transport_->digests()) {
    report.digests.push_back({where.first, where.second, digest.value, digest.bytes});
  }
  if (record.cycles != 0) {
    if (!report.cycles) report.cycles = record.cycles;
    auto& counters = report.counters.emplace();
    for (std::size_t i = 0; i < record.counter.size(); ++i) {
      counters[i / spec::kNumStates][i % spec::kNumStates] = record.counter[i];
    }
  }
  return report;
}

void DeviceCore::observe(const PendingLaunch& launch, LaunchMoment moment) {
  const auto observer = launch_observer();
  if (!observer) return;
  ObservedLaunch seen;
  seen.moment = moment;
  seen.device = &info_;
  for (const PlacedStep& step : launch.steps) {
    ObservedStep& out = seen.steps.emplace_back();
    out.program = &step.program;
    for (const PlacedBinding& binding : step.bindings) out.bindings.push_back(binding.window);
    out.scalars = step.scalars;
  }
  seen.outcome = launch.outcome ? &*launch.outcome : nullptr;
  seen.read = [this](std::uint64_t offset, std::span<std::byte> to) {
    return transport_->read(offset, to);
  };
  observer->observe(seen);
}

void DeviceCore::close() {
  std::unique_ptr<Transport> transport;
  std::shared_ptr<PendingLaunch> launch;
  const std::lock_guard lock(mutex_);
  if (transport_ && in_flight_) {
    launch = in_flight_;
    launch->outcome = closed();
    in_flight_.reset();
  }
  transport = std::move(transport_);
}

}  // namespace weft::core
