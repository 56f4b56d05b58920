// SPDX-License-Identifier: Apache-2.0
#include "sim/xrt/card_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace weft::xrt {
namespace {

constexpr std::uint64_t kPage = 4096;

}  // namespace

CardMemory::CardMemory(std::uint64_t base, std::uint64_t bytes)
    : base_(base), bytes_(bytes), file_(::memfd_create("weft-card", MFD_CLOEXEC)) {
  if (file_ < 0 || ::ftruncate(file_, static_cast<off_t>(bytes)) != 0) {
    throw std::system_error(errno, std::generic_category(), "memory of the card");
  }
}

CardMemory::~CardMemory() {
  ::close(file_);
}

bool CardMemory::contains(std::uint64_t address, std::uint64_t bytes) const {
  return address >= base_ && address - base_ <= bytes_ && bytes <= bytes_ - (address - base_);
}

// Through the file and not a mapping: reading a hole of a mapping would fill it.
bool CardMemory::write(std::uint64_t address, std::span<const std::uint8_t> from) {
  if (!contains(address, from.size())) return false;
  auto at = static_cast<off_t>(address - base_);
  while (!from.empty()) {
    const ssize_t done = ::pwrite(file_, from.data(), from.size(), at);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    at += done;
    from = from.subspan(static_cast<std::size_t>(done));
  }
  return true;
}

bool CardMemory::read(std::uint64_t address, std::span<std::uint8_t> to) const {
  if (!contains(address, to.size())) return false;
  auto at = static_cast<off_t>(address - base_);
  while (!to.empty()) {
    const ssize_t done = ::pread(file_, to.data(), to.size(), at);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    at += done;
    to = to.subspan(static_cast<std::size_t>(done));
  }
  return true;
}

void CardMemory::give_back(std::uint64_t address, std::uint64_t bytes) {
  if (!contains(address, bytes)) return;
  const std::uint64_t begin = (address - base_ + kPage - 1) / kPage * kPage;
  const std::uint64_t end = (address - base_ + bytes) / kPage * kPage;
  if (begin >= end) return;
  (void)::fallocate(file_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(begin),
                    static_cast<off_t>(end - begin));
}

std::uint8_t* CardMemory::map(std::uint64_t address, std::uint64_t bytes) {
  if (!contains(address, bytes)) return nullptr;
  void* at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, file_,
                    static_cast<off_t>(address - base_));
  return at == MAP_FAILED ? nullptr : static_cast<std::uint8_t*>(at);
}

}  // namespace weft::xrt
