// SPDX-License-Identifier: Apache-2.0
// Launches for tests of bundles: a gemm whose result a second step scales, recorded on `fast:`.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/bundle/bundle.h"
#include "runtime/bundle/recorder.h"
#include "runtime/io/file.h"
#include "weft/weft.h"

namespace weft::test {

// The value of a Result; ends the test if it has none.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// A name in the temporary folder that is this process's own.
inline std::filesystem::path temporary_path(const std::string& name) {
  return std::filesystem::path(testing::TempDir()) /
         ("weft_" + std::to_string(::getpid()) + "_" + name);
}

inline Buffer upload(Device& device, const std::vector<float>& values) {
  Buffer buffer = must(device.allocate(values.size() * sizeof(float)));
  must(buffer.write(std::as_bytes(std::span(values))));
  return buffer;
}

// Scales rows x 16 FP32 elements by 2 on their way from `from` to `to`.
inline Program scale_program(std::uint16_t rows) {
  ProgramBuilder builder("scale");
  const auto from = builder.bind("from", 64u * rows, Rights::kRead);
  const auto to = builder.bind("to", 64u * rows, Rights::kWrite);
  builder.append(spec::Load{.target = spec::Target::kV,
                            .binding = from,
                            .format = spec::LoadFormat::kFp32,
                            .rows = rows,
                            .cols = 16,
                            .row_stride = 64,
                            .dst_pitch = 1});
  builder.append(spec::Vector{.after_load = 1,
                              .multiplicand = spec::Operand::kValue0,
                              .rows = rows,
                              .cols = 16,
                              .src_pitch = 1,
                              .dst_pitch = 1,
                              .value0 = 0x40000000u});
  builder.append(spec::Store{.after_vector = 1,
                             .format = spec::StoreFormat::kWord32,
                             .binding = to,
                             .rows = rows,
                             .cols = 16,
                             .row_stride = 64,
                             .src_pitch = 1});
  return must(std::move(builder).finalise());
}

inline constexpr std::uint32_t kRows = 20;
inline constexpr std::uint32_t kDepth = 70;

// Runs C = A * B^T (20 x 16, K = 70, from FP32), then D = 2 C, in one launch. `a_7_3` replaces one
// element of A.
inline void run_sample(Device& device, float a_7_3 = 1.0f) {
  std::vector<float> a(kRows * kDepth, 1.0f);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>(i % 13) - 6.0f;
  a[7 * kDepth + 3] = a_7_3;
  std::vector<float> b(16 * kDepth);
  for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<float>(i % 7) - 3.0f;
  const GemmKernel kernel = must(gemm(device.info(), {.m = kRows,
                                                      .n = 16,
                                                      .k = kDepth,
                                                      .a_format = spec::LoadFormat::kFp32,
                                                      .b_format = spec::LoadFormat::kFp32}));
  const Buffer a_memory = upload(device, a);
  const Buffer b_memory = upload(device, b);
  const Buffer c_memory = must(device.allocate(kernel.c_bytes()));
  const Buffer d_memory = must(device.allocate(kernel.c_bytes()));
  Launch launch{.steps = must(kernel.steps(
                    {.a = a_memory.view(), .b = b_memory.view(), .c = c_memory.view()}))};
  launch.steps.push_back(
      {.program = scale_program(kRows), .bindings = {c_memory.view(), d_memory.view()}});
  must(device.queue().run(launch));
}

// The recording of run() on a device at `uri`.
template <class Run>
bundle::Bundle record(const std::string& uri, Run run) {
  const auto path = temporary_path("record.weft");
  core::set_launch_observer(std::make_shared<bundle::Recorder>(path));
  {
    Device device = must(Device::open(uri));
    run(device);
  }
  core::set_launch_observer(nullptr);
  const auto bytes = must(io::read_file(path));
  std::filesystem::remove(path);
  return must(bundle::parse_bundle(bytes, "recording"));
}

inline bundle::Bundle sample_bundle(float a_7_3 = 1.0f) {
  return record("fast:", [a_7_3](Device& device) { run_sample(device, a_7_3); });
}

}  // namespace weft::test
