// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/training.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <csignal>
#include <span>
#include <utility>

#include "runtime/graph/random.h"
#include "runtime/tools/answers.h"
#include "runtime/tools/report.h"

namespace weft::tools {
namespace {

constexpr const char* kTrainingKey = "weft_training";

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void on_interrupt(int) {
  interrupted = true;
}

}  // namespace

double TrainingCost::multiplies() const {
  double profiled = 0;
  for (const PhaseCost& phase : phases) profiled += phase.multiplies;
  return profiled / static_cast<double>(profiled_steps) * static_cast<double>(steps);
}

Result<TrainConfig> config_of(const Checkpoint& checkpoint, const std::string& name) {
  const auto found = checkpoint.metadata.find(kTrainingKey);
  const Json json = found == checkpoint.metadata.end()
                        ? Json()
                        : Json::parse(found->second, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("config") || !json.contains("history")) {
    return fail(Code::kCorruptFile, name + " does not say how it was trained",
                "only checkpoints of weft train can be resumed");
  }
  auto config = parse_config(json["config"].dump(), name, ".");
  if (!config) return fail(Code::kCorruptFile, config.error().what);
  return config;
}

Training::Training(const Output& out, Ranks& ranks, TrainConfig config, std::string output)
    : out_(out), ranks_(ranks), config_(std::move(config)), output_(std::move(output)) {}

void Training::catch_interrupts() {
  struct sigaction action{};
  action.sa_handler = on_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  // A file that may not grow is then an error of write() and no end of the process.
  ::signal(SIGXFSZ, SIG_IGN);
}

Result<void> Training::load_data() {
  Architecture& network = config_.network;
  const std::uint32_t outputs = network.outputs();
  auto train = load_training(config_.train, network.inputs(), outputs, network.scale);
  if (!train) return tl::unexpected(train.error());
  train_ = std::move(*train);
  if (network.cols == 0) network.cols = train_.width / network.rows / network.channels;
  if (network.inputs() != train_.width) {
    return fail(Code::kInvalidArgument,
                fmt::format("samples of {} values in {} rows of {} channels", train_.width,
                            network.rows, network.channels));
  }
  auto test = load_training(config_.test, train_.width, outputs, network.scale);
  if (!test) return tl::unexpected(test.error());
  test_ = std::move(*test);
  steps_per_epoch_ = train_.count() / config_.batch;
  if (steps_per_epoch_ == 0) {
    return fail(Code::kInvalidArgument,
                fmt::format("a batch of {} of {} samples", config_.batch, train_.count()),
                "choose a smaller batch");
  }
  return {};
}

Result<void> Training::open(const std::string& device, const std::string& resume) {
  if (auto loaded = load_data(); !loaded) return loaded;
  auto opened = Device::open(device);
  if (!opened) return tl::unexpected(opened.error());
  device_.emplace(std::move(*opened));
  network_.emplace(config_.network.network());
  auto trainer = Trainer::create(*device_, *network_,
                                 {.batch = config_.batch,
                                  .micro_batches = config_.micro_batches,
                                  .seed = config_.seed,
                                  .optimizer = config_.optimizer,
                                  .exchange = ranks_.exchange()});
  if (!trainer) return tl::unexpected(trainer.error());
  trainer_.emplace(std::move(*trainer));
  if (!resume.empty()) {
    const auto checkpoint = load_checkpoint(resume);
    if (!checkpoint) return tl::unexpected(checkpoint.error());
    if (auto done = resume_from(*checkpoint); !done) return done;
  }
  first_step_ = trainer_->steps_done();
  start_ = std::chrono::steady_clock::now();
  return {};
}

Result<void> Training::resume_from(const Checkpoint& checkpoint) {
  const Json history = Json::parse(checkpoint.metadata.at(kTrainingKey))["history"];
  const auto number = [&](const char* key) {
    return history.contains(key) && history[key].is_number() ? history[key].get<double>() : 0;
  };
  const auto numbers = [&](const char* key) {
    std::vector<double> values;
    if (!history.contains(key) || !history[key].is_array()) return values;
    for (const Json& value : history[key]) {
      if (value.is_number()) values.push_back(value.get<double>());
    }
    return values;
  };
  history_.losses = numbers("losses");
  history_.accuracies = numbers("accuracies");
  history_.loss_sum = number("loss_sum");
  history_.right = static_cast<std::uint64_t>(std::max(0.0, number("right")));
  if (checkpoint.state.step > total_steps()) {
    return fail(Code::kInvalidArgument,
                fmt::format("the checkpoint has done {} steps, the training has {}",
                            checkpoint.state.step, total_steps()));
  }
  return trainer_->restore(checkpoint.state);
}

Result<void> Training::save() const {
  if (output_.empty() || ranks_.rank() != 0) return {};
  auto state = trainer_->state();
  if (!state) return tl::unexpected(state.error());
  const Json history = {{"losses", history_.losses},
                        {"accuracies", history_.accuracies},
                        {"loss_sum", history_.loss_sum},
                        {"right", history_.right}};
  const Json training = {{"config", config_json(config_)}, {"history", history}};
  return save_checkpoint(output_,
                         {.state = std::move(*state),
                          .metadata = {{kArchitectureKey, architecture_text(config_.network)},
                                       {kTrainingKey, training.dump()}}});
}

Samples Training::batch_of(std::uint64_t step) {
  const std::uint64_t epoch = step / steps_per_epoch_;
  if (ordered_epoch_ != epoch) {
    order_ = graph::shuffled(train_.count(), config_.seed, epoch);
    ordered_epoch_ = epoch;
  }
  const std::size_t first = step % steps_per_epoch_ * config_.batch;
  return gather(train_, std::span(order_).subspan(first, config_.batch));
}

Result<bool> Training::run() {
  for (std::uint64_t step = trainer_->steps_done(); step < total_steps(); ++step) {
    if (step % steps_per_epoch_ == 0 || step == first_step_) {
      auto state = trainer_->state();
      if (!state) return tl::unexpected(state.error());
      snapshot_ = std::move(*state);
    }
    if (auto done = one_step(step); !done) return tl::unexpected(done.error());
    const auto stop = ranks_.any(interrupted);
    if (!stop) return tl::unexpected(stop.error());
    if (!*stop) continue;
    if (auto saved = save(); !saved) return tl::unexpected(saved.error());
    return false;
  }
  return true;
}

Result<void> Training::one_step(std::uint64_t step) {
  const Samples batch = batch_of(step);
  const bool first = step % steps_per_epoch_ == 0 || step == first_step_;
  const auto report =
      trainer_->step(batch.values, batch.labels, rate_of(config_, step, total_steps()),
                     first ? &cost_.phases : nullptr);
  if (!report) return tl::unexpected(report.error());
  if (!std::isfinite(report->loss)) return tl::unexpected(diverged(step, report->loss));
  if (report->cycles) cost_.cycles = cost_.cycles.value_or(0) + *report->cycles;
  cost_.profiled_steps += first ? 1 : 0;
  ++cost_.steps;
  history_.loss_sum += static_cast<double>(report->loss);
  history_.right += count_right(report->predictions, batch.labels);
  show(step, report->loss);
  return (step + 1) % steps_per_epoch_ == 0 ? end_epoch() : Result<void>();
}

Result<void> Training::end_epoch() {
  const auto steps = static_cast<double>(steps_per_epoch_);
  history_.losses.push_back(history_.loss_sum / steps);
  history_.accuracies.push_back(static_cast<double>(history_.right) / (steps * config_.batch));
  history_.loss_sum = 0;
  history_.right = 0;
  return save();
}

Error Training::diverged(std::uint64_t step, float loss) {
  Error error{Code::kDiverged,
              fmt::format("the loss of step {} (epoch {}) is {}", step + 1,
                          step / steps_per_epoch_ + 1, loss),
              "lower the rate (--lr)"};
  if (!output_.empty()) error.advice += fmt::format("; {} keeps the last epoch before", output_);
  if (ranks_.exchange() != nullptr) {
    error.advice += fmt::format(
        "; with --micro-batches {} in one process the first tensor that "
        "went bad is found",
        ranks_.count());
    return error;
  }
  // The same steps again, from the snapshot; the last two operator by operator: what makes a loss
  // bad is in its own step or in the update of the one before.
  if (!trainer_->restore(snapshot_)) return error;
  for (std::uint64_t again = snapshot_.step; again <= step; ++again) {
    const Samples batch = batch_of(again);
    const float rate = rate_of(config_, again, total_steps());
    if (again + 1 < step) {
      if (!trainer_->step(batch.values, batch.labels, rate)) return error;
      continue;
    }
    const auto bad = trainer_->find_bad_tensor(batch.values, batch.labels, rate);
    if (!bad) return error;
    if (!*bad) continue;
    error.what +=
        fmt::format("; the first tensor with NaN or infinity is {} in step {}", **bad, again + 1);
    return error;
  }
  return error;
}

void Training::show(std::uint64_t step, float loss) const {
  if (ranks_.rank() != 0) return;
  const std::uint64_t done = step + 1;
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start_;
  const double left = spent.count() / static_cast<double>(done - first_step_) *
                      static_cast<double>(total_steps() - done);
  const std::uint64_t in_epoch = step % steps_per_epoch_ + 1;
  const double accuracy =
      static_cast<double>(history_.right) / static_cast<double>(in_epoch * config_.batch);
  std::string label =
      fmt::format("epoch {}/{} loss {:.4f} accuracy {:.1f} %", step / steps_per_epoch_ + 1,
                  config_.epochs, loss, 100 * accuracy);
  if (cost_.cycles) {
    label += fmt::format(" {:.1f} M cycles {:.1f} % used", static_cast<double>(*cost_.cycles) / 1e6,
                         100 * utilisation(device().config, cost_.multiplies(), *cost_.cycles));
  }
  label += fmt::format(" {:.0f} s left", left);
  out_.progress(label, done, total_steps());
}

Result<Evaluation> Training::evaluate() {
  return trainer_->evaluate(test_.values, test_.labels);
}

double Training::accuracy(const Evaluation& evaluation) const {
  return static_cast<double>(count_right(evaluation.predictions, test_.labels)) /
         static_cast<double>(test_.count());
}

}  // namespace weft::tools
