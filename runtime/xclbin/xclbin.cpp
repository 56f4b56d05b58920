// SPDX-License-Identifier: Apache-2.0
#include "runtime/xclbin/xclbin.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/io/hash.h"
#include "runtime/xclbin/bytes.h"
#include "runtime/xclbin/layout.h"
#include "runtime/xclbin/zip.h"
#include "weft/spec.h"
#include "weft/weft_regs.h"

namespace weft::xclbin {
namespace {

// Values of xclbin.h of XRT.
enum SectionKind : std::uint32_t {
  kBitstream = 0,
  kEmbeddedMetadata = 2,
  kMemTopology = 6,
  kConnectivity = 7,
  kIpLayout = 8,
};
constexpr std::uint64_t kHwEmu = 4;
constexpr std::uint64_t kMemDdr4 = 1;
constexpr std::uint64_t kIpKernel = 1;
constexpr std::uint64_t kInterruptEnable = 1;
constexpr std::size_t kHeaderBytes = 456;
constexpr std::size_t kSectionHeaderBytes = 40;

struct Section {
  SectionKind kind;
  std::string_view name;
  std::vector<std::byte> bytes;
};

std::vector<std::byte> memory_topology(unsigned engines) {
  Bytes to;
  to.number(engines, 8);  // count, and padding
  for (unsigned engine = 1; engine <= engines; ++engine) {
    to.number(kMemDdr4, 1);
    to.number(1, 7);  // used, and padding
    to.number(kBankBytes >> 10, 8);
    to.number(bank_base(engine), 8);
    to.padded(bank_name(engine), 16);
  }
  return std::move(to.all());
}

std::vector<std::byte> ip_layout(unsigned engines) {
  Bytes to;
  to.number(engines, 8);
  for (unsigned engine = 1; engine <= engines; ++engine) {
    to.number(kIpKernel, 4);
    to.number(kInterruptEnable, 4);  // its control protocol, AP_CTRL_HS, is 0
    to.number(unit_base(engine), 8);
    to.padded(fmt::format("{}:{}", kKernelName, unit_name(engine)), 64);
  }
  return std::move(to.all());
}

// Argument 0 of each unit reaches the bank of its position.
std::vector<std::byte> connectivity(unsigned engines) {
  Bytes to;
  to.number(engines, 4);
  for (unsigned at = 0; at < engines; ++at) {
    to.number(0, 4);
    to.number(at, 4);
    to.number(at, 4);
  }
  return std::move(to.all());
}

std::string instances(unsigned engines) {
  std::string text;
  for (unsigned engine = 1; engine <= engines; ++engine) {
    text += fmt::format(R"(          <instance name="{}">
            <addrRemap base="0x{:x}" range="0x{:x}" port="s_axi_control"/>
          </instance>
)",
                        unit_name(engine), unit_base(engine), kUnitRange);
  }
  return text;
}

std::vector<std::byte> metadata(unsigned engines) {
  Bytes to;
  to.text(fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?>
<project name="{0}">
  <platform vendor="weft" boardid="emulation" name="{1}" featureRomTime="0">
    <version major="1" minor="0"/>
    <description/>
    <device name="fpga0" fpgaDevice="virtexuplus:xcu50:fsvh2104:-2:e" addrWidth="0">
      <core name="OCL_REGION_0" target="hw_em" type="clc_region" clockFreq="0MHz"
            numComputeUnits="{6}">
        <kernelClocks>
          <clock port="KERNEL_CLK" frequency="300.0MHz"/>
          <clock port="DATA_CLK" frequency="300.0MHz"/>
        </kernelClocks>
        <kernel name="{0}" language="ip_c" attributes="" hash=""
                preferredWorkGroupSizeMultiple="1" workGroupSize="1" interrupt="true"
                hwControlProtocol="ap_ctrl_hs">
          <port name="m_axi_arena" mode="master" range="0xFFFFFFFFFFFFFFFF" dataWidth="512"
                portType="addressable" base="0x0"/>
          <port name="s_axi_control" mode="slave" range="0x{2:x}" dataWidth="32"
                portType="addressable" base="0x0"/>
          <arg name="arena" addressQualifier="1" id="0" port="m_axi_arena" size="0x8"
               offset="0x{3:x}" hostOffset="0x0" hostSize="0x8" type="void*" memSize="0x1000"/>
          <arg name="launch" addressQualifier="0" id="1" port="s_axi_control" size="0x8"
               offset="0x{4:x}" hostOffset="0x0" hostSize="0x8" type="ulong"/>
          <compileWorkGroupSize x="1" y="1" z="1"/>
          <maxWorkGroupSize x="1" y="1" z="1"/>
{5}        </kernel>
      </core>
    </device>
  </platform>
</project>
)",
      kKernelName, kPlatform, kUnitRange, offsetof(weft_regs_t, arena_lo),
      offsetof(weft_regs_t, record_lo), instances(engines), engines));
  return std::move(to.all());
}

