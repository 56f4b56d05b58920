// SPDX-License-Identifier: Apache-2.0
// xrt:N and opencl:N before XRT is loaded: URIs, xclbins, the environment. Needs no XRT.
#include "runtime/devices/xilinx/options.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "runtime/devices/xilinx/environment.h"
#include "weft/device.h"

namespace weft::xilinx {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHeaderBytes = 496;
constexpr char kFlat = 0;
constexpr char kHwEmu = 4;
constexpr char kSwEmu = 5;

// Variables of this process, as they were afterwards.
class Variables {
 public:
  void set(const char* name, const std::string& value) {
    keep(name);
    ::setenv(name, value.c_str(), 1);
  }
  void clear(const char* name) {
    keep(name);
    ::unsetenv(name);
  }
  ~Variables() {
    for (const auto& [name, value] : before_) {
      if (value.first) {
        ::setenv(name.c_str(), value.second.c_str(), 1);
      } else {
        ::unsetenv(name.c_str());
      }
    }
  }

 private:
  void keep(const char* name) {
    const char* value = std::getenv(name);
    before_.try_emplace(name, value != nullptr, value != nullptr ? value : "");
  }
  std::map<std::string, std::pair<bool, std::string>> before_;
};

class XilinxOptions : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "weft-xrt-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    for (const char* name : {"WEFT_XCLBIN", "XCL_EMULATION_MODE", "XILINX_XRT", "XRT_INI_PATH"}) {
      environment_.clear(name);
    }
    environment_.set("USER", "tester");
  }
  void TearDown() override { fs::remove_all(folder_); }

  // The header of an xclbin of this mode that says it has `length` bytes, as a file of `bytes`.
  fs::path xclbin(char mode, std::size_t bytes = kHeaderBytes, char length = 0) {
    std::string text(kHeaderBytes, '\0');
    text.replace(0, 7, "xclbin2");
    text[304] = static_cast<char>(0xf0);  // 496, little endian
    text[305] = static_cast<char>(1 + length);
    text[332] = mode;
    text.resize(bytes);
    return file("card.xclbin", text);
  }

  fs::path file(const std::string& name, const std::string& text) {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  static Result<Options> parsed(const std::string& uri) {
    return parse(core::Uri::parse(uri).value());
  }

  static std::string why_not(const std::string& uri, Code code) {
    const auto options = parsed(uri);
    EXPECT_FALSE(options) << uri;
    if (options) return {};
    EXPECT_EQ(options.error().code, code) << options.error().message();
    return options.error().message();
  }

  // What check_environment() finds wrong with this variable.
  static std::string problem(const Options& options, std::string_view variable) {
    for (const EnvironmentCheck& check : check_environment(options)) {
      if (check.variable == variable) return check.problem;
    }
    return "not checked";
  }

  static std::string pad(std::size_t bytes) { return std::string(bytes, 'x') + "\n"; }

  fs::path folder_;
  Variables environment_;
};

TEST_F(XilinxOptions, TakeNumberMemoryAndXclbinFromTheUri) {
  const fs::path path = xclbin(kHwEmu);
  const auto options = parsed("opencl:3?memory=17&xclbin=" + path.string());
  ASSERT_TRUE(options) << options.error().message();
  EXPECT_EQ(options->scheme, "opencl");
  EXPECT_EQ(options->index, 3u);
  EXPECT_EQ(options->arena_bytes, 17u << 20);
  EXPECT_EQ(options->xclbin, path);
  EXPECT_EQ(options->target, Target::kEmulation);
}

