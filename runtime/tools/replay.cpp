// SPDX-License-Identifier: Apache-2.0
// weft replay: runs the launches of a bundle on a device and compares what they write, byte for
// byte, with the recording.
#include "runtime/bundle/replay.h"

#include <fmt/format.h>

#include "runtime/bundle/compare.h"
#include "runtime/io/file.h"
#include "runtime/io/hash.h"
#include "runtime/tools/command.h"
#include "runtime/tools/report.h"

namespace weft::tools {
namespace {

struct Options {
  std::string bundle;
  std::string device = "fast:";
};

struct Outcome {
  std::optional<std::string> difference;  // from the recording
  std::optional<std::uint64_t> cycles;
  std::uint64_t output_hash = io::kHashStart;
  std::size_t failed = 0;  // launches that ended with the recorded error
};

Result<Outcome> replay_all(const Output& out, Device& device, const bundle::Bundle& bundle) {
  Outcome outcome;
  for (std::size_t i = 0; i < bundle.launches.size(); ++i) {
    out.progress("replaying", i, bundle.launches.size());
    const bundle::RecordedLaunch& launch = bundle.launches[i];
    const auto result = bundle::replay(device, launch);
    std::optional<std::string> difference;
    if (!result) {
      // A recorded failure is replayed when it happens again.
      if (!launch.error || result.error().code == Code::kVerification) {
        return tl::unexpected(result.error());
      }
      if (*launch.error != result.error().what) {
        difference = fmt::format("{} instead of {}", result.error().what, *launch.error);
      } else {
        ++outcome.failed;
      }
    } else if (launch.error) {
      difference = "it succeeded, instead of " + *launch.error;
    } else {
      difference =
          bundle::first_difference(launch, bundle::Side::kOutputs, launch.outputs, result->outputs);
      for (const bundle::Range& range : result->outputs) {
        outcome.output_hash = io::hash_bytes(range.bytes, outcome.output_hash);
      }
      if (result->report.cycles) {
        outcome.cycles = outcome.cycles.value_or(0) + *result->report.cycles;
      }
    }
    if (difference && !outcome.difference) {
      outcome.difference = fmt::format("launch {}: {}", i, *difference);
    }
  }
  out.progress("replaying", bundle.launches.size(), bundle.launches.size());
  return outcome;
}

Exit run_replay(const Output& out, const Options& options) {
  const auto bytes = io::read_file(options.bundle);
  if (!bytes) return out.failed(bytes.error());
  const auto bundle = bundle::parse_bundle(*bytes, options.bundle);
  if (!bundle) return out.failed(bundle.error());
  auto device = Device::open(options.device);
  if (!device) return out.failed(device.error());
  const auto outcome = replay_all(out, *device, *bundle);
  if (!outcome) return out.failed(outcome.error());

  const std::string recorded = io::hash_text(bundle::output_hash(*bundle));
  const std::string replayed = io::hash_text(outcome->output_hash);
  out.line(fmt::format("{} launches recorded on {}, replayed on {}", bundle->launches.size(),
                       bundle->device, options.device));
  out.line(fmt::format("  recorded outputs {}", recorded));
  out.line(fmt::format("  replayed outputs {}  {}", replayed,
                       outcome->difference ? out.red("different") : out.green("equal")));
  if (outcome->difference) out.line("  recorded against replayed: " + *outcome->difference);
  if (outcome->failed != 0) out.line(fmt::format("  {} failed as recorded", outcome->failed));
  if (outcome->cycles) out.line(fmt::format("  {} cycles", *outcome->cycles));
  out.result({{"bundle", options.bundle},
              {"device", options.device},
              {"launches", bundle->launches.size()},
              {"equal", !outcome->difference},
              {"recorded_hash", recorded},
              {"output_hash", replayed},
              {"failed_as_recorded", outcome->failed},
              {"difference", outcome->difference ? Json(*outcome->difference) : Json(nullptr)},
              {"cycles", optional_json(outcome->cycles)}});
  return outcome->difference ? Exit::kDifferent : Exit::kOk;
}

}  // namespace

void add_replay(CLI::App& app, Choice& choice) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(app, choice, "replay", "Run a bundle on a device and compare the outputs",
                  [options](const Output& out) { return run_replay(out, *options); });
  command->add_option("bundle", options->bundle, "made by weft record")->required();
  command->add_option("--device", options->device, kDeviceHelp)->capture_default_str();
}

}  // namespace weft::tools