// XRT would wait for five minutes for a program that does not start. The host is ended instead.
std::string start_script(const Card& card) {
  return fmt::format(R"(#!/bin/sh
# Weft card, configuration {0}, arithmetic {1}, engines {4}, spec {2:016x}.
card=${{WEFT_XRT_CARD:-'{3}'}}
unset LD_PRELOAD
"$card" --check && exec "$card" --config {0} --arith {1} --engines {4}
echo "weft: no card program at $card: pack the xclbin again, or name it in WEFT_XRT_CARD" >&2
[ "${{EMULATION_SOCKETID##*_}}" = "$PPID" ] && kill -TERM "$PPID"
exit 127
)",
                     card.config, card.arithmetic, spec::kSpecHash, card.program, card.engines);
}

std::vector<std::byte> archive(const Card& card) {
  const std::array<ZipFile, 1> files{
      ZipFile{"behav_waveform/xsim/simulate.sh", start_script(card), true}};
  return make_zip(files);
}

void header(Bytes& to, std::uint64_t length, std::uint64_t hash, std::size_t sections) {
  to.padded("xclbin2", 8);
  to.number(~std::uint64_t{0}, 4);  // no signature
  to.fill(std::byte{0xff}, 28);
  to.fill(std::byte{0}, 256);  // key block
  to.number(hash, 8);          // unique identity
  to.number(length, 8);
  to.number(0, 8);  // time stamp
  to.number(0, 8);  // time stamp of the feature ROM
  to.number(0, 2);  // version
  to.number(2, 1);
  to.number(13, 1);
  to.number(kHwEmu, 2);
  to.number(0, 2);           // actions
  to.number(0, 16);          // feature ROM
  to.padded(kPlatform, 64);  // vendor, board, name, version
  to.number(hash, 8);        // uuid
  to.number(~hash, 8);
  to.number(0, 16);  // debug file
  to.number(sections, 8);
}

}  // namespace

std::vector<std::byte> make_xclbin(const Card& card) {
  const std::array<Section, 5> sections{
      Section{kBitstream, "bitstream", archive(card)},
      Section{kMemTopology, "mem_topology", memory_topology(card.engines)},
      Section{kIpLayout, "ip_layout", ip_layout(card.engines)},
      Section{kConnectivity, "connectivity", connectivity(card.engines)},
      Section{kEmbeddedMetadata, "metadata", metadata(card.engines)},
  };
  Bytes directory;
  Bytes contents;
  const std::size_t start = kHeaderBytes + sections.size() * kSectionHeaderBytes;
  std::uint64_t hash = io::kHashStart;
  for (const Section& section : sections) {
    contents.align(8);
    directory.number(section.kind, 4);
    directory.padded(section.name, 16);
    directory.number(0, 4);  // alignment of what follows
    directory.number(start + contents.size(), 8);
    directory.number(section.bytes.size(), 8);
    contents.append(section.bytes);
    hash = io::hash_bytes(section.bytes, hash);
  }
  Bytes file;
  header(file, start + contents.size(), hash, sections.size());
  file.append(directory.all());
  file.append(contents.all());
  return std::move(file.all());
}

std::string make_emconfig(unsigned devices) {
  return fmt::format(R"({{
  "Version": {{"FileVersion": "2.0", "ToolVersion": "2022.1"}},
  "Platform": {{
    "Boards": [
      {{
        "Devices": [
          {{
            "Name": "{}",
            "HwVersion": "1.0",
            "NumDevices": "{}",
            "DdrBanks": [{{"Name": "{}", "Type": "ddr4", "Size": "{}GB"}}],
            "FeatureRom": {{"Feature_Bitmap": "0"}}
          }}
        ]
      }}
    ]
  }}
}}
)",
                     kPlatform, devices, bank_name(1), kBankBytes >> 30);
}

std::string make_ini() {
  constexpr std::size_t kPacketBytes = std::size_t{1} << 20;
  constexpr std::size_t kFieldBytes = 4096;  // more than the other fields of a message
  return fmt::format(
      "; Written by `weft pack`. XRT sends the keys of [Debug] in its first message. `pad` makes\n"
      "; that the largest of all: Debian's libxrt_hwemu loses its buffer when it has to enlarge "
      "it.\n"
      "[Emulation]\npacket_size={}\nprint_infos_in_console=false\nsuppress_infos=true\nkeep_run_"
      "dir=false\n"
      "[Debug]\npad={}\n",
      kPacketBytes, std::string(kPacketBytes + kFieldBytes, 'x'));
}

}  // namespace weft::xclbin
