// SPDX-License-Identifier: Apache-2.0
// weft diff A B: the first difference between two bundles.
// weft diff X --device P --device Q: replays X on both devices and names the first command whose
// written bytes differ.
#include <fmt/format.h>

#include <vector>

#include "runtime/bundle/compare.h"
#include "runtime/bundle/locate.h"
#include "runtime/bundle/replay.h"
#include "runtime/io/file.h"
#include "runtime/tools/command.h"

namespace weft::tools {
namespace {

struct Options {
  std::vector<std::string> bundles;
  std::vector<std::string> devices;
};

Result<bundle::Bundle> load(const std::string& path) {
  const auto bytes = io::read_file(path);
  if (!bytes) return tl::unexpected(bytes.error());
  return bundle::parse_bundle(*bytes, path);
}

Exit report(const Output& out, const std::optional<std::string>& difference, Json details) {
  out.line(difference ? out.red("different") + ": " + *difference : out.green("equal"));
  details["equal"] = !difference;
  details["difference"] = difference ? Json(*difference) : Json(nullptr);
  out.result(details);
  return difference ? Exit::kDifferent : Exit::kOk;
}

// The first difference of one launch between two devices, in words and as details.
Result<std::optional<std::string>> compare_launch(Device& p, Device& q,
                                                  const bundle::RecordedLaunch& launch,
                                                  Json& details) {
  const auto x = bundle::replay(p, launch);
  const auto y = bundle::replay(q, launch);
  for (const auto* result : {&x, &y}) {
    if (!*result && result->error().code != Code::kFault) return tl::unexpected(result->error());
  }
  if (!x || !y) {
    const std::string left = x ? "done" : x.error().what;
    const std::string right = y ? "done" : y.error().what;
    if (left == right) return std::nullopt;
    return left + " against " + right;
  }
  auto difference =
      bundle::first_difference(launch, bundle::Side::kOutputs, x->outputs, y->outputs);
  const auto command = bundle::first_differing_command(launch, x->report, y->report);
  if (command) {
    details["step"] = command->step;
    details["command"] = command->command;
    details["assembly"] = command->assembly;
    difference =
        fmt::format("{}; first in step {} '{}', command {}: {}",
                    difference.value_or("outputs equal, what commands wrote is not"), command->step,
                    launch.steps[command->step].name, command->command, command->assembly);
  }
  return difference;
}

Exit diff_devices(const Output& out, const bundle::Bundle& bundle, const Options& options) {
  auto p = Device::open(bundle::with_digests(options.devices[0]));
  if (!p) return out.failed(p.error());
  auto q = Device::open(bundle::with_digests(options.devices[1]));
  if (!q) return out.failed(q.error());
  Json details{{"bundle", options.bundles[0]}, {"devices", options.devices}};
  for (std::size_t i = 0; i < bundle.launches.size(); ++i) {
    out.progress("launches", i, bundle.launches.size());
    const auto difference = compare_launch(*p, *q, bundle.launches[i], details);
    if (!difference) return out.failed(difference.error());
    if (!*difference) continue;
    details["launch"] = i;
    return report(out, fmt::format("launch {}: {}", i, **difference), std::move(details));
  }
  return report(out, std::nullopt, std::move(details));
}

Exit run_diff(const Output& out, const Options& options) {
  const bool two_bundles = options.bundles.size() == 2 && options.devices.empty();
  const bool two_devices = options.bundles.size() == 1 && options.devices.size() == 2;
  if (!two_bundles && !two_devices) {
    return out.failed({Code::kInvalidArgument, "two bundles, or one bundle and two devices",
                       "weft diff A B, or weft diff X --device P --device Q"});
  }
  const auto first = load(options.bundles[0]);
  if (!first) return out.failed(first.error());
  if (two_devices) return diff_devices(out, *first, options);
  const auto second = load(options.bundles[1]);
  if (!second) return out.failed(second.error());
  return report(out, bundle::first_difference(*first, *second), Json{{"bundles", options.bundles}});
}

}  // namespace

void add_diff(CLI::App& app, Choice& choice) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(app, choice, "diff", "The first difference of two recordings",
                                  [options](const Output& out) { return run_diff(out, *options); });
  command->add_option("bundles", options->bundles, "two bundles, or one with two devices")
      ->required()
      ->expected(1, 2);
  command->add_option("--device", options->devices, "replay on two devices instead")
      ->expected(1)
      ->take_all();
}

}  // namespace weft::tools
