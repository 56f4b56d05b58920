// SPDX-License-Identifier: Apache-2.0
// Elements per second of the load and vector units of the functional model, one thread, everything
// in the host's caches: ./dev bench fast_units. Best of several runs.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>

#include "runtime/devices/fast/float_environment.h"
#include "runtime/devices/fast/units.h"
#include "runtime/program/asm.h"

namespace weft::fast {
namespace {

struct Case {
  const char* name;
  const char* line;
};

// 64 x 256 elements but for the last two.
constexpr Case kCases[] = {
    {"copy", "vector"},
    {"add", "vector addend=second second=1024 second_pitch=16"},
    {"multiply-add, compare, multiply-add",
     "vector multiplicand=row row=4000 addend=column column=4010 compare=max compare_with=value0"
     " multiplicand2=second second=1024 second_pitch=16 addend2=value1"},
    {"exp2", "vector function=exp2"},
    {"log2", "vector function=log2"},
    {"divide", "vector function=divide divisor=second second=1024 second_pitch=16"},
    {"sqrt", "vector function=sqrt"},
    {"sigmoid", "vector function=sigmoid"},
    {"tanh", "vector function=tanh"},
    {"gelu", "vector function=gelu"},
    {"gelu_gradient", "vector function=gelu_gradient"},
    {"row sum", "vector convert_out=discard reduce=sum reduce_dst=5000"},
    {"row argmax", "vector convert_out=discard reduce=argmax reduce_dst=5000"},
    {"column sum", "vector convert_out=discard reduce=sum reduce_axis=column reduce_dst=5000"},
    {"column max", "vector convert_out=discard reduce=max reduce_axis=column reduce_dst=5000"},
    {"softmax exp2 and sum", "vector addend=row row=4000 function=exp2 reduce=sum reduce_dst=5000"},
    {"load fp32 to A", "load target=a"},
    {"load fp32 to B", "load target=b"},
    {"load fp32 to A, transposed", "load target=a transpose=yes"},
    {"load fp32 to B, transposed", "load target=b transpose=yes"},
    {"load fp32 to A, stochastic", "load target=a rounding=stochastic seed=1"},
    {"load fp32 to B, transposed, stochastic",
     "load target=b transpose=yes rounding=stochastic seed=1"},
    {"load V to B, transposed", "load target=b transpose=yes source=v"},
    {"add, rows of 10", "vector addend=second second=1024 second_pitch=1"},
    {"row sum, rows of 10", "vector convert_out=discard reduce=sum reduce_dst=5000"},
};

std::string completed(const Case& test) {
  const std::string line = test.line;
  const bool narrow = std::string_view(test.name).ends_with("rows of 10");
  const std::string cols = narrow ? " cols=10" : " cols=256";
  const std::string pitch = narrow ? "1" : "16";
  if (line.starts_with("vector")) {
    const bool discards = line.find("discard") != line.npos;
    return line + " rows=64 src_pitch=" + pitch + cols +
           (discards ? "" : " dst=2048 dst_pitch=" + pitch);
  }
  const bool from_v = line.find("source=v") != line.npos;
  return line + " format=fp32 rows=64 cols=256 dst_pitch=4" +
         (from_v ? " src_pitch=16" : " row_stride=1024");
}

// Of this thread alone: other work on the machine does not count.
double thread_seconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void measure(const Case& test) {
  const auto image = assemble(completed(test));
  if (!image) {
    std::fprintf(stderr, "%s\n", image.error().message().c_str());
    std::exit(1);
  }
  const CommandBytes command = image->commands[0];
  Scratchpads pads(spec::kConfigs[0]);
  std::vector<float> numbers(64 * 256);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = static_cast<float>(static_cast<int>(i * 7919 % 4001) - 2000) / 500;
  }
  for (std::size_t i = 0; i < pads.v.size(); ++i) {
    std::memcpy(&pads.v[i], &numbers[i % numbers.size()], 4);
  }
  const auto memory = std::as_bytes(std::span(numbers));
  const bool loads = command[0] == static_cast<std::byte>(spec::Opcode::kLoad);
  const auto load = spec::unpack_load(command);
  const auto vector = spec::unpack_vector(command);
  const std::size_t elements = loads ? load.rows * load.cols : vector.rows * vector.cols;

  const FloatEnvironment environment;
  const auto run = [&] { loads ? run_load(load, memory, {}, pads) : run_vector(vector, {}, pads); };
  double best = 1e9;
  for (int round = 0; round < 200; ++round) {
    constexpr int kRepeats = 4;
    const double start = thread_seconds();
    for (int i = 0; i < kRepeats; ++i) run();
    best = std::min(best, (thread_seconds() - start) / kRepeats);
  }
  std::printf("%-40s %8.0f million elements/s\n", test.name,
              static_cast<double>(elements) / best / 1e6);
}

}  // namespace
}  // namespace weft::fast

int main() {
  for (const auto& test : weft::fast::kCases) weft::fast::measure(test);
}
