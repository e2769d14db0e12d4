#include <gliocast/core/progress.hpp>

#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <mutex>
#include <utility>

namespace gliocast {
namespace {

std::atomic<ProgressStyle> style{ProgressStyle::Auto};
std::mutex observer_guard;
ProgressObserver observer;
std::chrono::steady_clock::time_point observed{};

void tell_observer(const std::string& title, std::size_t done, std::size_t total) {
  const std::lock_guard lock(observer_guard);
  const auto now = std::chrono::steady_clock::now();
  if (!observer || (done > 0 && done < total && now - observed < std::chrono::seconds(1))) return;
  observed = now;
  try {
    observer(title, done, total);
  } catch (const std::exception&) {
    // Who watches must not stop the work.
  }
}

ProgressStyle effective_style() {
  const ProgressStyle chosen = style;
  if (chosen != ProgressStyle::Auto) return chosen;
  return ::isatty(STDERR_FILENO) ? ProgressStyle::Bar : ProgressStyle::Lines;
}

}  // namespace

std::string duration_text(double seconds) {
  const long s = static_cast<long>(seconds + 0.5);
  char text[32];
  if (s >= 3600)
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
  else
    std::snprintf(text, sizeof text, "%ld:%02ld", s / 60, s % 60);
  return text;
}

void set_progress_style(ProgressStyle chosen) noexcept { style = chosen; }
void set_progress_observer(ProgressObserver told) {
  const std::lock_guard lock(observer_guard);
  observer = std::move(told);
}

struct Progress::State {
  std::string title, remark;
  std::size_t total = 0, done = 0;
  double after_seconds = 0;
  bool shown = false;
  int shown_tenth = 0;
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now(), drawn{};
  std::mutex guard;

  void draw(bool force) {
    const auto now = std::chrono::steady_clock::now();
    const double elapsed = std::chrono::duration<double>(now - start).count();
    if (elapsed < after_seconds) return;
    shown = true;
    const double left = done > 0 ? elapsed / static_cast<double>(done) * static_cast<double>(total - done) : 0;
    const double part = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 1;
    const auto how = effective_style();
    if (how == ProgressStyle::Bar) {
      if (!force && now - drawn < std::chrono::milliseconds(100)) return;
      drawn = now;
      constexpr int kWidth = 28;
      const int filled = static_cast<int>(part * kWidth);
      std::string bar;
      for (int i = 0; i < kWidth; ++i) bar += i < filled ? "█" : "░";
      std::fprintf(stderr, "\r\033[K%s %s %zu/%zu  %s elapsed, %s left  %s", title.c_str(), bar.c_str(), done, total,
                   duration_text(elapsed).c_str(), duration_text(left).c_str(), remark.c_str());
      std::fflush(stderr);
    } else if (how == ProgressStyle::Lines) {
      const int tenth = static_cast<int>(part * 10);
      if (tenth <= shown_tenth) return;
      shown_tenth = tenth;
      std::fprintf(stderr, "%s: %zu of %zu (%s elapsed, %s left) %s\n", title.c_str(), done, total,
                   duration_text(elapsed).c_str(), duration_text(left).c_str(), remark.c_str());
    }
  }
};

Progress::Progress(std::string title, std::size_t total, double after_seconds) : state_(std::make_unique<State>()) {
  state_->title = std::move(title);
  state_->total = total;
  state_->after_seconds = after_seconds;
  tell_observer(state_->title, 0, total);
}

Progress::~Progress() {
  const std::lock_guard lock(state_->guard);
  if (effective_style() == ProgressStyle::Bar && state_->total > 0) {
    state_->draw(true);
    if (!state_->shown) return;
    std::fputc('\n', stderr);
  }
}

void Progress::advance(std::size_t steps) {
  const std::lock_guard lock(state_->guard);
  state_->done = std::min(state_->total, state_->done + steps);
  state_->draw(false);
  tell_observer(state_->title, state_->done, state_->total);
}

void Progress::remark(const std::string& text) {
  const std::lock_guard lock(state_->guard);
  state_->remark = text;
}

}  // namespace gliocast
