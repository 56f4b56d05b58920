// SPDX-License-Identifier: Apache-2.0
#include "runtime/xclbin/zip.h"

#include <cstdint>
#include <string_view>

#include "runtime/xclbin/bytes.h"

namespace weft::xclbin {
namespace {

constexpr std::uint64_t kDate = 0x21;    // 1980-01-01
constexpr std::uint64_t kUnix = 0x031e;  // made on Unix, version 3.0
constexpr std::uint64_t kRegularFile = 0100000;

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = ~std::uint32_t{0};
  for (const char byte : bytes) {
    crc ^= static_cast<std::uint8_t>(byte);
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
  }
  return ~crc;
}

// What a file's own header and its entry in the directory have in common.
void common_header(Bytes& to, const ZipFile& file) {
  to.number(10, 2);  // version needed
  to.number(0, 2);   // flags
  to.number(0, 2);   // stored
  to.number(0, 2);   // time
  to.number(kDate, 2);
  to.number(crc32(file.contents), 4);
  to.number(file.contents.size(), 4);
  to.number(file.contents.size(), 4);
  to.number(file.path.size(), 2);
  to.number(0, 2);  // extra field
}

}  // namespace

std::vector<std::byte> make_zip(std::span<const ZipFile> files) {
  Bytes archive;
  Bytes directory;
  for (const ZipFile& file : files) {
    directory.number(0x02014b50, 4);
    directory.number(kUnix, 2);
    common_header(directory, file);
    directory.number(0, 2 + 2 + 2);  // comment, disk, internal attributes
    directory.number((kRegularFile | (file.executable ? 0755u : 0644u)) << 16, 4);
    directory.number(archive.size(), 4);
    directory.text(file.path);

    archive.number(0x04034b50, 4);
    common_header(archive, file);
    archive.text(file.path);
    archive.text(file.contents);
  }
  const std::size_t start = archive.size();
  archive.append(directory.all());
  archive.number(0x06054b50, 4);
  archive.number(0, 2 + 2);  // disks
  archive.number(files.size(), 2);
  archive.number(files.size(), 2);
  archive.number(directory.size(), 4);
  archive.number(start, 4);
  archive.number(0, 2);  // comment
  return std::move(archive.all());
}

}  // namespace weft::xclbin
