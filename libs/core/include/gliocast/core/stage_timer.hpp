#pragma once
#include <algorithm>
#include <chrono>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace gliocast {

/// Wall seconds of named stages, in the order they ran, and which of them runs or failed.
class StageTimer {
 public:
  template <typename F>
  auto time(const std::string& stage, F f) {
    stage_ = stage;
    const auto start = std::chrono::steady_clock::now();
    const auto stop = [&] {
      add(stage, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    };
    if constexpr (std::is_void_v<decltype(f())>) {
      f();
      stop();
    } else {
      auto result = f();
      stop();
      return result;
    }
  }
  /// A stage that was measured elsewhere; of a name that is there already it is the new value.
  void add(const std::string& stage, double seconds) {
    const auto there = std::ranges::find(seconds_, stage, &std::pair<std::string, double>::first);
    if (there == seconds_.end())
      seconds_.emplace_back(stage, seconds);
    else
      there->second = seconds;
  }
  /// The stage that was begun last; empty before the first.
  [[nodiscard]] const std::string& stage() const { return stage_; }
  [[nodiscard]] const std::vector<std::pair<std::string, double>>& seconds() const { return seconds_; }

 private:
  std::string stage_;
  std::vector<std::pair<std::string, double>> seconds_;
};

}  // namespace gliocast
