#pragma once
#include <gliocast/core/error.hpp>

#include <exception>
#include <optional>

namespace gliocast {

/// An error of <filesystem> that says that a disk is full, over its quota or read-only, as Error{CannotWrite}; nothing
/// of all other exceptions.
[[nodiscard]] std::optional<Error> as_cannot_write(const std::exception& error);

}  // namespace gliocast
