#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace gliocast {

/// Whether and how progress is shown, for the whole process. Auto: a bar on a terminal, plain lines otherwise.
enum class ProgressStyle { Auto, Bar, Lines, None };
void set_progress_style(ProgressStyle style) noexcept;
/// "1:02:03" or "2:03": hours, minutes and seconds.
[[nodiscard]] std::string duration_text(double seconds);
/// Is told what the process is at, whatever is shown: at every beginning and end of a piece of work, between them at
/// most once a second, from whichever thread works. Empty: nobody. What it throws is lost.
using ProgressObserver = std::function<void(const std::string& title, std::size_t done, std::size_t total)>;
void set_progress_observer(ProgressObserver observer);

/// Progress of one long piece of work, with the time left. Thread-safe. Shown on standard error.
class Progress {
 public:
  /// Nothing is shown before `after_seconds`: work that is over by then needs none.
  Progress(std::string title, std::size_t total, double after_seconds = 0);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// Steps that are done, out of `total`.
  void advance(std::size_t steps = 1);
  /// A short remark behind the bar, e.g. the loss.
  void remark(const std::string& text);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gliocast
