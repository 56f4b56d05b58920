// SPDX-License-Identifier: Apache-2.0
#include "weft/spread.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <new>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace weft {
namespace {

struct Worker {
  std::string name;  // in front of its errors
  Inference inference;
};

Error named(const std::string& name, Error error) {
  error.what = name + error.what;
  return error;
}

// Adds the operators of one batch to those of others.
void accumulate(std::vector<OperatorCost>& total, const std::vector<OperatorCost>& batch) {
  if (total.empty()) {
    total = batch;
    return;
  }
  for (std::size_t i = 0; i < total.size(); ++i) {
    total[i].m += batch[i].m;
    if (total[i].cycles && batch[i].cycles) {
      *total[i].cycles += *batch[i].cycles;
    } else {
      total[i].cycles.reset();
    }
  }
}

// One run: which batch is next, what has come back, and the first error.
class Round {
 public:
  Round(std::span<const float> x, std::size_t inputs, std::size_t outputs, std::size_t batch,
        std::size_t workers, const SpreadInference::Progress& progress)
      : x_(x),
        inputs_(inputs),
        outputs_(outputs),
        rows_(x.size() / inputs),
        batch_(batch),
        next_(workers),
        progress_(progress) {
    logits_.values.resize(rows_ * outputs_);
  }

  // What worker number `number` does: its own batch, then those that nobody has.
  void work(Worker& worker, std::size_t number) try {
    for (std::size_t batch = number; batch < batches() && !failed(); batch = take()) {
      auto part = run(worker, batch);
      const std::lock_guard lock(mutex_);
      if (!part) {
        if (!error_) error_ = named(worker.name, part.error());
        return;
      }
      std::copy(part->values.begin(), part->values.end(),
                logits_.values.begin() + static_cast<std::ptrdiff_t>(batch * batch_ * outputs_));
      accumulate(logits_.operators, part->operators);
      done_ += rows_of(batch);
      if (progress_) progress_(done_);
    }
  } catch (const std::bad_alloc&) {
    fail_with(no_memory());
  }

  static Error no_memory() {
    return {Code::kOutOfMemory, "not enough memory of the host", "give a smaller batch"};
  }

  void fail_with(const Error& error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = error;
  }

  [[nodiscard]] Result<Logits> outcome() && {
    if (error_) return tl::unexpected(*error_);
    return std::move(logits_);
  }

 private:
  [[nodiscard]] std::size_t batches() const { return (rows_ + batch_ - 1) / batch_; }
  [[nodiscard]] std::size_t rows_of(std::size_t batch) const {
    return std::min(batch_, rows_ - batch * batch_);
  }

  [[nodiscard]] Result<Logits> run(Worker& worker, std::size_t batch) const try {
    return worker.inference.run(x_.subspan(batch * batch_ * inputs_, rows_of(batch) * inputs_));
  } catch (const std::bad_alloc&) {
    return tl::unexpected(no_memory());
  }

  [[nodiscard]] bool failed() {
    const std::lock_guard lock(mutex_);
    return error_.has_value();
  }
  std::size_t take() {
    const std::lock_guard lock(mutex_);
    return next_++;
  }

  std::span<const float> x_;
  std::size_t inputs_;
  std::size_t outputs_;
  std::size_t rows_;
  std::size_t batch_;

  std::mutex mutex_;  // of what follows
  std::size_t next_;  // no worker has this batch or any behind it
  std::size_t done_ = 0;
  Logits logits_;
  std::optional<Error> error_;
  const SpreadInference::Progress& progress_;
};

}  // namespace

struct SpreadInference::Impl {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  std::vector<Worker> workers;
};

Result<SpreadInference> SpreadInference::create(std::span<Device> devices, const Network& network,
                                                const std::map<std::string, HostTensor>& weights) {
  if (devices.empty()) {
    return fail(Code::kInvalidArgument, "no device to run on", "give one or more");
  }
  auto impl = std::make_unique<Impl>();
  impl->inputs = network.inputs();
  impl->outputs = network.outputs();
  for (Device& device : devices) {
    std::string name;
    if (devices.size() > 1) {
      name = fmt::format("device {} of {}, `{}`: ", impl->workers.size() + 1, devices.size(),
                         device.info().uri);
    }
    auto inference = Inference::create(device, network, weights);
    if (!inference) return tl::unexpected(named(name, inference.error()));
    impl->workers.push_back({std::move(name), std::move(*inference)});
  }
  return SpreadInference(std::move(impl));
}

SpreadInference::SpreadInference(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SpreadInference::SpreadInference(SpreadInference&&) noexcept = default;
SpreadInference& SpreadInference::operator=(SpreadInference&&) noexcept = default;
SpreadInference::~SpreadInference() = default;

Result<Logits> SpreadInference::run(std::span<const float> x, std::uint32_t batch,
                                    const Progress& progress) {
  std::vector<Worker>& workers = impl_->workers;
  const std::size_t rows = x.size() / impl_->inputs;
  if (rows == 0 || x.size() != rows * impl_->inputs) {
    return fail(Code::kInvalidArgument,
                fmt::format("{} values; the network has {} inputs", x.size(), impl_->inputs),
                "give whole rows, one or more");
  }
  const std::size_t share = (rows + workers.size() - 1) / workers.size();
  const std::size_t size = batch != 0 ? batch : std::min<std::size_t>(share, kMostBatch);
  Round round(x, impl_->inputs, impl_->outputs, size, workers.size(), progress);
  {
    std::vector<std::jthread> threads;
    try {
      for (std::size_t i = 1; i < workers.size() && i * size < rows; ++i) {
        threads.emplace_back([&round, &workers, i] { round.work(workers[i], i); });
      }
    } catch (const std::system_error& error) {
      round.fail_with({Code::kOutOfMemory, fmt::format("no thread for a device: {}", error.what()),
                       "use fewer devices"});
    }
    round.work(workers[0], 0);
  }
  return std::move(round).outcome();
}

}  // namespace weft
