// SPDX-License-Identifier: Apache-2.0
#include "weft/trainer.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <utility>

#include "runtime/graph/bound_graph.h"
#include "runtime/graph/evaluator.h"
#include "runtime/graph/random.h"
#include "runtime/graph/update.h"

namespace weft {

using graph::BoundGraph;
using graph::PlannedGraph;
using graph::Scalars;
using graph::SharedMemory;
using graph::StepList;
using graph::Store;

namespace {

bool is_finite(std::span<const float> values) {
  for (const float value : values) {
    if (!std::isfinite(value)) return false;
  }
  return true;
}

// One of a message's parts: copies `bytes` from `from` on and moves on.
void take(std::span<const std::byte>& from, std::span<std::byte> to) {
  std::memcpy(to.data(), from.data(), to.size());
  from = from.subspan(to.size());
}

}  // namespace

struct Trainer::Impl {
  Impl(Device& on, const TrainerOptions& with) : device(on), options(with) {}

  Device& device;
  TrainerOptions options;
  std::uint32_t inputs = 0;
  std::uint32_t outputs = 0;
  std::uint32_t parts = 1;      // of a batch
  std::uint32_t part_rows = 0;  // rows of each
  std::uint64_t steps = 0;      // done
  PlannedGraph graph;
  std::optional<Store> store;
  std::optional<Buffer> arena;
  std::vector<BoundGraph> bound;  // the parts this process runs
  // Everything up to the gradients, and from there. One list, `gradients`, without an exchange.
  StepList gradients;
  StepList update;
  std::optional<graph::Evaluator> evaluator;

  [[nodiscard]] SharedMemory shared() const { return {*store, arena}; }
  [[nodiscard]] std::uint32_t first_part() const {
    return options.exchange != nullptr ? options.exchange->rank : 0;
  }

  Result<void> check_options() {
    if (options.batch == 0 || options.micro_batches == 0) {
      return fail(Code::kInvalidArgument, "a batch of no rows, or of no parts");
    }
    parts = options.micro_batches;
    if (options.exchange != nullptr) {
      const std::uint32_t ranks = options.exchange->ranks;
      if (parts != 1 && parts != ranks) {
        return fail(Code::kInvalidArgument,
                    fmt::format("{} micro-batches on {} processes", parts, ranks),
                    "each process runs one part: give as many as there are processes");
      }
      parts = ranks;
    }
    if (options.batch % parts != 0) {
      return fail(Code::kInvalidArgument,
                  fmt::format("a batch of {} rows in {} parts", options.batch, parts),
                  "choose a batch that is a multiple of its parts");
    }
    part_rows = options.batch / parts;
    return {};
  }

  Result<void> compile(const Network& network) {
    if (auto sound = check_options(); !sound) return sound;
    inputs = network.inputs();
    outputs = network.outputs();
    auto planned = graph::plan_graph(network, part_rows, options.batch);
    if (!planned) return tl::unexpected(planned.error());
    graph = std::move(*planned);
    // With an exchange the gradients of all parts come together; else two take turns.
    const bool exchanged = options.exchange != nullptr;
    const std::uint32_t held = exchanged ? parts : std::min(parts, 2u);
    auto made = Store::create(device, graph.contents, options.seed,
                              graph::moment_names(options.optimizer), held);
    if (!made) return tl::unexpected(made.error());
    store.emplace(std::move(*made));
    auto memory = graph::make_arena(device, graph);
    if (!memory) return tl::unexpected(memory.error());
    arena = std::move(*memory);
    evaluator.emplace(device, network, *store);
    return exchanged ? compile_exchanged() : compile_alone();
  }

  Result<void> compile_alone() {
    const Scalars scalars = scalars_for(0);
    for (std::uint32_t part = 0; part < parts; ++part) {
      if (auto done = append_part(part, part == 0 ? 0 : 1, scalars); !done) return done;
      if (part == 0) continue;
      if (auto done = append(gradients, graph::accumulate(device.info(), *store, 1, 0), scalars);
          !done) {
        return done;
      }
    }
    return append(gradients, graph::optimize(device.info(), *store, options.optimizer), scalars);
  }

  Result<void> compile_exchanged() {
    const Scalars scalars = scalars_for(0);
    if (auto done = append_part(0, first_part(), scalars); !done) return done;
    for (std::uint32_t part = 1; part < parts; ++part) {
      if (auto done = append(update, graph::accumulate(device.info(), *store, part, 0), scalars);
          !done) {
        return done;
      }
    }
    return append(update, graph::optimize(device.info(), *store, options.optimizer), scalars);
  }

  Result<void> append_part(std::uint32_t index, std::size_t gradient, const Scalars& scalars) {
    auto part = BoundGraph::create(device, graph, shared(), gradient);
    if (!part) return tl::unexpected(part.error());
    if (auto done = part->append_to(gradients, device.info(), graph, index, scalars); !done) {
      return done;
    }
    bound.push_back(std::move(*part));
    return {};
  }

