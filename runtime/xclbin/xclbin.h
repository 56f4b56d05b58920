// SPDX-License-Identifier: Apache-2.0
// runtime/xclbin/xclbin.h: the files that make XRT's hardware emulation start an emulated card.
//
// An xclbin is a header, section headers and sections. Emulation wants five: where the kernel's
// registers are, which memory there is, which argument reaches which memory, the kernel as XML, and
// a zip archive with the program to start. docs/xrt.md has the rest.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace weft::xclbin {

struct Card {
  std::string config;      // default or small
  std::string arithmetic;  // native or rtl
  std::string program;     // weft-xrt-card, an absolute path
  unsigned engines = 1;    // at most kMostEngines
};

// The same card gives the same bytes.
[[nodiscard]] std::vector<std::byte> make_xclbin(const Card& card);

// emconfig.json: the devices emulation shows, that many cards.
[[nodiscard]] std::string make_emconfig(unsigned devices);

// xrt.ini, with what keeps the host's heap whole.
[[nodiscard]] std::string make_ini();

}  // namespace weft::xclbin
