// SPDX-License-Identifier: Apache-2.0
// Offloads C = A * B^T to a device: the smallest complete program. usage: gemm_offload [URI]
#include <weft/weft.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

template <class T>
T must(weft::Result<T> result) {
  if (!result) std::exit((std::fprintf(stderr, "%s\n", result.error().message().c_str()), 1));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

int main(int argc, char** argv) {
  const std::vector<float> a{1, 2, 3, 4, 5, 6};  // 2 x 3, row by row
  const std::vector<float> b{1, 0, 0, 0, 1, 1};  // 2 x 3: the contraction runs along the rows
  std::vector<float> c(2 * 2);

  weft::Device device = must(weft::Device::open(argc > 1 ? argv[1] : "fast:"));
  const auto fp32 = weft::spec::LoadFormat::kFp32;  // quantised to MXINT8 as the card loads it
  const weft::GemmKernel kernel =
      must(weft::gemm(device.info(), {.m = 2, .n = 2, .k = 3, .a_format = fp32, .b_format = fp32}));

  weft::Buffer a_memory = must(device.allocate(kernel.a_bytes()));
  weft::Buffer b_memory = must(device.allocate(kernel.b_bytes()));
  weft::Buffer c_memory = must(device.allocate(kernel.c_bytes()));
  must(a_memory.write(std::as_bytes(std::span(a))));
  must(b_memory.write(std::as_bytes(std::span(b))));

  weft::Launch launch{.steps = must(kernel.steps(
                          {.a = a_memory.view(), .b = b_memory.view(), .c = c_memory.view()}))};
  must(device.queue().run(launch));
  must(c_memory.read(std::as_writable_bytes(std::span(c))));
  std::printf("%g %g\n%g %g\n", c[0], c[1], c[2], c[3]);  // 1 5, then 4 11
}
