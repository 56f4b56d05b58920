// SPDX-License-Identifier: Apache-2.0
// weft run: classifies an image or a labelled data set with a network on a device, or on several at
// once.
//
// logits_hash is the hash of all logits (FP32, little endian, in the order of the data): equal
// hashes mean equal bytes. fp32 compares with the same network in FP32 on the host. layers are the
// operators in their order, each a launch of its own; m, n, k are those of a product. Cycles of
// several devices are added up: work, not time. The hash does not depend on how many there are.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

#include "runtime/io/hash.h"
#include "runtime/tools/answers.h"
#include "runtime/tools/command.h"
#include "runtime/tools/device_list.h"
#include "runtime/tools/drawing.h"
#include "runtime/tools/host_network.h"
#include "runtime/tools/network_file.h"
#include "runtime/tools/report.h"
#include "runtime/tools/samples.h"
#include "weft/spread.h"

namespace weft::tools {
namespace {

struct Options {
  std::string model;
  std::string input;
  std::string data;
  std::string device = "fast:";
  std::uint32_t batch = 0;
  std::uint32_t show = 0;
};

std::optional<double> accuracy(const std::vector<std::uint32_t>& predictions, const Samples& data) {
  if (data.labels.empty()) return {};
  return static_cast<double>(count_right(predictions, data.labels)) /
         static_cast<double>(predictions.size());
}

// The array, if all devices have the same.
std::optional<spec::Config> common_array(const std::vector<Device>& devices) {
  const spec::Config& first = devices.front().info().config;
  const bool same = std::all_of(devices.begin(), devices.end(), [&](const Device& each) {
    return peak_multiplies(each.info().config) == peak_multiplies(first);
  });
  return same ? std::optional(first) : std::nullopt;
}

// Cost of each operator; adds up `cycles` where the devices have a clock.
Json layers_json(const std::optional<spec::Config>& array,
                 const std::vector<OperatorCost>& operators, std::optional<std::uint64_t>& cycles) {
  Json layers = Json::array();
  for (const OperatorCost& each : operators) {
    Json layer = {{"operator", each.name}, {"weight", nullptr},
                  {"m", nullptr},          {"n", nullptr},
                  {"k", nullptr},          {"cycles", optional_json(each.cycles)},
                  {"utilisation", nullptr}};
    if (each.cycles) cycles = cycles.value_or(0) + *each.cycles;
    if (!each.parameter.empty()) layer["weight"] = each.parameter;
    if (each.m != 0) {
      layer["m"] = each.m;
      layer["n"] = each.n;
      layer["k"] = each.k;
      if (each.cycles && array) {
        layer["utilisation"] = utilisation(*array, each.multiplies(), *each.cycles);
      }
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

std::string layer_line(const Json& layer) {
  const auto cycles = layer["cycles"].get<std::uint64_t>();
  if (layer["m"].is_null()) {
    return fmt::format("  {:<34} {:>9} cycles", layer["operator"].get<std::string>(), cycles);
  }
  const Json& used = layer["utilisation"];
  return fmt::format(
      "  {:<16} {:>5} x {:>3} x {:>3} {:>9} cycles{}", layer["weight"].get<std::string>(),
      layer["m"].get<std::uint64_t>(), layer["n"].get<std::uint64_t>(),
      layer["k"].get<std::uint64_t>(), cycles,
      used.is_null() ? "" : fmt::format(", utilisation {:.1f} %", 100 * used.get<double>()));
}

// Everything the command says about one run.
void report_run(const Output& out, const Options& options, const std::optional<spec::Config>& array,
                const Architecture& network, const Samples& data, const Logits& logits,
                const std::vector<float>& reference, double seconds) {
  const auto predictions = argmax(logits.values, network.outputs());
  const auto right = accuracy(predictions, data);
  const auto expected = argmax(reference, network.outputs());
  const double difference = largest_difference(logits.values, reference);
  const std::string hash = io::hash_text(io::hash_bytes(std::as_bytes(std::span(logits.values))));
  std::optional<std::uint64_t> cycles;
  const Json layers = layers_json(array, logits.operators, cycles);

  for (const std::string& line : draw_images(network, data.values, predictions, data.labels,
                                             options.input.empty() ? options.show : 1)) {
    out.line(line);
  }
  if (right) {
    out.line(out.bold(fmt::format("accuracy {:.2f} % of {} images on {}", 100 * *right,
                                  data.count(), options.device)));
  } else {
    out.line(out.bold(fmt::format("{} is {}", options.input, network.label(predictions[0]))));
  }
  out.line(fmt::format("  logits {}, at most {:.4g} from FP32", hash, difference));
  for (const Json& layer : layers) {
    if (!layer["cycles"].is_null()) out.line(layer_line(layer));
  }
  if (cycles) {
    out.line(fmt::format("  {} cycles in {:.2f} s: {:.0f} simulated cycles per second", *cycles,
                         seconds, static_cast<double>(*cycles) / seconds));
  }
  Json answers = Json::array();
  for (const std::uint32_t prediction : predictions) answers.push_back(network.label(prediction));
  out.result({{"device", options.device},
              {"model", options.model},
              {"count", data.count()},
              {"accuracy", optional_json(right)},
              {"logits_hash", hash},
              {"cycles", optional_json(cycles)},
              {"seconds", seconds},
              {"predictions", std::move(answers)},
              {"fp32",
               {{"accuracy", optional_json(accuracy(expected, data))},
                {"max_abs_difference", difference}}},
              {"layers", layers}});
}

Exit run_network(const Output& out, const Options& options) {
  if (options.input.empty() == options.data.empty()) {
    return out.failed({Code::kInvalidArgument, "nothing to classify, or two things",
                       "give --input IMAGE.png or --data NAME"});
  }
  const auto saved = load_network(options.model);
  if (!saved) return out.failed(saved.error());
  const Architecture& network = saved->architecture;
  const auto data = options.input.empty()
                        ? load_samples({options.data + ".x.npy", options.data + ".y.npy"},
                                       network.inputs(), network.outputs())
                        : load_image(options.input, network);
  if (!data) return out.failed(data.error());
  auto devices = open_devices(options.device);
  if (!devices) return out.failed(devices.error());

  Samples inputs = *data;
  for (float& value : inputs.values) value *= network.scale;
  const auto start = std::chrono::steady_clock::now();
  const Sequential layers = network.network();
  auto inference = SpreadInference::create(*devices, layers, saved->weights);
  if (!inference) return out.failed(inference.error());
  const std::uint32_t count = inputs.count();
  const auto progress = [&](std::size_t rows) { out.progress("classifying", rows, count); };
  progress(0);
  const auto logits = inference->run(inputs.values, options.batch, progress);
  if (!logits) return out.failed(logits.error());
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;

  report_run(out, options, common_array(*devices), network, *data, *logits,
             run_on_host(*saved, inputs.values), seconds.count());
  return Exit::kOk;
}

}  // namespace

void add_run(CLI::App& app, Choice& choice) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(app, choice, "run", "Classify an image or a data set with a network",
                  [options](const Output& out) { return run_network(out, *options); });
  command->add_option("model", options->model, "a .safetensors file, or its name in share/weft")
      ->required();
  command->add_option("--input", options->input, "a PNG image");
  command->add_option("--data", options->data, "NAME of NAME.x.npy and NAME.y.npy: digits, mnist");
  command->add_option("--device", options->device, kDeviceListHelp)->capture_default_str();
  command
      ->add_option("--batch", options->batch,
                   "inputs at a time; 0: an equal part for each device, at most 512")
      ->capture_default_str();
  command->add_option("--show", options->show, "draw the first images with their answers");
}

}  // namespace weft::tools
