// SPDX-License-Identifier: Apache-2.0
#include "runtime/bundle/locate.h"

#include <algorithm>

#include "runtime/program/asm.h"

namespace weft::bundle {

std::optional<Located> first_differing_command(const RecordedLaunch& launch, const LaunchReport& p,
                                               const LaunchReport& q) {
  const auto [x, y] =
      std::mismatch(p.digests.begin(), p.digests.end(), q.digests.begin(), q.digests.end());
  if (x == p.digests.end() && y == q.digests.end()) return std::nullopt;
  // A command that wrote nothing on one side is missing there: the earlier of the two differs.
  const auto place = [](const CommandDigest& digest) {
    return std::pair(digest.step, digest.command);
  };
  const bool left = y == q.digests.end() || (x != p.digests.end() && place(*x) <= place(*y));
  const CommandDigest& first = left ? *x : *y;
  const ProgramImage& image = launch.steps.at(first.step).image;
  return Located{first.step, first.command,
                 disassemble_command(image.commands.at(first.command), image)};
}

std::string with_digests(const std::string& uri) {
  return uri + (uri.find('?') == std::string::npos ? "?" : "&") + "digests=1";
}

}  // namespace weft::bundle
