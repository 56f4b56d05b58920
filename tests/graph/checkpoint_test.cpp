// SPDX-License-Identifier: Apache-2.0
// Checkpoints: what is read is what was written, and a file is whole whatever ends its writing.
#include "weft/checkpoint.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "runtime/io/file.h"

namespace weft {
namespace {

namespace fs = std::filesystem;

class CheckpointTest : public testing::Test {
 protected:
  CheckpointTest()
      : folder_(fs::path(testing::TempDir()) / ("weft_checkpoint_" + std::to_string(getpid()))),
        path_((folder_ / "x.safetensors").string()) {
    fs::create_directory(folder_);
  }
  ~CheckpointTest() override { fs::remove_all(folder_); }

  fs::path folder_;
  std::string path_;
};

// All elements are `value`, and so is the step.
Checkpoint filled(std::uint32_t value, std::size_t elements = 12) {
  const std::vector<float> values(elements, static_cast<float>(value));
  return {.state = {.step = value,
                    .tensors = {{"layer0.weight", {{elements / 4, 4}, values}},
                                {"optimizer.first.layer0.weight", {{elements / 4, 4}, values}},
                                {"layer0.bias", {{1}, {0.25f}}}}},
          .metadata = {{"mine", "text \"quoted\""}}};
}

TEST_F(CheckpointTest, ReadsBackWhatWasWritten) {
  const Checkpoint written = filled(7);
  ASSERT_TRUE(save_checkpoint(path_, written).has_value());
  const auto read = load_checkpoint(path_);
  ASSERT_TRUE(read.has_value()) << read.error().message();
  EXPECT_EQ(read->state.step, 7u);
  EXPECT_EQ(read->metadata, written.metadata);
  ASSERT_EQ(read->state.tensors.size(), 3u);
  for (const auto& [name, tensor] : written.state.tensors) {
    EXPECT_EQ(read->state.tensors.at(name).shape, tensor.shape) << name;
    EXPECT_EQ(read->state.tensors.at(name).values, tensor.values) << name;
  }
}

TEST_F(CheckpointTest, HashIsOfTheWeightsAlone) {
  Checkpoint checkpoint = filled(1);
  const std::uint64_t hash = weights_hash(checkpoint.state);
  checkpoint.state.tensors["optimizer.first.layer0.weight"].values[0] = 9;
  EXPECT_EQ(weights_hash(checkpoint.state), hash);
  checkpoint.state.tensors["layer0.bias"].values[0] = 9;
  EXPECT_NE(weights_hash(checkpoint.state), hash);
}

TEST_F(CheckpointTest, RefusesWhatIsNoCheckpoint) {
  EXPECT_EQ(load_checkpoint(path_).error().code, Code::kNotFound);
  ASSERT_TRUE(save_checkpoint(path_, filled(1)).has_value());
  auto bytes = *io::read_file(path_);
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  bytes[text.find("weft_step")] = std::byte{'v'};
  ASSERT_TRUE(io::write_file(path_, bytes).has_value());
  EXPECT_EQ(load_checkpoint(path_).error().code, Code::kCorruptFile);
  bytes.pop_back();
  ASSERT_TRUE(io::write_file(path_, bytes).has_value());
  EXPECT_EQ(load_checkpoint(path_).error().code, Code::kCorruptFile);
}

TEST_F(CheckpointTest, AFullDiskKeepsTheOldFile) {
  ASSERT_TRUE(save_checkpoint(path_, filled(1)).has_value());
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    // A limit on the size of files stops a write as a full disk does.
    const rlimit limit{.rlim_cur = 4096, .rlim_max = 4096};
    ::signal(SIGXFSZ, SIG_IGN);
    const bool limited = ::setrlimit(RLIMIT_FSIZE, &limit) == 0;
    const auto saved = save_checkpoint(path_, filled(2, 100000));
    ::_exit(limited && !saved && saved.error().code == Code::kIoError ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(load_checkpoint(path_)->state.step, 1u);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

TEST_F(CheckpointTest, AKillWhileSavingLeavesAWholeFile) {
  ASSERT_TRUE(save_checkpoint(path_, filled(0, 40000)).has_value());
  for (int round = 0; round < 20; ++round) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      for (std::uint32_t i = 1;; ++i) {
        if (!save_checkpoint(path_, filled(i, 40000))) ::_exit(1);
      }
    }
    std::this_thread::sleep_for(std::chrono::microseconds(3000 + 1700 * round));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    const auto left = load_checkpoint(path_);
    ASSERT_TRUE(left.has_value()) << left.error().message();
    for (const float value : left->state.tensors.at("layer0.weight").values) {
      ASSERT_EQ(value, static_cast<float>(left->state.step));
    }
  }
}

}  // namespace
}  // namespace weft
