// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/checks.h"

#include <fmt/format.h>

#include <array>

#include "weft/weft.h"

namespace weft::tools {

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

void Checks::add(const std::string& name, Need need, const Result<void>& result,
                 const std::string& found) {
  const bool required = need == kRequired;
  healthy_ = healthy_ && (result || !required);
  const std::string verdict = result ? out_.green("ok") : required ? out_.red("failed") : "absent";
  const std::string more = result ? found : result.error().message();
  out_.line(fmt::format("{:<34} {}{}", name, verdict, more.empty() ? "" : " (" + more + ")"));
  list_.push_back({{"check", name},
                   {"ok", result.has_value()},
                   {"required", required},
                   {"reason", result ? Json(nullptr) : Json(more)}});
  if (!found.empty() && result) list_.back()["found"] = found;
}

Exit Checks::end() {
  out_.result({{"ok", healthy_}, {"checks", std::move(list_)}});
  return healthy_ ? Exit::kOk : Exit::kDevice;
}

}  // namespace weft::tools