  static Result<void> append(StepList& list, Result<graph::ListedOperator> operation,
                             const Scalars& scalars) {
    if (!operation) return tl::unexpected(operation.error());
    return list.append(std::move(*operation), scalars);
  }

  [[nodiscard]] Scalars scalars_for(float rate) const {
    Scalars scalars{.seeds = {}, .learning_rate = rate, .step = steps + 1};
    const std::uint32_t mine = options.exchange != nullptr ? 1 : parts;
    for (std::uint32_t i = 0; i < mine; ++i) {
      scalars.seeds.push_back(graph::rounding_seed(options.seed, steps, first_part() + i));
    }
    return scalars;
  }

  [[nodiscard]] Result<void> check_rows(std::span<const float> x,
                                        std::span<const std::uint32_t> labels) const {
    if (x.size() != labels.size() * inputs || labels.empty()) {
      return fail(Code::kInvalidArgument,
                  fmt::format("{} values and {} labels; the network has {} inputs", x.size(),
                              labels.size(), inputs));
    }
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (labels[i] < outputs) continue;
      return fail(
          Code::kInvalidArgument,
          fmt::format("label {} of row {}; the network has {} outputs", labels[i], i, outputs));
    }
    return {};
  }

  // Writes this process's parts of a batch.
  Result<void> write_batch(std::span<const float> x, std::span<const std::uint32_t> labels) {
    if (auto sound = check_rows(x, labels); !sound) return sound;
    if (labels.size() != options.batch) {
      return fail(Code::kInvalidArgument, fmt::format("{} rows for a step, the batch has {}",
                                                      labels.size(), options.batch));
    }
    for (std::size_t i = 0; i < bound.size(); ++i) {
      const std::size_t row = (first_part() + i) * part_rows;
      if (auto done = bound[i].write(x.subspan(row * inputs, std::size_t{part_rows} * inputs),
                                     labels.subspan(row, part_rows));
          !done) {
        return done;
      }
    }
    return {};
  }

  Result<void> launch(StepList& list, const Scalars& scalars, PhaseCosts* costs,
                      std::optional<std::uint64_t>& cycles) {
    if (costs == nullptr) {
      const auto ran = list.run(device, scalars);
      if (!ran) return tl::unexpected(ran.error());
      graph::add_cycles(cycles, *ran);
      return {};
    }
    const auto ran = list.run_by_phase(device, scalars, *costs);
    if (!ran) return tl::unexpected(ran.error());
    graph::add_cycles(cycles, *ran);
    return {};
  }

  // Adds what one part answered to the report.
  static void add_part(StepReport& report, double& loss, float of_part,
                       std::span<const std::uint32_t> predictions) {
    loss += static_cast<double>(of_part);
    report.predictions.insert(report.predictions.end(), predictions.begin(), predictions.end());
  }

  Result<void> read_parts(StepReport& report, double& loss) const {
    for (const BoundGraph& part : bound) {
      const auto of_part = part.loss();
      if (!of_part) return tl::unexpected(of_part.error());
      const auto predictions = part.predictions(part_rows);
      if (!predictions) return tl::unexpected(predictions.error());
      add_part(report, loss, *of_part, *predictions);
    }
    return {};
  }

  // Sends gradient, loss and predictions of this process's part; places all gradients.
  Result<void> exchange_parts(StepReport& report, double& loss) {
    const auto mine = bound[0].loss();
    if (!mine) return tl::unexpected(mine.error());
    const auto predictions = bound[0].predictions(part_rows);
    if (!predictions) return tl::unexpected(predictions.error());
    const std::size_t bytes = store->bytes() + sizeof(float) * (1 + std::size_t{part_rows});
    std::vector<std::byte> message(bytes);
    auto flat = std::span(message).first(store->bytes());
    if (auto done = store->gradient(first_part()).read(flat); !done) return done;
    std::memcpy(message.data() + flat.size(), &*mine, sizeof *mine);
    std::memcpy(message.data() + flat.size() + sizeof *mine, predictions->data(),
                predictions->size() * sizeof(std::uint32_t));

    const auto all = options.exchange->all_gather(message);
    if (!all) return tl::unexpected(all.error());
    if (all->size() != bytes * parts) {
      return fail(Code::kDeviceLost, fmt::format("{} bytes came from {} processes, not {} of each",
                                                 all->size(), parts, bytes));
    }
    std::span<const std::byte> rest = *all;
    for (std::uint32_t part = 0; part < parts; ++part) {
      if (auto done = store->gradient(part).write(rest.first(store->bytes())); !done) return done;
      rest = rest.subspan(store->bytes());
      float of_part = 0;
      std::vector<std::uint32_t> of_rows(part_rows);
      take(rest, std::as_writable_bytes(std::span(&of_part, 1)));
      take(rest, std::as_writable_bytes(std::span(of_rows)));
      add_part(report, loss, of_part, of_rows);
    }
    return {};
  }

