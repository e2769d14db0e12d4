// Any bytes as a table with an outcome: used as a command would, or refused by gliocast::Error.
#include <gliocast/core/error.hpp>
#include <gliocast/survival/survival_frame.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    const gliocast::stats::DataFrame frame(gliocast::parse_table_file(text, ',', "fuzz"), "fuzz", {"999", "x"});
    const std::string event_value = data[0] & 1 ? "dead" : "", entry = data[0] & 2 ? "s" : "";
    const gliocast::survival::OutcomeColumns outcome{"t", "e", event_value, entry, {}, {}};
    const auto used = gliocast::survival::make_survival_frame(frame, outcome);
    if (used.rows.size() + used.left_out != frame.rows() || used.sample.event.size() != used.rows.size()) std::abort();
    // A part of the table means what the whole does.
    const auto part = gliocast::survival::make_survival_frame(frame.subset({used.rows[0]}), outcome);
    if (part.sample.event[0] != used.sample.event[0]) std::abort();
  } catch (const gliocast::Error& e) {
    if (e.code() != gliocast::ExitCode::UnusableInput) std::abort();
  }
  return 0;
}
