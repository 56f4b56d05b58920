// SPDX-License-Identifier: Apache-2.0
#include "runtime/devices/fast/fast_transport.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "runtime/devices/fast/card.h"
#include "runtime/devices/fast/simd.h"

namespace weft::fast {
namespace {

constexpr std::uint64_t kMebibyte = 1u << 20;
constexpr std::uint64_t kDefaultMebibytes = 1024;
constexpr std::uint64_t kMostMebibytes = 65536;

// Zeroed memory of the host that is taken only where it is touched.
class Mapping {
 public:
  explicit Mapping(std::uint64_t bytes)
      : bytes_(bytes),
        start_(mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {
    // Large pages where the host has them; without, only slower.
    if (valid()) madvise(start_, bytes, MADV_HUGEPAGE);
  }
  Mapping(Mapping&& other) noexcept
      : bytes_(other.bytes_), start_(std::exchange(other.start_, MAP_FAILED)) {}
  Mapping& operator=(Mapping&&) = delete;
  ~Mapping() {
    if (valid()) munmap(start_, bytes_);
  }

  [[nodiscard]] bool valid() const { return start_ != MAP_FAILED; }
  [[nodiscard]] std::span<std::byte> bytes() const {
    return {static_cast<std::byte*>(start_), bytes_};
  }

 private:
  std::uint64_t bytes_;
  void* start_;
};

class FastTransport : public core::Transport {
 public:
  FastTransport(const spec::Config& config, Mapping memory, bool digests)
      : memory_(std::move(memory)), card_(config, memory_.bytes()) {
    if (digests) card_.keep_digests();
  }

  [[nodiscard]] std::uint64_t arena_bytes() const override { return memory_.bytes().size(); }

  [[nodiscard]] Result<void> write(std::uint64_t offset, std::span<const std::byte> from) override {
    if (!from.empty()) std::memcpy(memory_.bytes().data() + offset, from.data(), from.size());
    return {};
  }

  [[nodiscard]] Result<void> read(std::uint64_t offset, std::span<std::byte> to) override {
    if (!to.empty()) std::memcpy(to.data(), memory_.bytes().data() + offset, to.size());
    return {};
  }

  [[nodiscard]] Result<void> start(std::uint64_t record_offset) override {
    return card_.launch(record_offset);
  }

  [[nodiscard]] Result<void> wait(std::chrono::milliseconds /*bound*/) override { return {}; }

  [[nodiscard]] std::optional<std::uint64_t> cycles() const override { return std::nullopt; }

  [[nodiscard]] core::Digests digests() const override { return card_.digests(); }

 private:
  Mapping memory_;
  Card card_;
};

}  // namespace

Result<std::unique_ptr<core::Transport>> open(core::Uri uri) {
  std::array<std::string_view, spec::kConfigs.size()> names;
  std::transform(spec::kConfigs.begin(), spec::kConfigs.end(), names.begin(),
                 [](const spec::Config& config) { return config.name; });
  const auto name = uri.take_one_of("config", names);
  if (!name) return tl::unexpected(name.error());
  const auto mebibytes = uri.take_number("memory", kDefaultMebibytes, 1, kMostMebibytes);
  if (!mebibytes) return tl::unexpected(mebibytes.error());
  const auto digests = uri.take_number("digests", 0, 0, 1);
  if (!digests) return tl::unexpected(digests.error());
  if (auto finished = uri.finish(); !finished) return tl::unexpected(finished.error());
  if (!simd_supported()) {
    return fail(Code::kUnsupported, "fast: needs a processor with AVX2 and FMA",
                "run on such a machine, or use sim:");
  }
  Mapping memory(*mebibytes * kMebibyte);
  if (!memory.valid()) {
    return fail(Code::kOutOfMemory,
                fmt::format("this host has no {} MiB for `{}`", *mebibytes, uri.text()),
                "ask for less with memory=<MiB>");
  }
  const auto config = std::find_if(spec::kConfigs.begin(), spec::kConfigs.end(),
                                   [&](const spec::Config& each) { return each.name == *name; });
  return std::make_unique<FastTransport>(*config, std::move(memory), *digests != 0);
}

}  // namespace weft::fast
