#pragma once
#include <gliocast/core/table.hpp>

#include <filesystem>

namespace gliocast::study {

/// A table that a stage wrote with tabs, with the leading blanks of its rows' names (levels of a factor), which
/// read_table() drops. Throws Error{UnusableInput} as that does.
[[nodiscard]] TextTable written_table(const std::filesystem::path& file);

}  // namespace gliocast::study
