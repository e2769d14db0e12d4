// Survives any parameter file: parameters, or an Error that names what is wrong. Build: -DGLIOCAST_FUZZ=ON with clang;
// run: tools/fuzz.sh.
#include <gliocast/core/error.hpp>
#include <gliocast/radiomics/parameters.hpp>

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto p = gliocast::radiomics::parse_parameter_text({reinterpret_cast<const char*>(data), size}, "fuzz");
    (void)gliocast::radiomics::reported_settings(p).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  } catch (const gliocast::Error& e) {
    if (e.code() != gliocast::ExitCode::UnusableInput && e.code() != gliocast::ExitCode::WrongUse) std::abort();
  }
  return 0;
}
