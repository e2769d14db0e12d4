#pragma once

namespace gliocast {

/// Asks long work to stop at its next checkpoint. Safe to call from a signal handler.
void request_interrupt() noexcept;
/// Whether a stop was asked for.
[[nodiscard]] bool interrupt_requested() noexcept;
/// Throws Error{Interrupted} if a stop was asked for. Long loops call it where stopping leaves nothing half-written.
void throw_if_interrupted();

}  // namespace gliocast
