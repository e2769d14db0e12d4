// Formulas on a small table, and model files: every input is used as a command would, or refused by gliocast::Error.
#include <gliocast/core/error.hpp>
#include <gliocast/survival/cox_model_file.hpp>
#include <gliocast/survival/nomogram.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

const gliocast::stats::DataFrame& table() {
  static const gliocast::stats::DataFrame frame = [] {
    gliocast::TextTable t{{"t", "e", "a", "b", "g"}, {}};
    for (int i = 0; i < 24; ++i)
      t.rows.push_back({std::to_string(3 + i % 7), std::to_string(i % 3 > 0), std::to_string(i * i % 11),
                        std::to_string(i % 2), i % 3 ? "x" : "y"});
    return gliocast::stats::DataFrame(t, "fuzz");
  }();
  return frame;
}

void use(const gliocast::survival::CoxModel& model) {
  (void)to_json(model);
  (void)model.predict(table(), {1, 5, 100});
  const auto nomogram = gliocast::survival::lay_out_nomogram(model, {2, 100});
  (void)gliocast::survival::describe_for_calculator(model, nomogram);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    if (data[0] == 'f') {
      use(gliocast::survival::analyse_cox(table(), {"t", "e", {}, {}, {}, {}}, text).model);
    } else {
      const auto json = gliocast::Json::parse(text, nullptr, false);
      if (!json.is_discarded()) use(gliocast::survival::cox_model_from_json(json, "fuzz"));
    }
  } catch (const gliocast::Error&) {
  }
  return 0;
}
