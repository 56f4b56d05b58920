// SPDX-License-Identifier: Apache-2.0
#include "runtime/devices/sim/sim_transport.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/devices/sim/card_library.h"
#include "weft/spec.h"

namespace weft::sim {
namespace {

constexpr std::uint64_t kMebibyte = 1u << 20;
constexpr std::uint64_t kDefaultMebibytes = 256;
constexpr std::uint64_t kMostMebibytes = 65536;
constexpr std::uint64_t kDefaultLatency = 64;
constexpr std::uint64_t kMostLatency = 100000;
constexpr std::uint64_t kAnyNumber = std::numeric_limits<std::uint64_t>::max();

class SimTransport : public core::Transport {
 public:
  SimTransport(CardLibrary library, weft_card* card, std::uint32_t bytes_per_cycle)
      : library_(std::move(library)), card_(card), bytes_per_cycle_(bytes_per_cycle) {}
  ~SimTransport() override { library_.close(card_); }

  [[nodiscard]] std::uint64_t arena_bytes() const override { return library_.memory_bytes(card_); }

  [[nodiscard]] Result<void> write(std::uint64_t offset, std::span<const std::byte> from) override {
    if (!from.empty()) std::memcpy(library_.memory(card_) + offset, from.data(), from.size());
    return {};
  }

  [[nodiscard]] Result<void> read(std::uint64_t offset, std::span<std::byte> to) override {
    if (!to.empty()) std::memcpy(to.data(), library_.memory(card_) + offset, to.size());
    return {};
  }

  [[nodiscard]] Result<void> start(std::uint64_t record_offset) override {
    outcome_ = run(record_offset);
    return {};
  }

  [[nodiscard]] Result<void> wait(std::chrono::milliseconds /*bound*/) override { return outcome_; }

  [[nodiscard]] std::optional<std::uint64_t> cycles() const override {
    return library_.last_cycles(card_);
  }

  [[nodiscard]] core::Digests digests() const override {
    std::vector<weft_card_digest> list(library_.digests(card_, nullptr, 0));
    library_.digests(card_, list.data(), list.size());
    core::Digests digests;
    for (const weft_card_digest& each : list) {
      digests[{each.program, each.command}] = {each.value, each.bytes};
    }
    return digests;
  }

  [[nodiscard]] std::uint32_t memory_bytes_per_cycle() const override { return bytes_per_cycle_; }

 private:
  // A card that does not come to an end is reset, so that the next launch finds it as new.
  Result<void> run(std::uint64_t record_offset) {
    const int ended = library_.launch(card_, record_offset);
    if (ended == 0) {
      // After a stall the card takes no launch until its reset line was pulled.
      if (static_cast<spec::Fault>(library_.fault(card_)) == spec::Fault::kStalled) {
        library_.reset(card_);
      }
      return {};
    }
    std::string what;
    if (ended == 1) {
      what =
          fmt::format("the simulated card never completed the launch: {}", library_.error(card_));
    } else {
      const auto fault = static_cast<spec::Fault>(library_.fault(card_));
      what = fmt::format(
          "the simulated card ended the launch without a completion record, its "
          "fault register says {} ({})",
          spec::name(fault), spec::doc(fault));
    }
    library_.reset(card_);
    return fail(Code::kDeviceLost, std::move(what), "the card was reset and can be used again");
  }

  CardLibrary library_;
  weft_card* card_;
  std::uint32_t bytes_per_cycle_;
  Result<void> outcome_;
};

// What the keys of a URI ask for.
struct Options {
  std::string library;
  std::string trace;
  weft_card_options card{};
};

Result<Options> parse(core::Uri& uri) {
  std::array<std::string_view, spec::kConfigs.size()> names;
  std::transform(spec::kConfigs.begin(), spec::kConfigs.end(), names.begin(),
                 [](const spec::Config& each) { return each.name; });
  const auto config_name = uri.take_one_of("config", names);
  if (!config_name) return tl::unexpected(config_name.error());
  constexpr std::array<std::string_view, 2> kArithmetics{"native", "rtl"};
  const auto arithmetic = uri.take_one_of("arith", kArithmetics);
  if (!arithmetic) return tl::unexpected(arithmetic.error());
  const spec::Config& config =
      *std::find_if(spec::kConfigs.begin(), spec::kConfigs.end(),
                    [&](const spec::Config& each) { return each.name == *config_name; });

  Options options;
  options.library = fmt::format("libweft_card_{}_{}.so", *config_name, *arithmetic);
  options.trace = uri.take("trace", "");
  weft_card_options& card = options.card;
  Result<void> ok;
  const auto number = [&](std::string_view key, auto& field, std::uint64_t fallback,
                          std::uint64_t min, std::uint64_t max) {
    if (!ok) return;
    const auto value = uri.take_number(key, fallback, min, max);
    if (!value) {
      ok = tl::unexpected(value.error());
    } else {
      field = static_cast<std::remove_reference_t<decltype(field)>>(*value);
    }
  };
  number("memory", card.arena_bytes, kDefaultMebibytes, 1, kMostMebibytes);
  number("latency", card.latency, kDefaultLatency, 1, kMostLatency);
  number("bandwidth", card.bytes_per_cycle, config.axi_bytes, 1, config.axi_bytes);
  number("reorder", card.reorder_seed, 0, 0, kAnyNumber);
  number("error_address", card.error_address, 0, 0, kAnyNumber);
  number("hang_after", card.hang_after, 0, 0, kAnyNumber);
  number("digests", card.digests, 0, 0, 1);
  number("trace_begin", card.trace_begin, 0, 0, kAnyNumber);
  number("trace_end", card.trace_end, 0, 0, kAnyNumber);
  if (!ok) return tl::unexpected(ok.error());
  card.arena_bytes *= kMebibyte;
  if (auto finished = uri.finish(); !finished) return tl::unexpected(finished.error());
  if (options.trace.empty() && (card.trace_begin != 0 || card.trace_end != 0)) {
    return fail(Code::kInvalidArgument,
                fmt::format("device URI `{}` has a trace window but no trace file", uri.text()),
                "add trace=<file.fst>");
  }
  return options;
}

}  // namespace

Result<std::unique_ptr<core::Transport>> open(core::Uri uri) {
  auto options = parse(uri);
  if (!options) return tl::unexpected(options.error());
  if (!options->trace.empty()) options->card.trace_path = options->trace.c_str();
  auto library = CardLibrary::load(options->library);
  if (!library) return tl::unexpected(library.error());
  std::array<char, 512> error{};
  weft_card* card = library->open(&options->card, error.data(), error.size());
  if (card == nullptr) {
    return fail(Code::kUnsupported,
                fmt::format("`{}` cannot be opened: {}", uri.text(), error.data()));
  }
  return std::make_unique<SimTransport>(std::move(*library), card, options->card.bytes_per_cycle);
}

}  // namespace weft::sim
