// SPDX-License-Identifier: Apache-2.0
// weft doctor: whether this installation works: every device opens and computes one product right,
// and the data the examples name is there.
#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "runtime/tools/command.h"
#include "runtime/tools/paths.h"
#include "weft/weft.h"

namespace weft::tools {
namespace {

// Ones of 3 x 40 times ones of 5 x 40, as int8: fifteen times 40.
Result<void> check_device(const std::string& uri) {
  constexpr GemmShape kShape{.m = 3,
                             .n = 5,
                             .k = 40,
                             .arithmetic = spec::Arithmetic::kInt8,
                             .a_format = spec::LoadFormat::kInt8,
                             .b_format = spec::LoadFormat::kInt8};
  auto device = Device::open(uri);
  if (!device) return tl::unexpected(device.error());
  const auto kernel = gemm(device->info(), kShape);
  if (!kernel) return tl::unexpected(kernel.error());
  auto a = device->allocate(kernel->a_bytes());
  auto b = device->allocate(kernel->b_bytes());
  auto c = device->allocate(kernel->c_bytes());
  for (const auto* buffer : {&a, &b, &c}) {
    if (!*buffer) return tl::unexpected(buffer->error());
  }
  for (auto* buffer : {&a, &b}) {
    if (auto filled = (*buffer)->fill(std::byte{1}); !filled) return filled;
  }
  auto steps = kernel->steps({.a = a->view(), .b = b->view(), .c = c->view()});
  if (!steps) return tl::unexpected(steps.error());
  if (auto report = device->queue().run({.steps = std::move(*steps)}); !report) {
    return tl::unexpected(report.error());
  }
  std::array<std::int32_t, 15> product{};
  if (auto read = c->read(std::as_writable_bytes(std::span(product))); !read) return read;
  for (const std::int32_t element : product) {
    if (element != 40) return fail(Code::kDeviceLost, uri + " multiplies wrongly");
  }
  return {};
}

Exit run_doctor(const Output& out) {
  bool healthy = true;
  Json checks = Json::array();
  const auto report = [&](const std::string& name, bool required, const Result<void>& result) {
    healthy = healthy && (result || !required);
    const std::string verdict = result ? out.green("ok") : required ? out.red("failed") : "absent";
    out.line(fmt::format("{:<34} {}{}", name, verdict,
                         result ? "" : " (" + result.error().message() + ")"));
    checks.push_back({{"check", name},
                      {"ok", result.has_value()},
                      {"required", required},
                      {"reason", result ? Json(nullptr) : Json(result.error().message())}});
  };
  for (const spec::Config& config : spec::kConfigs) {
    const std::string fast = fmt::format("fast:?config={}", config.name);
    report(fast, true, check_device(fast));
  }
  for (const spec::Config& config : spec::kConfigs) {
    for (const char* arithmetic : {"native", "rtl"}) {
      const std::string uri = fmt::format("sim:?config={}&arith={}", config.name, arithmetic);
      const auto result = check_device(uri);
      // A card that was not built is absent; one that was built must work.
      report(uri, !result && result.error().code != Code::kNotFound, result);
    }
  }
  for (const char* file : {"digits.safetensors", "digits.x.npy", "digits.y.npy"}) {
    const auto found = find_data(file);
    report(file, true, found ? Result<void>{} : Result<void>(tl::unexpected(found.error())));
  }
  out.result({{"ok", healthy}, {"checks", std::move(checks)}});
  return healthy ? Exit::kOk : Exit::kDevice;
}

}  // namespace

void add_doctor(CLI::App& app, Choice& choice) {
  (void)add_command(app, choice, "doctor", "Check that this installation works", run_doctor);
}

}  // namespace weft::tools
