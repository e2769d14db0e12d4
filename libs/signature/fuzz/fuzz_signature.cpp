// Descriptions of signatures and their models: every input is used as a command would, or refused by gliocast::Error.
#include <gliocast/core/error.hpp>
#include <gliocast/signature/signature_model.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

gliocast::learn::FeatureTable table() {
  gliocast::learn::FeatureTable t;
  t.features = {"a", "b"};
  t.values = gliocast::stats::Matrix(6, 2);
  for (int i = 0; i < 12; ++i) t.values.values[static_cast<std::size_t>(i)] = i * i % 7 - 3;
  for (int i = 0; i < 6; ++i) {
    t.ids.push_back(std::to_string(i));
    t.patient.push_back(i);
  }
  return t;
}

void use(const gliocast::signature::SignatureModel& model) {
  static const auto kTable = table();
  (void)model.to_json();
  const auto signature = model.signature(kTable);
  (void)model.high_risk(signature);
  (void)model.survival(signature, {0, 5, 100});
  (void)model.range_warnings(kTable);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    if (data[0] == 'y') {
      (void)to_yaml(gliocast::signature::parse_specification(text, "fuzz"));
    } else {
      const auto json = gliocast::Json::parse(text, nullptr, false);
      if (!json.is_discarded()) use(*gliocast::signature::SignatureModel::from_json(json));
    }
  } catch (const gliocast::Error&) {
  }
  return 0;
}
