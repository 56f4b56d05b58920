// SPDX-License-Identifier: Apache-2.0
// weft train: trains the digits network, or one that a file describes, on a device.
//
// weights_hash is the hash of all weights in the order of their names: equal hashes mean equal
// bytes. Cycles are those of all steps; the phases are of the steps that were launched phase by
// phase.
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <thread>
#include <utility>

#include "runtime/io/file.h"
#include "runtime/io/hash.h"
#include "runtime/tools/command.h"
#include "runtime/tools/curve.h"
#include "runtime/tools/device_list.h"
#include "runtime/tools/report.h"
#include "runtime/tools/training.h"

namespace weft::tools {
namespace {

struct Options {
  std::string network;
  std::string model;
  std::string config;
  std::string device = "fast:";
  std::string output;
  std::string resume;
  std::string plot;
  // Nothing: as the network's own configuration says.
  std::optional<std::uint32_t> epochs;
  std::optional<std::uint32_t> batch;
  std::optional<std::uint32_t> micro_batches;
  std::optional<std::uint64_t> seed;
  std::optional<std::string> optimizer;
  std::optional<float> rate;
};

tl::unexpected<Error> usage(const std::string& what, const std::string& advice) {
  return fail(Code::kInvalidArgument, what, advice);
}

Result<TrainConfig> described_config(const Options& options) {
  if (options.config.empty() == options.network.empty()) {
    return usage("nothing to train, or two things",
                 "give digits, mnist, --config FILE or --resume FILE");
  }
  if (options.config.empty()) {
    return named_config(options.network, options.model);
  }
  if (!options.model.empty()) return usage("--config with --model", "the file has the layers");
  const auto bytes = io::read_file(options.config);
  if (!bytes) return tl::unexpected(bytes.error());
  return parse_config({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, options.config,
                      std::filesystem::path(options.config).parent_path());
}

Result<TrainConfig> new_config(const Options& options) {
  auto config = described_config(options);
  if (!config) return config;
  if (options.optimizer) {
    if (auto set = set_optimizer(*config, *options.optimizer); !set) {
      return tl::unexpected(set.error());
    }
  }
  if (options.epochs) config->epochs = *options.epochs;
  if (options.batch) config->batch = *options.batch;
  if (options.micro_batches) config->micro_batches = *options.micro_batches;
  if (options.seed) config->seed = *options.seed;
  if (options.rate) config->rate = *options.rate;
  if (config->epochs == 0 || config->batch == 0 || config->micro_batches == 0) {
    return usage("a training of no epochs, samples or parts", "give 1 or more");
  }
  if (!(config->rate >= 0) || !std::isfinite(config->rate)) {
    return usage(fmt::format("a learning rate of {}", config->rate),
                 "give a finite rate from 0 up");
  }
  return config;
}

// A training continues as it began: what is said again must be the same.
Result<TrainConfig> resumed_config(const Options& options) {
  if (!options.config.empty()) {
    return usage("--resume with --config", "the checkpoint has the configuration");
  }
  if (!options.model.empty())
    return usage("--resume with --model", "the checkpoint has the layers");
  const auto checkpoint = load_checkpoint(options.resume);
  if (!checkpoint) return tl::unexpected(checkpoint.error());
  auto config = config_of(*checkpoint, options.resume);
  if (!config) return config;
  const std::string optimizer = std::holds_alternative<Sgd>(config->optimizer) ? "sgd" : "adamw";
  const char* changed = nullptr;
  if (options.epochs.value_or(config->epochs) != config->epochs) changed = "--epochs";
  if (options.batch.value_or(config->batch) != config->batch) changed = "--batch";
  if (options.micro_batches.value_or(config->micro_batches) != config->micro_batches) {
    changed = "--micro-batches";
  }
  if (options.seed.value_or(config->seed) != config->seed) changed = "--seed";
  if (options.rate.value_or(config->rate) != config->rate) changed = "--lr";
  if (options.optimizer.value_or(optimizer) != optimizer) changed = "--optimizer";
  if (changed != nullptr) {
    return usage(fmt::format("{} differs from what {} was trained with", changed, options.resume),
                 "leave it out: a training continues as it began");
  }
  return config;
}

Json phases_json(const Training& training) {
  Json phases = Json::object();
  const TrainingCost& cost = training.cost();
  for (std::size_t i = 0; i < kNumStepPhases; ++i) {
    const PhaseCost& phase = cost.phases[i];
    Json entry = {{"cycles", nullptr}, {"utilisation", nullptr}};
    if (cost.cycles) entry["cycles"] = phase.cycles;
    if (cost.cycles && phase.multiplies > 0) {
      entry["utilisation"] = utilisation(training.device().config, phase.multiplies, phase.cycles);
    }
    phases[std::string(name(static_cast<StepPhase>(i)))] = std::move(entry);
  }
  return phases;
}

void describe_cost(const Output& out, const Training& training, const Json& phases) {
  const TrainingCost& cost = training.cost();
  const MemoryUse memory = training.trainer().memory();
  out.line(
      fmt::format("  {} bytes of weights, gradients and moments; activations {} bytes, {} "
                  "without sharing",
                  memory.parameter_bytes, memory.arena_bytes, memory.unshared_bytes));
  if (!cost.cycles) return;
  out.line(fmt::format("  {} cycles in {} steps; of {} steps, launched phase by phase:",
                       *cost.cycles, cost.steps, cost.profiled_steps));
  for (const auto& [name, phase] : phases.items()) {
    const Json& used = phase["utilisation"];
    out.line(fmt::format("  {:<10} {:>10} cycles{}", name, phase["cycles"].get<std::uint64_t>(),
                         used.is_null()
                             ? std::string()
                             : fmt::format(", utilisation {:.1f} %", 100 * used.get<double>())));
  }
}

Result<void> report_training(const Output& out, const Options& options, const Training& training,
                             const Evaluation& evaluation, double seconds) {
  const auto state = training.trainer().state();
  if (!state) return tl::unexpected(state.error());
  const std::string hash = io::hash_text(weights_hash(*state));
  const History& history = training.history();
  const TrainingCost& cost = training.cost();
  const MemoryUse memory = training.trainer().memory();
  const Json phases = phases_json(training);
  std::optional<double> used;
  if (cost.cycles) {
    used = utilisation(training.device().config, cost.multiplies(), *cost.cycles);
  }
  if (!options.plot.empty()) {
    const std::string svg = curve_svg(history.losses, "Training loss", "epochs");
    auto written = io::write_file(options.plot, std::as_bytes(std::span(svg)));
    if (!written) return written;
  }
  out.line("loss by epoch");
  for (const std::string& line : draw_curve(history.losses)) out.line(line);
  const double accuracy = training.accuracy(evaluation);
  out.line(out.bold(fmt::format("test accuracy {:.2f} % of {} samples after {} steps on {}",
                                100 * accuracy, training.test_count(),
                                training.trainer().steps_done(), options.device)));
  out.line(fmt::format("  weights {}, test loss {:.4f}, {:.1f} s", hash, evaluation.loss, seconds));
  describe_cost(out, training, phases);
  if (!options.output.empty()) out.line("  saved " + options.output);

  const bool clock = cost.cycles.has_value();
  out.result({{"device", options.device},
              {"test_accuracy", accuracy},
              {"test_loss", evaluation.loss},
              {"weights_hash", hash},
              {"steps", training.trainer().steps_done()},
              {"epochs", training.config().epochs},
              {"cycles", optional_json(cost.cycles)},
              {"utilisation", optional_json(used)},
              {"phases", phases},
              {"profiled_steps", clock ? Json(cost.profiled_steps) : Json(nullptr)},
              {"test_cycles", optional_json(evaluation.cycles)},
              {"loss_history", history.losses},
              {"accuracy_history", history.accuracies},
              {"memory",
               {{"parameter_bytes", memory.parameter_bytes},
                {"arena_bytes", memory.arena_bytes},
                {"unshared_bytes", memory.unshared_bytes}}},
              {"checkpoint", options.output.empty() ? Json(nullptr) : Json(options.output)},
              {"seconds", seconds}});
  return {};
}

Exit interrupted(const Output& out, const Options& options, const Training& training) {
  const std::uint64_t steps = training.trainer().steps_done();
  out.note(fmt::format("interrupted after step {} of {}; {}", steps, training.total_steps(),
                       options.output.empty()
                           ? "nothing was saved: no -o"
                           : fmt::format("continue with --resume {}", options.output)));
  out.result({{"interrupted", true},
              {"steps", steps},
              {"checkpoint", options.output.empty() ? Json(nullptr) : Json(options.output)}});
  return Exit::kInterrupted;
}

// All processes of a training have the same weights, or something is broken.
Result<void> check_agreement(const Ranks& ranks, const Training& training) {
  if (ranks.count() == 1) return {};
  const auto state = training.trainer().state();
  if (!state) return tl::unexpected(state.error());
  const std::uint64_t hash = weights_hash(*state);
  const auto all = ranks.exchange()->all_gather(std::as_bytes(std::span(&hash, 1)));
  if (!all) return tl::unexpected(all.error());
  for (std::size_t i = 0; i < all->size(); ++i) {
    if ((*all)[i] != std::as_bytes(std::span(&hash, 1))[i % sizeof hash]) {
      return fail(Code::kFault, "the processes of this training ended with different weights");
    }
  }
  return {};
}

// Of several devices each process has one, in turn.
Result<std::string> device_of(const Options& options, const Ranks& ranks) {
  const std::vector<std::string> devices = split_devices(options.device);
  if (devices.size() > 1 && ranks.count() == 1) {
    return usage(fmt::format("{} devices for a training of one process", devices.size()),
                 fmt::format("start one for each: mpirun -n {} weft train ...", devices.size()));
  }
  return devices[ranks.rank() % devices.size()];
}

// Trains on all processes of `ranks`, and reports from the first.
Result<Exit> train_on(const Output& out, const Options& options, const TrainConfig& config,
                      Ranks& ranks) {
  const auto device = device_of(options, ranks);
  if (!device) return tl::unexpected(device.error());
  Training training(out, ranks, config, options.output);
  if (auto opened = training.open(*device, options.resume); !opened) {
    return tl::unexpected(opened.error());
  }
  Training::catch_interrupts();
  const auto start = std::chrono::steady_clock::now();
  const auto finished = training.run();
  if (!finished) return tl::unexpected(finished.error());
  if (!*finished) {
    return ranks.rank() == 0 ? interrupted(out, options, training) : Exit::kInterrupted;
  }
  const auto evaluation = training.evaluate();
  if (!evaluation) return tl::unexpected(evaluation.error());
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  if (auto agreed = check_agreement(ranks, training); !agreed) {
    return tl::unexpected(agreed.error());
  }
  if (ranks.rank() != 0) return Exit::kOk;
  auto reported = report_training(out, options, training, *evaluation, seconds.count());
  if (!reported) return tl::unexpected(reported.error());
  return Exit::kOk;
}

Exit train(const Output& out, Options options) {
  const auto config = options.resume.empty() ? new_config(options) : resumed_config(options);
  if (!config) return out.failed(config.error());
  if (options.output.empty()) options.output = options.resume;
  auto ranks = Ranks::join();
  if (!ranks) return out.failed(ranks.error());

  const auto ended = train_on(out, options, *config, *ranks);
  if (ended) {
    ranks->leave();
    return *ended;
  }
  // One line of stdout for all processes.
  const Exit code = exit_of(ended.error().code);
  if (ranks->rank() == 0) {
    static_cast<void>(out.failed(ended.error()));
  } else {
    out.note(fmt::format("process {}: {}", ranks->rank(), ended.error().message()));
    // The first process may have the same to report, and is ended by what follows.
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
  ranks->end_all(static_cast<int>(code));
  return code;
}

}  // namespace

void add_train(CLI::App& app, Choice& choice) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(app, choice, "train", "Train a network on a device",
                                  [options](const Output& out) { return train(out, *options); });
  command->add_option("network", options->network, "digits or mnist, unless --config or --resume");
  command->add_option("--model", options->model,
                      "mlp or cnn; by default mlp for digits, cnn for mnist");
  command->add_option("--config", options->config,
                      "a JSON file with layers, optimizer and data (docs/train.md)");
  command->add_option("--device", options->device, kDeviceListHelp)->capture_default_str();
  command->add_option("--epochs", options->epochs, "passes over the training samples");
  command->add_option("--batch", options->batch, "samples per step");
  command->add_option("--micro-batches", options->micro_batches,
                      "equal parts of a batch, one after another, their gradients added in order");
  command->add_option("--seed", options->seed, "of weights, order of samples and rounding");
  command->add_option("--optimizer", options->optimizer, "sgd or adamw, with its default options");
  command->add_option("--lr", options->rate, "learning rate at the first step");
  command->add_option("-o,--output", options->output,
                      "checkpoint (.safetensors), saved after each epoch and on Ctrl-C");
  command->add_option("--resume", options->resume,
                      "continue from a checkpoint; -o is that file if not given");
  command->add_option("--plot", options->plot, "loss curve as an SVG file");
}

}  // namespace weft::tools
