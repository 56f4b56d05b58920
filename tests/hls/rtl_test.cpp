// SPDX-License-Identifier: Apache-2.0
// The RTL of every function of hls/ against its source: all lanes busy in all cycles, each result
// expected exactly `latency` cycles after its operands. Built twice: with the generated pipelines,
// and with WEFT_NATIVE, where the same wrappers call the host.
//
// With the environment variable WEFT_HLS_COUNTS, writes vectors and mismatches per function there.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "Vweft_hls_bench.h"
#include "vectors.h"

namespace weft::hls::test {
namespace {

constexpr unsigned kLanes = 16;
constexpr std::uint64_t kVectors = WEFT_HLS_VECTORS;  // per function

struct Interface {
  std::string name;
  unsigned latency;
};

std::vector<Interface> interfaces() {
  std::ifstream file(WEFT_HLS_INTERFACES);
  std::vector<Interface> result;
  for (const auto& entry : nlohmann::json::parse(file)) {
    result.push_back({entry["name"], entry["latency"]});
  }
  return result;
}

// One function in the bench: what it was given, and what of that is still in flight.
struct Channel {
  const Function* function;
  unsigned latency;
  std::vector<std::array<Operands, kLanes>> flight;  // a ring of `latency` cycles
  std::uint64_t checked = 0;
  std::uint64_t mismatches = 0;
};

std::vector<Channel> channels() {
  std::vector<Channel> result;
  for (const Interface& interface : interfaces()) {
    for (const Function& function : functions()) {
      if (interface.name == function.name) {
        result.push_back({&function, interface.latency,
                          std::vector<std::array<Operands, kLanes>>(interface.latency)});
      }
    }
  }
  return result;
}

void write_counts(const std::vector<Channel>& all) {
  const char* path = std::getenv("WEFT_HLS_COUNTS");
  if (path == nullptr) return;
  nlohmann::json counts;
  for (const Channel& channel : all) {
    counts[channel.function->name] = {{"vectors", channel.checked},
                                      {"mismatches", channel.mismatches}};
  }
  std::ofstream(path) << counts << '\n';
}

TEST(WEFT_HLS_SUITE, EveryResultEqualsTheSourceAfterTheLatency) {
  std::vector<Channel> all = channels();
  ASSERT_EQ(all.size(), interfaces().size()) << "a function has no vectors in vectors.cpp";
  ASSERT_EQ(all.size(), functions().size());

  VerilatedContext context;
  const auto bench = std::make_unique<Vweft_hls_bench>(&context);
  bench->clk_i = 0;
  bench->eval();
  Random random(2);
  const std::uint64_t cycles = kVectors / kLanes;
  for (std::uint64_t cycle = 0; cycle < cycles + 16; ++cycle) {
    for (std::size_t f = 0; f < all.size(); ++f) {
      Channel& channel = all[f];
      auto& oldest = channel.flight[cycle % channel.latency];
      for (unsigned lane = 0; lane < kLanes; ++lane) {
        if (cycle >= channel.latency && channel.checked < kVectors) {
          const std::uint32_t expected = channel.function->source(oldest[lane]);
          const std::uint32_t found = bench->result_o[f][lane];
          ++channel.checked;
          channel.mismatches += found != expected;
          EXPECT_TRUE(found == expected || channel.mismatches > 3)
              << std::hex << channel.function->name << " lane " << lane << " of "
              << testing::PrintToString(oldest[lane]) << " gives " << found << ", not " << expected;
        }
        oldest[lane] = channel.function->vector(random, cycle * kLanes + lane);
        for (unsigned p = 0; p < kMaxParameters; ++p) {
          bench->operand_i[f][p][lane] = oldest[lane][p];
        }
      }
    }
    bench->clk_i = 1;
    bench->eval();
    bench->clk_i = 0;
    bench->eval();
  }
  for (const Channel& channel : all) {
    EXPECT_EQ(channel.mismatches, 0u) << channel.function->name;
    EXPECT_EQ(channel.checked, kVectors) << channel.function->name;
  }
  write_counts(all);
}

}  // namespace
}  // namespace weft::hls::test
