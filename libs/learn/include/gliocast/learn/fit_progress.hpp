#pragma once
#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>

namespace gliocast::learn {

/// Fits that are in work together: tells of one more whenever the parts that are done amount to it. Thread-safe.
class FitProgress {
 public:
  /// `tell`: called from any thread, one call at a time; may be empty.
  FitProgress(std::size_t fits, std::function<void()> tell)
      : fits_(static_cast<double>(fits)), tell_(std::move(tell)) {}
  /// The next `parts` are this share of the work of all fits.
  void begin(double share, std::size_t parts) { each_ = parts > 0 ? share * fits_ / static_cast<double>(parts) : 0; }
  void part_done() { add(each_); }
  /// All is done.
  void finish() { add(fits_); }

 private:
  void add(double fits) {
    const std::lock_guard lock(guard_);
    constexpr double kRounding = 1e-6;
    for (done_ += fits; told_ < fits_ && told_ + 1 <= done_ + kRounding; ++told_)
      if (tell_) tell_();
  }

  double fits_, each_ = 0, done_ = 0, told_ = 0;
  std::function<void()> tell_;
  std::mutex guard_;
};

}  // namespace gliocast::learn
