#pragma once
// What is said: errors and notes in tests.
#include <gliocast/core/error.hpp>

#include <functional>
#include <string>

namespace gliocast::test_support {

/// The error's text; "accepted" where there is none.
inline std::string error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// One text of all notes, a line each.
template <class Notes>
std::string joined(const Notes& notes) {
  std::string all;
  for (const auto& n : notes) all += n + "\n";
  return all;
}

}  // namespace gliocast::test_support
