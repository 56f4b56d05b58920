// SPDX-License-Identifier: Apache-2.0
#include "runtime/xclbin/environment.h"

#include <dlfcn.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <span>
#include <string_view>
#include <system_error>

#include "runtime/io/file.h"
#include "runtime/xclbin/layout.h"
#include "runtime/xclbin/xclbin.h"

namespace weft::xclbin {

namespace fs = std::filesystem;

namespace {

constexpr const char* kLibrary = "libxrt_coreutil.so.2";
constexpr const char* kIcd = "libxilinxopencl.so.2\n";

Result<void> write_text(const fs::path& path, const std::string& text) {
  return io::write_file(path, std::as_bytes(std::span(text)));
}

// Where the loader finds XRT's libraries; nothing if they are not installed.
fs::path library_folder() {
  void* library = dlopen(kLibrary, RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) return {};
  Dl_info info{};
  const void* symbol = dlsym(library, "xrtDeviceOpen");
  fs::path folder;
  if (symbol != nullptr && dladdr(symbol, &info) != 0) {
    folder = fs::path(info.dli_fname).parent_path();
  }
  dlclose(library);
  return folder;
}

std::string user_name() {
  const passwd* entry = ::getpwuid(::getuid());
  return entry != nullptr ? entry->pw_name : std::to_string(::getuid());
}

// Other platforms have such a file too.
bool is_ours(const fs::path& config) {
  const auto bytes = io::read_file(config);
  if (!bytes) return false;
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  return text.find(kPlatform) != std::string_view::npos;
}

}  // namespace

Result<void> write_support(const fs::path& folder, unsigned devices) {
  const fs::path support = folder / "xrt";
  std::error_code error;
  fs::create_directories(support, error);
  const fs::path config = folder / "emconfig.json";
  if (fs::exists(config, error) && !is_ours(config)) {
    return fail(Code::kInvalidArgument, config.string() + " is there and not of weft pack",
                "pack into another folder (-o)");
  }
  if (auto written = write_text(config, make_emconfig(devices)); !written) {
    return written;
  }
  if (auto written = write_text(support / "xrt.ini", make_ini()); !written) return written;
  if (auto written = write_text(support / "xilinx.icd", kIcd); !written) return written;
  const fs::path libraries = library_folder();
  if (libraries.empty()) {
    return fail(Code::kNotFound, std::string("XRT is not installed: no ") + kLibrary,
                "install the package libxrt1 and pack again");
  }
  if (fs::read_symlink(support / "lib", error) == libraries) return {};
  // Under another name first: a host may be starting.
  const fs::path made = support / ("lib." + std::to_string(::getpid()));
  fs::create_directory_symlink(libraries, made, error);
  if (!error) fs::rename(made, support / "lib", error);
  if (error) {
    return fail(Code::kIoError, (support / "lib").string() + ": " + error.message());
  }
  return {};
}

Result<Variables> host_environment(const fs::path& folder, const fs::path& preload_library) {
  const fs::path support = fs::absolute(folder) / "xrt";
  std::error_code error;
  if (!fs::exists(support / "xrt.ini", error) || !fs::exists(support / "lib", error)) {
    return fail(Code::kNotFound, support.string() + " is not complete",
                "install the package libxrt1 and run weft pack");
  }
  Variables variables{{"XCL_EMULATION_MODE", "hw_emu"},
                      {"XILINX_XRT", support.string()},
                      {"XRT_INI_PATH", (support / "xrt.ini").string()},
                      {"EMCONFIG_PATH", support.parent_path().string()},
                      {"OCL_ICD_VENDORS", support.string()}};
  std::string preload = preload_library.string();
  if (preload.find_first_of(" :") != std::string::npos) {
    return fail(Code::kUnsupported,
                preload + " cannot be preloaded: a space or colon is in its path",
                "install Weft in a folder without");
  }
  if (const char* others = std::getenv("LD_PRELOAD"); others != nullptr && *others != '\0') {
    preload += std::string(":") + others;
  }
  variables.emplace_back("LD_PRELOAD", preload);
  const char* user = std::getenv("USER");
  if (user == nullptr || *user == '\0') variables.emplace_back("USER", user_name());
  return variables;
}

}  // namespace weft::xclbin