TEST_F(XilinxOptions, TakeAnEngineThatTheXclbinHas) {
  // A section before the one with the units, whose third is of another kernel.
  const std::string names[] = {"weft:weft_1", "weft:weft_2", "other:other_1"};
  std::string text(kHeaderBytes + 40, '\0');
  text.replace(0, 7, "xclbin2");
  text[332] = kHwEmu;
  text[304] = 16;  // 784 bytes in all
  text[305] = 3;
  text[448] = 2;   // sections
  text[456] = 6;   // the first has another kind
  text[496] = 8;   // the second has the units
  text[520] = 24;  // its offset, 536
  text[521] = 2;
  text += std::string("\3\0\0\0\0\0\0\0", 8);
  for (const std::string& name : names) {
    std::string unit(80, '\0');
    text += unit.replace(16, name.size(), name);
  }
  const std::string uri = "xrt:0?xclbin=" + file("three.xclbin", text).string();
  EXPECT_EQ(parsed(uri)->engine, 1u);
  EXPECT_EQ(parsed(uri + "&engine=2")->kernel(), "weft:{weft_2}");
  const std::string none = why_not(uri + "&engine=3", Code::kNotFound);
  EXPECT_NE(none.find("three.xclbin has 2 engines"), std::string::npos) << none;
  for (const char* number : {"0", "x", "", "129"}) {
    EXPECT_NE(why_not(uri + "&engine=" + number, Code::kInvalidArgument).find("engine"),
              std::string::npos);
  }
  // Cut short or of nonsense it says nothing, and XRT has the word.
  for (std::size_t size = kHeaderBytes; size < text.size(); ++size) {
    const fs::path cut = file("cut.xclbin", text.substr(0, size));
    EXPECT_LE(xclbin_engines(cut), 2u) << size;
  }
  text.replace(448, 4, 4, '\xff');
  text.replace(496, 4, 4, '\xff');
  EXPECT_EQ(xclbin_engines(file("cut.xclbin", text)), 0u);
}

TEST_F(XilinxOptions, TakeTheXclbinOfTheEnvironmentUnlessTheUriNamesAConfiguration) {
  environment_.set("WEFT_XCLBIN", xclbin(kFlat));
  const auto options = parsed("xrt:0");
  ASSERT_TRUE(options) << options.error().message();
  EXPECT_EQ(options->target, Target::kCard);
  environment_.set("WEFT_LIBRARY_PATH", (folder_ / "lib").string());
  const fs::path packed = file("share/weft/weft_small.xclbin", std::string(9, 'x'));
  EXPECT_NE(why_not("xrt:0?config=small", Code::kCorruptFile).find(packed), std::string::npos);
}

TEST_F(XilinxOptions, RefuseUrisThatMakeNoSense) {
  const std::string key = "xclbin=" + xclbin(kHwEmu).string();
  for (const std::string uri : {"xrt:", "xrt:x", "xrt:-1", "xrt:0x", "xrt:99999999999"}) {
    EXPECT_NE(why_not(uri, Code::kInvalidArgument).find("xrt:0"), std::string::npos);
  }
  EXPECT_NE(why_not("xrt:0?speed=9", Code::kInvalidArgument).find("speed"), std::string::npos);
  EXPECT_NE(why_not("xrt:0?config=huge", Code::kInvalidArgument).find("small"), std::string::npos);
  EXPECT_NE(why_not("xrt:0?memory=0&" + key, Code::kInvalidArgument).find("memory"),
            std::string::npos);
  EXPECT_NE(why_not("xrt:0?config=small&" + key, Code::kInvalidArgument).find("both"),
            std::string::npos);
}

TEST_F(XilinxOptions, RefuseWhatIsNoXclbin) {
  const std::string uri = "xrt:0?xclbin=";
  EXPECT_NE(why_not(uri + (folder_ / "none").string(), Code::kNotFound).find("weft pack"),
            std::string::npos);
  EXPECT_NE(why_not(uri + folder_.string(), Code::kNotFound).find("no xclbin"), std::string::npos);
  EXPECT_NE(why_not(uri + file("text", "hello").string(), Code::kCorruptFile).find("not an xclbin"),
            std::string::npos);
  const fs::path magic_of_another(file("other", "xclbin1" + std::string(600, '\0')));
  EXPECT_NE(why_not(uri + magic_of_another.string(), Code::kCorruptFile).find("not an xclbin"),
            std::string::npos);
  const std::string cut = why_not(uri + xclbin(kHwEmu, 600, 1).string(), Code::kCorruptFile);
  EXPECT_NE(cut.find("600 bytes of 752"), std::string::npos) << cut;
  std::string text(kHeaderBytes, '\0');
  std::ifstream(xclbin(kHwEmu), std::ios::binary).read(text.data(), kHeaderBytes);
  text[448] = 1;                              // one section
  text[456 + 24 + 1] = static_cast<char>(2);  // at 512, behind the end
  EXPECT_NE(why_not(uri + file("wild", text).string(), Code::kCorruptFile).find("outside the file"),
            std::string::npos);
  text[456 + 24 + 1] = 1;  // at 256
  text[456 + 32] = 16;
  EXPECT_TRUE(parsed(uri + file("tame", text).string()));
  text[456 + 32 + 7] = -1;  // of nearly 2^64 bytes
  EXPECT_NE(why_not(uri + file("wild", text).string(), Code::kCorruptFile).find("outside the file"),
            std::string::npos);
  EXPECT_NE(why_not(uri + xclbin(kSwEmu).string(), Code::kUnsupported).find("sw_emu"),
            std::string::npos);
}

