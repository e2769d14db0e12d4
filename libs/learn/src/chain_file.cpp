#include <gliocast/learn/chain_file.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>

#include <filesystem>

namespace gliocast::learn {

namespace fs = std::filesystem;

ChainSpecification named_chain(const std::string& text, std::size_t inner) {
  if (!fs::exists(text) && (text.ends_with(".yaml") || text.ends_with(".yml")))
    throw Error(ExitCode::UnusableInput, "there is no such file", text);
  auto chain = fs::exists(text) && !fs::is_directory(text) ? [&] {
    const auto bytes = read_file(text, false, 1 << 20);
    return parse_chain({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, fs::path(text).filename().string());
  }()
                                                           : preset_chain(text);
  if (inner > 0) chain.folds = inner;
  return chain;
}

}  // namespace gliocast::learn
