// SPDX-License-Identifier: Apache-2.0
#include "runtime/devices/sim/card_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include "runtime/core/library_folders.h"

namespace weft::sim {
namespace {

template <class Function>
bool resolve(void* handle, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(handle, name));
  return function != nullptr;
}

}  // namespace

void CardLibrary::Close::operator()(void* handle) const {
  dlclose(handle);
}

Result<CardLibrary> CardLibrary::load(const std::string& file_name) {
  const auto path = core::find_library(file_name);
  if (!path) {
    return fail(
        Code::kNotFound,
        fmt::format("simulated card {} is in none of: {}", file_name, core::searched_folders()),
        "build it, or name its folder in WEFT_LIBRARY_PATH");
  }
  CardLibrary library;
  library.handle_.reset(dlopen(path->c_str(), RTLD_NOW | RTLD_LOCAL));
  if (!library.handle_) {
    return fail(Code::kUnsupported,
                fmt::format("{} cannot be loaded: {}", path->string(), dlerror()));
  }
  void* handle = library.handle_.get();
  const bool complete = resolve(handle, "weft_card_open", library.open) &&
                        resolve(handle, "weft_card_close", library.close) &&
                        resolve(handle, "weft_card_memory", library.memory) &&
                        resolve(handle, "weft_card_memory_bytes", library.memory_bytes) &&
                        resolve(handle, "weft_card_memory_base", library.memory_base) &&
                        resolve(handle, "weft_card_write_register", library.write_register) &&
                        resolve(handle, "weft_card_read_register", library.read_register) &&
                        resolve(handle, "weft_card_launch", library.launch) &&
                        resolve(handle, "weft_card_last_cycles", library.last_cycles) &&
                        resolve(handle, "weft_card_fault", library.fault) &&
                        resolve(handle, "weft_card_error", library.error) &&
                        resolve(handle, "weft_card_digests", library.digests) &&
                        resolve(handle, "weft_card_reset", library.reset);
  if (!complete) {
    return fail(Code::kUnsupported, fmt::format("{} is not a card of this version", path->string()),
                "build it from the same sources as this runtime");
  }
  return library;
}

}  // namespace weft::sim
