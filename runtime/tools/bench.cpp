// SPDX-License-Identifier: Apache-2.0
// weft bench gemm: one cold launch of C[M][N] = A[M][K] * B[N][K] on random operands (seed 1), its
// cycles, and how close they come to the bound. Of the products of training, dgrad has B stored as
// [K][N], wgrad A as [K][M] too.
//
// With --repeat the launch is made again on the same device; cycles are those of the first.
// mac_per_second counts all multiplies of all repeats over the wall time of the whole process.
#include <fmt/format.h>

#include <bit>
#include <chrono>
#include <cstring>
#include <map>
#include <random>
#include <vector>

#include "runtime/io/hash.h"
#include "runtime/tools/bench_transport.h"
#include "runtime/tools/command.h"
#include "runtime/tools/report.h"
#include "weft/weft.h"

namespace weft::tools {
namespace {

const auto kProcessStart = std::chrono::steady_clock::now();

struct Options {
  std::string device = "fast:";
  std::string format = "mxint8";
  std::string product = "forward";
  std::string rounding = "nearest";
  std::uint32_t m = 512;
  std::uint32_t n = 512;
  std::uint32_t k = 512;
  std::uint32_t repeat = 1;
};

// Roughly normal numbers, the same on every machine.
std::vector<float> random_floats(std::mt19937& random, std::size_t count) {
  std::vector<float> values(count);
  for (float& value : values) {
    value = 0;
    for (int i = 0; i < 4; ++i) value += static_cast<float>(random() >> 8) * 0x1p-24f - 0.5f;
  }
  return values;
}

// A matrix of rows x depth random elements in the format a load reads. As they are random, the same
// bytes serve as one of depth x rows.
Result<std::vector<std::byte>> random_operand(std::mt19937& random, spec::LoadFormat format,
                                              std::uint32_t rows, std::uint32_t depth) {
  const std::size_t count = std::size_t{rows} * depth;
  if (format == spec::LoadFormat::kInt8) {
    std::vector<std::byte> bytes(count);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random() >> 24);
    return bytes;
  }
  const std::vector<float> values = random_floats(random, count);
  if (format == spec::LoadFormat::kMxint8) return pack_mxint8(values, rows, depth);
  if (format == spec::LoadFormat::kBf16) {
    std::vector<std::byte> bytes(2 * count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto high = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(values[i]) >> 16);
      std::memcpy(bytes.data() + 2 * i, &high, sizeof high);
    }
    return bytes;
  }
  const auto bytes = std::as_bytes(std::span(values));
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

struct Measured {
  LaunchReport first;
  std::uint64_t operand_bytes = 0;  // A, B and C once
  std::uint64_t output_hash = 0;
};

GemmShape shape_of(const Options& options, spec::LoadFormat format) {
  const bool integers = format == spec::LoadFormat::kInt8;
  const auto layout = [](bool strided) {
    return strided ? GemmLayout::kContractionStrided : GemmLayout::kContractionContiguous;
  };
  return {.m = options.m,
          .n = options.n,
          .k = options.k,
          .arithmetic = integers ? spec::Arithmetic::kInt8 : spec::Arithmetic::kMxint8,
          .a_format = format,
          .b_format = format,
          .a_layout = layout(options.product == "wgrad"),
          .b_layout = layout(options.product != "forward"),
          .rounding = options.rounding == "nearest" ? spec::Rounding::kNearest
                                                    : spec::Rounding::kStochastic};
}

Result<Measured> measure(Device& device, const Options& options, spec::LoadFormat format) {
  const auto kernel = gemm(device.info(), shape_of(options, format));
  if (!kernel) return tl::unexpected(kernel.error());

  std::mt19937 random(1);
  std::vector<Buffer> operands;
  Measured measured;
  for (const std::uint32_t rows : {options.m, options.n}) {
    const auto bytes = random_operand(random, format, rows, options.k);
    if (!bytes) return tl::unexpected(bytes.error());
    auto buffer = device.allocate(bytes->size());
    if (!buffer) return tl::unexpected(buffer.error());
    if (auto written = buffer->write(*bytes); !written) return tl::unexpected(written.error());
    measured.operand_bytes += bytes->size();
    operands.push_back(std::move(*buffer));
  }
  auto c = device.allocate(kernel->c_bytes());
  if (!c) return tl::unexpected(c.error());
  measured.operand_bytes += kernel->c_bytes();

  auto steps = kernel->steps({.a = operands[0].view(), .b = operands[1].view(), .c = c->view()});
  if (!steps) return tl::unexpected(steps.error());
  const Launch launch{.steps = std::move(*steps)};
  Queue queue = device.queue();
  for (std::uint32_t i = 0; i < options.repeat; ++i) {
    const auto report = queue.run(launch);
    if (!report) return tl::unexpected(report.error());
    if (i == 0) measured.first = *report;
  }
  std::vector<std::byte> product(kernel->c_bytes());
  if (auto read = c->read(product); !read) return tl::unexpected(read.error());
  measured.output_hash = io::hash_bytes(product);
  return measured;
}

Exit run_gemm(const Output& out, const Options& options) {
  static const std::map<std::string, spec::LoadFormat> kFormats{
      {"mxint8", spec::LoadFormat::kMxint8},
      {"int8", spec::LoadFormat::kInt8},
      {"bf16", spec::LoadFormat::kBf16},
      {"fp32", spec::LoadFormat::kFp32}};
  const auto format = kFormats.find(options.format);
  if (format == kFormats.end()) {
    return out.failed({Code::kInvalidArgument, "unknown format " + options.format,
                       "one of mxint8, int8, bf16, fp32"});
  }
  auto device = Device::open(options.device);
  if (!device) return out.failed(device.error());
  const auto measured = measure(*device, options, format->second);
  if (!measured) return out.failed(measured.error());

  const GemmSize size{options.m, options.n, options.k};
  const DeviceInfo& info = device->info();
  const double best = bound(info, size, measured->operand_bytes);
  const auto& cycles = measured->first.cycles;
  std::optional<double> used;
  if (cycles) used = utilisation(info.config, size.multiplies(), *cycles);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - kProcessStart;
  const double per_second = size.multiplies() * options.repeat / seconds.count();

  out.line(fmt::format("gemm {} x {} x {}, {}, {}, {}, on {}", size.m, size.n, size.k,
                       options.format, options.product, options.rounding, info.uri));
  if (cycles) {
    out.line(fmt::format("  {} cycles, utilisation {:.2f} % of a bound of {:.2f} %", *cycles,
                         100 * *used, 100 * best));
    const Json counters = counters_json(measured->first);
    for (const auto& [unit, states] : counters.items()) {
      std::string line = fmt::format("  {:<8}", unit);
      for (const auto& [state, count] : states.items()) {
        if (count != 0) line += fmt::format(" {} {}", state, count.get<std::uint64_t>());
      }
      out.line(line);
    }
  }
  out.line(fmt::format("  {:.4g} multiply-accumulates per second, output {}", per_second,
                       io::hash_text(measured->output_hash)));
  out.result({{"device", info.uri},
              {"m", size.m},
              {"n", size.n},
              {"k", size.k},
              {"format", options.format},
              {"product", options.product},
              {"rounding", options.rounding},
              {"repeat", options.repeat},
              {"cycles", optional_json(cycles)},
              {"utilisation", optional_json(used)},
              {"bound", best},
              {"of_bound", used ? Json(*used / best) : Json(nullptr)},
              {"mac_per_second", per_second},
              {"seconds", seconds.count()},
              {"output_hash", io::hash_text(measured->output_hash)},
              {"bytes_read", measured->first.bytes_read},
              {"bytes_written", measured->first.bytes_written},
              {"counters", counters_json(measured->first)}});
  return Exit::kOk;
}

}  // namespace

