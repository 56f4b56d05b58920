// SPDX-License-Identifier: Apache-2.0
// weft doctor xrt: whether devices xrt:N and opencl:N work here, and why if not.
//
// What the command had to set in its own environment is shown as such; a program of yours needs the
// same, from `weft xrt -- PROGRAM` (docs/xrt-host.md).
#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "runtime/core/library_folders.h"
#include "runtime/devices/xilinx/environment.h"
#include "runtime/io/file.h"
#include "runtime/io/hash.h"
#include "runtime/tools/checks.h"
#include "runtime/tools/restart.h"

namespace weft::tools {
namespace {

namespace fs = std::filesystem;

// Whether the transport was built, and what it needs can be loaded.
Result<void> check_transport(const std::string& scheme) {
  const std::string name = fmt::format("libweft_{}.so", scheme);
  const auto path = core::find_library(name);
  if (!path) {
    return fail(Code::kUnsupported, fmt::format("{} was not built", name),
                scheme == "xrt" ? "install libxrt-dev and build again"
                                : "install ocl-icd-opencl-dev and build again");
  }
  if (dlopen(path->c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) != nullptr) return {};
  return fail(Code::kUnsupported, dlerror(),
              scheme == "xrt" ? "install libxrt1" : "install ocl-icd-libopencl1");
}

std::string of_variable(const std::string& name, const std::string& value) {
  const auto set = variables_set_by_restart();
  const bool ours = std::find(set.begin(), set.end(), name) != set.end();
  return value + (ours ? ", set by weft" : "");
}

void check_variable(Checks& checks, const std::string& name, Checks::Need need) {
  const char* value = std::getenv(name.c_str());
  const bool set = value != nullptr && *value != '\0';
  checks.add(name, need, set ? Result<void>{} : fail(Code::kNotFound, "not set"),
             set ? of_variable(name, value) : "");
}

// Only one xrt.ini is read, so one that lies where XRT would look for it is not.
void note_hidden_ini(Checks& checks) {
  std::error_code error;
  const fs::path beside = fs::read_symlink("/proc/self/exe", error).parent_path() / "xrt.ini";
  for (const fs::path& path : {beside, fs::current_path(error) / "xrt.ini"}) {
    if (!fs::exists(path, error)) continue;
    checks.add("xrt.ini", Checks::kOptional,
               fail(Code::kNotFound, path.string() + " is not read: XRT_INI_PATH comes first",
                    "copy its keys to the file XRT_INI_PATH names"));
  }
}

// The build of libxrt_hwemu that goes on with a buffer that realloc() gave up: Debian's
// 202210.2.13.466+dfsg-8 on amd64.
constexpr std::uint64_t kDefectBuild = 0x33535a44c8ec2a08u;

void check_shim(Checks& checks, const fs::path& library) {
  const auto bytes = io::read_file(library);
  const bool known = bytes && io::hash_bytes(*bytes) == kDefectBuild;
  checks.add("libxrt_hwemu", Checks::kRequired,
             bytes ? Result<void>{} : Result<void>(tl::unexpected(bytes.error())),
             known
                 ? "loses its buffer when that grows; the pad in xrt.ini keeps it from growing"
                 : "not a build that is known to lose its buffer; the pad in xrt.ini is harmless");
}

}  // namespace

Exit run_doctor_xrt(const Output& out) {
  Checks checks(out);
  checks.add("transport xrt:", Checks::kRequired, check_transport("xrt"));
  checks.add("transport opencl:", Checks::kRequired, check_transport("opencl"));
  const auto options = xilinx::parse(core::Uri::parse("xrt:0").value());
  checks.add("xclbin", Checks::kRequired,
             options ? Result<void>{} : Result<void>(tl::unexpected(options.error())),
             options ? options->xclbin.string() : "");
  if (!options) return checks.end();

  for (const xilinx::EnvironmentCheck& check : xilinx::check_environment(*options)) {
    checks.add(check.variable, Checks::kRequired,
               check.problem.empty() ? Result<void>{} : fail(Code::kUnsupported, check.problem),
               of_variable(check.variable, check.value));
  }
  check_variable(checks, "OCL_ICD_VENDORS", Checks::kOptional);
  if (options->target == xilinx::Target::kEmulation) {
    check_variable(checks, "EMCONFIG_PATH", Checks::kOptional);
    check_variable(checks, "LD_PRELOAD", Checks::kOptional);
    note_hidden_ini(checks);
    if (const char* root = std::getenv("XILINX_XRT")) {
      check_shim(checks, fs::path(root) / "lib/libxrt_hwemu.so.2");
    }
  }
  for (const char* uri : {"xrt:0", "opencl:0"}) {
    checks.add(uri, Checks::kRequired, check_device(uri));
  }
  return checks.end();
}

}  // namespace weft::tools