TEST_F(XilinxOptions, NameEveryVariableThatIsMissing) {
  const auto options = parsed("xrt:0?xclbin=" + xclbin(kHwEmu).string()).value();
  environment_.clear("USER");
  const auto ready = require_environment(options);
  ASSERT_FALSE(ready);
  EXPECT_EQ(ready.error().code, Code::kUnsupported);
  const std::string text = ready.error().message();
  for (const char* name :
       {"XCL_EMULATION_MODE", "XILINX_XRT", "XRT_INI_PATH", "USER", "weft xrt -- PROGRAM"}) {
    EXPECT_NE(text.find(name), std::string::npos) << text;
  }
  // Device::open says the same, before it loads anything.
  const auto device = Device::open(options.uri);
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().message(), text);
}

TEST_F(XilinxOptions, AcceptACompleteEnvironment) {
  const auto options = parsed("xrt:0?xclbin=" + xclbin(kHwEmu).string()).value();
  file("xrt/lib/libxrt_hwemu.so.2", "");
  environment_.set("XILINX_XRT", folder_ / "xrt");
  environment_.set("XCL_EMULATION_MODE", "hw_emu");
  environment_.set("XRT_INI_PATH",
                   file("xrt.ini", "[Emulation]\npacket_size=8\n[Debug]\npad=" + pad(4104)));
  const auto ready = require_environment(options);
  EXPECT_TRUE(ready) << ready.error().message();

  environment_.set("XCL_EMULATION_MODE", "sw_emu");
  EXPECT_NE(problem(options, "XCL_EMULATION_MODE"), "");
  environment_.set("XILINX_XRT", folder_);
  EXPECT_NE(problem(options, "XILINX_XRT").find("libxrt_hwemu"), std::string::npos);
}

TEST_F(XilinxOptions, WantAFirstMessageThatIsLargerThanAnyOther) {
  const auto options = parsed("xrt:0?xclbin=" + xclbin(kHwEmu).string()).value();
  const auto problem_of = [&](const std::string& ini) {
    environment_.set("XRT_INI_PATH", file("xrt.ini", ini));
    return problem(options, "XRT_INI_PATH");
  };
  EXPECT_NE(problem_of(""), "");
  EXPECT_EQ(problem_of("[Emulation]\npacket_size=8\n[Debug]\npad=" + pad(4104)), "");
  EXPECT_NE(problem_of("[Emulation]\npacket_size=9\n[Debug]\npad=" + pad(4104)), "");
  EXPECT_EQ(problem_of("[Emulation]\n packet_size = 0x8 \n[Debug]\n pad = " + pad(4104)), "");
  EXPECT_NE(problem_of("[Emulation]\npacket_size=0x4000\n[Debug]\npad=" + pad(4104)), "");
  EXPECT_NE(problem_of("[Emulation]\npacket_size=8\n[Runtime]\npad=" + pad(4104)), "");
  EXPECT_NE(problem_of("[Debug]\npad=" + pad(4104)), "");  // packets of XRT's own size
  environment_.set("XRT_INI_PATH", folder_ / "none");
  EXPECT_EQ(problem(options, "XRT_INI_PATH"), "cannot be read");
}

TEST_F(XilinxOptions, LeaveTheEnvironmentOfACardToItsOwner) {
  const auto options = parsed("xrt:0?xclbin=" + xclbin(kFlat).string()).value();
  environment_.set("XCL_EMULATION_MODE", "hw_emu");
  EXPECT_NE(problem(options, "XCL_EMULATION_MODE"), "");
  environment_.clear("XCL_EMULATION_MODE");
  EXPECT_EQ(problem(options, "XCL_EMULATION_MODE"), "");
  EXPECT_EQ(problem(options, "XRT_INI_PATH"), "not checked");
}

}  // namespace
}  // namespace weft::xilinx
