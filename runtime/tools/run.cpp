// SPDX-License-Identifier: Apache-2.0
// weft run: classifies an image or a labelled data set with a network on a device.
//
// logits_hash is the hash of all logits (FP32, little endian, in the order of the data): equal
// hashes mean equal bytes. fp32 compares with the same network in FP32 on the host.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <vector>

#include "runtime/io/hash.h"
#include "runtime/tools/command.h"
#include "runtime/tools/drawing.h"
#include "runtime/tools/inputs.h"
#include "runtime/tools/mlp.h"
#include "runtime/tools/report.h"

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

std::optional<double> accuracy(const std::vector<std::uint32_t>& predictions, const Inputs& data) {
  if (data.labels.empty()) return {};
  std::size_t right = 0;
  for (std::size_t i = 0; i < predictions.size(); ++i) right += predictions[i] == data.labels[i];
  return static_cast<double>(right) / static_cast<double>(predictions.size());
}

// Largest difference of two logits; NaN where either is.
double largest_difference(std::span<const float> x, std::span<const float> y) {
  double largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double difference = std::abs(static_cast<double>(x[i]) - static_cast<double>(y[i]));
    if (std::isnan(difference)) return difference;
    largest = std::max(largest, difference);
  }
  return largest;
}

// Adds the launch of one batch to the report of the same layer of earlier batches.
void accumulate(std::vector<LayerReport>& total, const std::vector<LayerReport>& batch) {
  if (total.empty()) {
    total = batch;
    return;
  }
  for (std::size_t i = 0; i < total.size(); ++i) {
    total[i].m += batch[i].m;
    if (total[i].launch.cycles) *total[i].launch.cycles += *batch[i].launch.cycles;
  }
}

Result<Inference> infer_all(const Output& out, Device& device, const Mlp& network,
                            std::span<const float> inputs, std::uint32_t count,
                            std::uint32_t batch) {
  Inference all;
  const std::size_t width = network.inputs();
  out.progress("classifying", 0, count);
  for (std::uint32_t done = 0; done < count;) {
    const std::uint32_t size = std::min(batch, count - done);
    auto part = infer(device, network, inputs.subspan(done * width, size * width), size);
    if (!part) return part;
    all.logits.insert(all.logits.end(), part->logits.begin(), part->logits.end());
    accumulate(all.layers, part->layers);
    done += size;
    out.progress("classifying", done, count);
  }
  return all;
}

// Cost of each layer; adds up `cycles` where the device has a clock.
Json layers_json(const DeviceInfo& device, const Inference& inference,
                 std::optional<std::uint64_t>& cycles) {
  Json layers = Json::array();
  for (const LayerReport& layer : inference.layers) {
    std::optional<double> used;
    if (layer.launch.cycles) {
      cycles = cycles.value_or(0) + *layer.launch.cycles;
      used = utilisation(device.config, {layer.m, layer.n, layer.k}, *layer.launch.cycles);
    }
    layers.push_back({{"weight", layer.name},
                      {"m", layer.m},
                      {"n", layer.n},
                      {"k", layer.k},
                      {"cycles", optional_json(layer.launch.cycles)},
                      {"utilisation", optional_json(used)}});
  }
  return layers;
}

// Everything the command says about one run.
void report_run(const Output& out, const Options& options, const DeviceInfo& device,
                const Mlp& network, const Inputs& data, const Inference& inference,
                const std::vector<float>& reference, double seconds) {
  const auto predictions = argmax(inference.logits, network.outputs());
  const auto right = accuracy(predictions, data);
  const auto expected = argmax(reference, network.outputs());
  const double difference = largest_difference(inference.logits, reference);
  const std::string hash =
      io::hash_text(io::hash_bytes(std::as_bytes(std::span(inference.logits))));
  std::optional<std::uint64_t> cycles;
  const Json layers = layers_json(device, inference, cycles);

  for (const std::string& line : draw_images(network, data.values, predictions, data.labels,
                                             options.input.empty() ? options.show : 1)) {
    out.line(line);
  }
  if (right) {
    out.line(out.bold(
        fmt::format("accuracy {:.2f} % of {} images on {}", 100 * *right, data.count, device.uri)));
  } else {
    out.line(out.bold(fmt::format("{} is {}", options.input, network.labels[predictions[0]])));
  }
  out.line(fmt::format("  logits {}, at most {:.4g} from FP32", hash, difference));
  for (const Json& layer : layers) {
    if (layer["cycles"].is_null()) continue;
    out.line(fmt::format("  {:<16} {:>5} x {:>3} x {:>3} {:>9} cycles, utilisation {:.1f} %",
                         layer["weight"].get<std::string>(), layer["m"].get<std::uint32_t>(),
                         layer["n"].get<std::uint32_t>(), layer["k"].get<std::uint32_t>(),
                         layer["cycles"].get<std::uint64_t>(),
                         100 * layer["utilisation"].get<double>()));
  }
  if (cycles) {
    out.line(fmt::format("  {} cycles in {:.2f} s: {:.0f} simulated cycles per second", *cycles,
                         seconds, static_cast<double>(*cycles) / seconds));
  }
  Json answers = Json::array();
  for (const std::uint32_t prediction : predictions) answers.push_back(network.labels[prediction]);
  out.result({{"device", device.uri},
              {"model", options.model},
              {"count", data.count},
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
  const auto network = load_network(options.model);
  if (!network) return out.failed(network.error());
  const auto data = options.input.empty() ? load_set(options.data, *network)
                                          : load_image(options.input, *network);
  if (!data) return out.failed(data.error());
  auto device = Device::open(options.device);
  if (!device) return out.failed(device.error());

  std::vector<float> inputs = data->values;
  for (float& value : inputs) value *= network->scale;
  const std::uint32_t batch = options.batch == 0 ? data->count : options.batch;
  const auto start = std::chrono::steady_clock::now();
  const auto inference = infer_all(out, *device, *network, inputs, data->count, batch);
  if (!inference) return out.failed(inference.error());
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;

  report_run(out, options, device->info(), *network, *data, *inference,
             infer_on_host(*network, inputs, data->count), seconds.count());
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
  command->add_option("--data", options->data, "NAME of NAME.x.npy and NAME.y.npy: digits");
  command->add_option("--device", options->device, kDeviceHelp)->capture_default_str();
  command->add_option("--batch", options->batch, "inputs per launch; 0: all")
      ->capture_default_str();
  command->add_option("--show", options->show, "draw the first images with their answers");
}

}  // namespace weft::tools
