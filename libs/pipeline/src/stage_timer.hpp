#pragma once
#include <gliocast/core/json.hpp>

#include <chrono>
#include <string>
#include <type_traits>

namespace gliocast::pipeline {

/// Wall seconds of named stages, in the order they ran.
class StageTimer {
 public:
  template <typename F>
  auto time(const std::string& stage, F f) {
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
  [[nodiscard]] const Json& json() const { return json_; }

 private:
  Json json_ = Json::object();
};

}  // namespace gliocast::pipeline
