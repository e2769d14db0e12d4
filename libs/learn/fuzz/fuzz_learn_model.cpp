// Models of classifiers and steps: every input is used on a small table, or refused by gliocast::Error.
#include <gliocast/core/error.hpp>
#include <gliocast/learn/calibration.hpp>
#include <gliocast/learn/registry.hpp>

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
    t.outcome.push_back(i % 2);
  }
  return t;
}

template <class Body>
void use(const Body& body) {
  try {
    body();
  } catch (const gliocast::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto kTable = table();
  static const auto kKnown = gliocast::learn::known_steps();
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto json = gliocast::Json::parse(text, nullptr, false);
  if (json.is_discarded()) return 0;
  use([&] { (void)gliocast::learn::Calibration::from_json(json).apply(0.3); });
  for (const auto& known : kKnown) {
    use([&] {
      if (!known.classifier) {
        (void)gliocast::learn::read_step(known.name, json)->apply(kTable);
        return;
      }
      const auto model = gliocast::learn::read_classifier(known.name, json);
      (void)model->decision(kTable);
      (void)model->probability(kTable);
      (void)model->to_json();
    });
  }
  return 0;
}
