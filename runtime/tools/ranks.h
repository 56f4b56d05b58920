// SPDX-License-Identifier: Apache-2.0
// runtime/tools/ranks.h: the processes that `mpirun` started together, or this one alone.
//
// MPI is found when Weft is built; without it a command that mpirun started ends with kUnsupported.
// A process that is alone never touches MPI.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "weft/result.h"
#include "weft/trainer.h"

namespace weft::tools {

class Ranks {
 public:
  // Joins the processes of mpirun, if there are any.
  [[nodiscard]] static Result<Ranks> join();

  Ranks(Ranks&&) noexcept;
  Ranks& operator=(Ranks&&) noexcept;
  // Without leave() the other processes are ended too.
  ~Ranks();

  // Waits for the others and leaves in good order.
  void leave();
  // Ends all processes, this one included, with an exit code: this one failed. Returns when alone.
  void end_all(int code);

  [[nodiscard]] std::uint32_t rank() const { return exchange_.rank; }
  [[nodiscard]] std::uint32_t count() const { return exchange_.ranks; }
  // What a Trainer takes; null when alone.
  [[nodiscard]] const Exchange* exchange() const { return count() > 1 ? &exchange_ : nullptr; }
  // Whether it is true of any process.
  [[nodiscard]] Result<bool> any(bool here) const;

 private:
  struct Session;
  Ranks(Exchange exchange, std::unique_ptr<Session> session);

  Exchange exchange_;
  std::unique_ptr<Session> session_;
};

}  // namespace weft::tools
