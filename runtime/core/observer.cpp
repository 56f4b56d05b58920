// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/observer.h"

#include <mutex>
#include <utility>

namespace weft::core {
namespace {

struct Registration {
  std::mutex mutex;
  std::shared_ptr<LaunchObserver> observer;
};

Registration& registration() {
  static Registration instance;
  return instance;
}

}  // namespace

void set_launch_observer(std::shared_ptr<LaunchObserver> observer) {
  const std::lock_guard lock(registration().mutex);
  registration().observer = std::move(observer);
}

std::shared_ptr<LaunchObserver> launch_observer() {
  const std::lock_guard lock(registration().mutex);
  return registration().observer;
}

}  // namespace weft::core
