// SPDX-License-Identifier: Apache-2.0
// runtime/bundle/recorder.h: records the launches of this process.
//
// With WEFT_RECORD=FILE in the environment, every launch on every device is added to a bundle. It
// is written when the process ends, and at once when a launch fails. If FILE exists by then,
// FILE.<process> is written instead: nothing is overwritten.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>

#include "runtime/bundle/bundle.h"
#include "runtime/core/observer.h"

namespace weft::bundle {

inline constexpr const char* kRecordVariable = "WEFT_RECORD";

class Recorder : public core::LaunchObserver {
 public:
  explicit Recorder(std::filesystem::path path) : path_(std::move(path)) {}
  ~Recorder() override;

  void observe(const core::ObservedLaunch& launch) override;

 private:
  // Where the regions of a launch lie in its device's arena, while it runs.
  struct Pending {
    RecordedLaunch launch;
    std::vector<std::uint64_t> bases;  // of regions
    std::vector<Range> outputs;        // where to read after the launch; no bytes yet
  };

  [[nodiscard]] static Result<Pending> before(const core::ObservedLaunch& launch);
  [[nodiscard]] static Result<void> after(Pending& pending, const core::ObservedLaunch& launch);
  void write();

  std::mutex mutex_;
  std::filesystem::path path_;
  Bundle bundle_;
  std::map<const DeviceInfo*, Pending> pending_;
  bool owns_path_ = false;  // this process has written path_
};

// Starts recording if WEFT_RECORD asks for it; later calls do nothing.
void record_if_asked();

}  // namespace weft::bundle