void add_bench(CLI::App& app, Choice& choice) {
  const auto options = std::make_shared<Options>();
  CLI::App* bench = app.add_subcommand("bench", "Measure a kernel or a transport");
  bench->require_subcommand(1);
  add_bench_transport(*bench, choice);
  CLI::App* command =
      add_command(*bench, choice, "gemm", "C[M][N] = A[M][K] * B[N][K], one cold launch",
                  [options](const Output& out) { return run_gemm(out, *options); });
  command->add_option("--device", options->device, kDeviceHelp)->capture_default_str();
  command->add_option("--m", options->m, "rows of A and C")->capture_default_str();
  command->add_option("--n", options->n, "rows of B, columns of C")->capture_default_str();
  command->add_option("--k", options->k, "contraction length")->capture_default_str();
  command
      ->add_option("--format", options->format,
                   "mxint8, int8, or bf16, fp32: quantised to mxint8 on load")
      ->capture_default_str();
  command
      ->add_option("--product", options->product,
                   "dgrad: B stored as [K][N]; wgrad: A as [K][M] too; from bf16 or fp32")
      ->check(CLI::IsMember({"forward", "dgrad", "wgrad"}))
      ->capture_default_str();
  command->add_option("--rounding", options->rounding, "of bf16 and fp32 to mxint8")
      ->check(CLI::IsMember({"nearest", "stochastic"}))
      ->capture_default_str();
  command->add_option("--repeat", options->repeat, "launches on the same device")
      ->check(CLI::Range(1u, 1000000u))
      ->capture_default_str();
}

}  // namespace weft::tools
