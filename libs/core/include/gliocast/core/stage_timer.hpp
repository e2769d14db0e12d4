#pragma once
#include <gliocast/core/json.hpp>

#include <chrono>
#include <string>
#include <type_traits>

namespace gliocast {

/// Wall seconds of named stages, in the order they ran, and which of them runs or failed.
class StageTimer {
 public:
  template <typename F>
  auto time(const std::string& stage, F f) {
    stage_ = stage;
    const auto start = std::chrono::steady_clock::now();
    const auto stop = [&] {
      json_[stage] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
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
  /// A stage that was measured elsewhere.
  void add(const std::string& stage, double seconds) { json_[stage] = seconds; }
  /// The stage that was begun last; empty before the first.
  [[nodiscard]] const std::string& stage() const { return stage_; }
  [[nodiscard]] const Json& json() const { return json_; }

 private:
  std::string stage_;
  Json json_ = Json::object();
};

}  // namespace gliocast
