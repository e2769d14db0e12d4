// Any bytes as the JSON beside a table: a dictionary, or an Error{UnusableInput}.
#include <gliocast/analysis/data_dictionary.hpp>
#include <gliocast/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gliocast;
  try {
    const auto dictionary = analysis::parse_data_dictionary({reinterpret_cast<const char*>(data), size}, "fuzz");
    std::vector<std::string> columns;
    for (const auto& [column, description] : dictionary) columns.push_back(column);
    const auto origins = analysis::origins_of(columns, dictionary);
    for (std::size_t c = 0; c < origins.size(); ++c)
      if (origins[c] != dictionary.at(columns[c]).origin) std::abort();
  } catch (const Error& e) {
    if (e.code() != ExitCode::UnusableInput) std::abort();
  }
  return 0;
}
