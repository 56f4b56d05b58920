// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/ranks.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#ifdef WEFT_HAVE_MPI
#include <mpi.h>
#endif

namespace weft::tools {
namespace {

// How many processes mpirun started, by what Open MPI and MPICH tell them; 1 without mpirun.
int started_processes() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}) {
    const char* value = std::getenv(name);
    if (value == nullptr) continue;
    int count = 1;
    const std::string_view text(value);
    std::from_chars(text.data(), text.data() + text.size(), count);
    return count;
  }
  return 1;
}

}  // namespace

struct Ranks::Session {
#ifdef WEFT_HAVE_MPI
  bool left = false;

  ~Session() {
    if (!left) MPI_Abort(MPI_COMM_WORLD, 1);
  }
#endif
};

Ranks::Ranks(Exchange exchange, std::unique_ptr<Session> session)
    : exchange_(std::move(exchange)), session_(std::move(session)) {}
Ranks::Ranks(Ranks&&) noexcept = default;
Ranks& Ranks::operator=(Ranks&&) noexcept = default;
Ranks::~Ranks() = default;

Result<bool> Ranks::any(bool here) const {
  if (count() == 1) return here;
  const std::array mine{std::byte{here}};
  const auto all = exchange_.all_gather(mine);
  if (!all) return tl::unexpected(all.error());
  return std::any_of(all->begin(), all->end(), [](std::byte each) { return each != std::byte{0}; });
}

#ifdef WEFT_HAVE_MPI

namespace {

Result<std::vector<std::byte>> all_gather(std::span<const std::byte> mine, int ranks) {
  if (mine.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return fail(Code::kUnsupported, "gradients of more than 2 GiB between processes");
  }
  const int bytes = static_cast<int>(mine.size());
  std::vector<std::byte> all(mine.size() * static_cast<std::size_t>(ranks));
  if (MPI_Allgather(mine.data(), bytes, MPI_BYTE, all.data(), bytes, MPI_BYTE, MPI_COMM_WORLD) !=
      MPI_SUCCESS) {
    return fail(Code::kDeviceLost, "another process of this training answers no more");
  }
  return all;
}

}  // namespace

Result<Ranks> Ranks::join() {
  if (started_processes() == 1) return Ranks({}, nullptr);
  if (MPI_Init(nullptr, nullptr) != MPI_SUCCESS) {
    return fail(Code::kUnsupported, "MPI does not start");
  }
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  int rank = 0;
  int ranks = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  Exchange exchange{
      .rank = static_cast<std::uint32_t>(rank),
      .ranks = static_cast<std::uint32_t>(ranks),
      .all_gather = [ranks](std::span<const std::byte> mine) { return all_gather(mine, ranks); }};
  return Ranks(std::move(exchange), std::make_unique<Session>());
}

void Ranks::leave() {
  if (!session_) return;
  MPI_Barrier(MPI_COMM_WORLD);
  MPI_Finalize();
  session_->left = true;
}

void Ranks::end_all(int code) {
  if (session_) MPI_Abort(MPI_COMM_WORLD, code);
}

#else

Result<Ranks> Ranks::join() {
  const int count = started_processes();
  if (count == 1) return Ranks({}, nullptr);
  return fail(Code::kUnsupported,
              "mpirun started " + std::to_string(count) +
                  " processes, but Weft was built "
                  "without MPI",
              "install libopenmpi-dev and openmpi-bin and build again, or use --micro-batches");
}

void Ranks::leave() {}

void Ranks::end_all(int) {}

#endif

}  // namespace weft::tools