  Result<StepReport> step(std::span<const float> x, std::span<const std::uint32_t> labels,
                          float rate, PhaseCosts* costs) {
    if (auto done = write_batch(x, labels); !done) return tl::unexpected(done.error());
    const Scalars scalars = scalars_for(rate);
    StepReport report;
    double loss = 0;
    if (auto done = launch(gradients, scalars, costs, report.cycles); !done) {
      return tl::unexpected(done.error());
    }
    const bool alone = options.exchange == nullptr;
    auto answers = alone ? read_parts(report, loss) : exchange_parts(report, loss);
    if (!answers) return tl::unexpected(answers.error());
    if (!alone) {
      if (auto done = launch(update, scalars, costs, report.cycles); !done) {
        return tl::unexpected(done.error());
      }
    }
    report.loss = static_cast<float>(loss / parts);
    ++steps;
    return report;
  }

  Result<Evaluation> evaluate(std::span<const float> x, std::span<const std::uint32_t> labels) {
    if (auto sound = check_rows(x, labels); !sound) return tl::unexpected(sound.error());
    return evaluator->evaluate(x, labels);
  }

  // The first weight or moment that is not finite.
  [[nodiscard]] Result<std::optional<std::string>> find_bad_stored() const {
    const auto tensors = store->read();
    if (!tensors) return tl::unexpected(tensors.error());
    for (const auto& [name, tensor] : *tensors) {
      if (!is_finite(tensor.values)) return name;
    }
    return std::nullopt;
  }

  Result<std::optional<std::string>> find_bad_tensor(std::span<const float> x,
                                                     std::span<const std::uint32_t> labels,
                                                     float rate) {
    if (options.exchange != nullptr) {
      return fail(Code::kUnsupported, "tensors are traced in one process only",
                  fmt::format("run with --micro-batches {}: the same bits", parts));
    }
    if (!is_finite(x)) return "x";
    auto bad = find_bad_stored();
    if (!bad || *bad) return bad;
    if (auto done = write_batch(x, labels); !done) return tl::unexpected(done.error());
    const auto check = [&](const graph::ListedOperator& operation,
                           const LaunchReport&) -> Result<void> {
      if (*bad) return {};
      if (operation.outputs.empty() && operation.phase == StepPhase::kOptimizer) {
        bad = find_bad_stored();
        if (!bad) return tl::unexpected(bad.error());
      }
      for (const std::uint32_t tensor : operation.outputs) {
        if (graph.contents.tensors[tensor].integers) continue;
        const auto values = bound[operation.part].read(graph, shared(), tensor);
        if (!values) return tl::unexpected(values.error());
        if (!is_finite(*values)) *bad = graph.contents.tensors[tensor].name;
        if (*bad) return {};
      }
      return {};
    };
    if (auto ran = gradients.run_traced(device, scalars_for(rate), check); !ran) {
      return tl::unexpected(ran.error());
    }
    ++steps;
    return bad;
  }
};

Result<Trainer> Trainer::create(Device& device, const Network& network,
                                const TrainerOptions& options) {
  auto impl = std::make_unique<Impl>(device, options);
  if (auto compiled = impl->compile(network); !compiled) {
    return tl::unexpected(compiled.error());
  }
  return Trainer(std::move(impl));
}

Trainer::Trainer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Trainer::Trainer(Trainer&&) noexcept = default;
Trainer& Trainer::operator=(Trainer&&) noexcept = default;
Trainer::~Trainer() = default;

Result<StepReport> Trainer::step(std::span<const float> x, std::span<const std::uint32_t> labels,
                                 float rate, PhaseCosts* costs) {
  return impl_->step(x, labels, rate, costs);
}

Result<Evaluation> Trainer::evaluate(std::span<const float> x,
                                     std::span<const std::uint32_t> labels) {
  return impl_->evaluate(x, labels);
}

Result<std::optional<std::string>> Trainer::find_bad_tensor(std::span<const float> x,
                                                            std::span<const std::uint32_t> labels,
                                                            float rate) {
  return impl_->find_bad_tensor(x, labels, rate);
}

Result<TrainerState> Trainer::state() const {
  auto tensors = impl_->store->read();
  if (!tensors) return tl::unexpected(tensors.error());
  return TrainerState{.step = impl_->steps, .tensors = std::move(*tensors)};
}

Result<void> Trainer::restore(const TrainerState& state) {
  if (auto done = impl_->store->write(state.tensors); !done) return done;
  impl_->steps = state.step;
  return {};
}

std::uint64_t Trainer::steps_done() const {
  return impl_->steps;
}

MemoryUse Trainer::memory() const {
  return {.parameter_bytes = impl_->store->total_bytes(),
          .arena_bytes = impl_->graph.plan.peak_bytes,
          .unshared_bytes = impl_->graph.plan.total_bytes};
}

}  // namespace weft
