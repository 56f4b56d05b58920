// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/support.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace weft::test {
namespace {

// Simulated cards run this many times fewer random cases.
constexpr std::size_t kSimulationShare = 4;

Device open_or_exit(const std::string& uri) {
  auto device = Device::open(uri);
  if (!device) {
    std::fprintf(stderr, "%s\n", device.error().message().c_str());
    std::exit(1);
  }
  return std::move(*device);
}

}  // namespace

std::string device_uri() {
  const char* uri = std::getenv("WEFT_DEVICE");
  return uri == nullptr ? "fast:" : uri;
}

bool is_simulated() {
  return !device_uri().starts_with("fast:");
}

Device& device() {
  static Device instance = open_or_exit(device_uri());
  return instance;
}

Device& reference_device() {
  static Device instance = open_or_exit("fast:?config=" + device().info().config_name);
  return instance;
}

std::uint64_t seed() {
  const char* text = std::getenv("WEFT_SEED");
  return text == nullptr ? 1 : std::strtoull(text, nullptr, 0);
}

std::size_t cases(std::size_t count) {
  return is_simulated() ? std::max<std::size_t>(1, count / kSimulationShare) : count;
}

Result<LaunchReport> run(Device& on, const ProgramImage& image, const Scalars& scalars,
                         Memory& memory, Verify verify) {
  auto program = make_program("test", image, verify);
  if (!program) return tl::unexpected(program.error());
  std::vector<Buffer> buffers;
  Launch launch;
  Step step{.program = *program, .bindings = {}, .scalars = scalars};
  for (const auto& contents : memory) {
    auto buffer = on.allocate(std::max<std::size_t>(1, contents.size()));
    if (!buffer) return tl::unexpected(buffer.error());
    if (auto written = buffer->write(contents); !written) return tl::unexpected(written.error());
    step.bindings.push_back(buffer->view(0, contents.size()));
    buffers.push_back(std::move(*buffer));
  }
  launch.steps.push_back(std::move(step));
  auto report = on.queue().run(launch);
  for (std::size_t i = 0; i < memory.size(); ++i) {
    if (auto read = buffers[i].read(memory[i]); !read) return tl::unexpected(read.error());
  }
  return report;
}

void expect_as_oracle(const ProgramImage& image, const Memory& before, const Scalars& scalars) {
  Memory actual = before;
  const auto report = run(device(), image, scalars, actual);
  ASSERT_TRUE(report) << report.error().message();
  Memory expected = before;
  Oracle(device().info().config).run(image, scalars, expected);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_TRUE(equal_bytes(expected[i], actual[i])) << "binding " << image.bindings[i].name;
  }
}

testing::AssertionResult equal_bytes(std::span<const std::byte> expected,
                                     std::span<const std::byte> actual) {
  if (expected.size() != actual.size()) {
    return testing::AssertionFailure() << actual.size() << " bytes instead of " << expected.size();
  }
  const auto [at, other] = std::mismatch(expected.begin(), expected.end(), actual.begin());
  if (at == expected.end()) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "byte " << at - expected.begin() << " of " << expected.size() << " is "
         << std::to_integer<int>(*other) << " instead of " << std::to_integer<int>(*at);
}

std::uint8_t Draft::bind(std::string name, std::vector<std::byte> contents, Rights rights) {
  image.bindings.push_back({.name = std::move(name),
                            .size = contents.size(),
                            .rights = static_cast<std::uint32_t>(rights)});
  memory.push_back(std::move(contents));
  return static_cast<std::uint8_t>(memory.size() - 1);
}

}  // namespace weft::test
