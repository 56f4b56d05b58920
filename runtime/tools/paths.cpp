// SPDX-License-Identifier: Apache-2.0
#include "runtime/tools/paths.h"

#include <system_error>
#include <utility>

#include "runtime/io/file.h"

namespace weft::tools {

namespace fs = std::filesystem;

fs::path prefix_folder() {
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path(".") : executable.parent_path().parent_path();
}

fs::path share_folder() {
  return prefix_folder() / "share" / "weft";
}

Result<fs::path> find_data(const std::string& name) {
  std::error_code error;
  if (fs::exists(name, error)) return fs::path(name);
  const fs::path shared = share_folder() / name;
  if (!name.empty() && fs::exists(shared, error)) return shared;
  return fail(Code::kNotFound, "no file " + name + ", and none in " + share_folder().string(),
              "check the path; ./dev setup trains the digits network and fetches mnist");
}

Result<DataFile> read_data(const std::string& name) {
  const auto path = find_data(name);
  if (!path) return tl::unexpected(path.error());
  auto bytes = io::read_file(*path);
  if (!bytes) return tl::unexpected(bytes.error());
  return DataFile{path->string(), std::move(*bytes)};
}

}  // namespace weft::tools
