#include <gliocast/core/interrupt.hpp>

#include <gliocast/core/error.hpp>

#include <atomic>

namespace gliocast {
namespace {
std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);
}  // namespace

void request_interrupt() noexcept { interrupted = true; }
bool interrupt_requested() noexcept { return interrupted; }

void throw_if_interrupted() {
  if (interrupted)
    throw Error(ExitCode::Interrupted, "interrupted", {}, "a verb that has --resume goes on with it where it stopped");
}

}  // namespace gliocast
