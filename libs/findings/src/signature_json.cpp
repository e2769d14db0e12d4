#include "json_parts.hpp"

#include <gliocast/core/numbers.hpp>
#include <gliocast/findings/wording.hpp>

#include <optional>
#include <utility>

namespace gliocast::findings {
namespace {

Json model_json(const SignatureModelFacts& m) {
  return {{"name", m.name},
          {"trained_on", m.trained_on},
          {"sequence", key_name(m.sequence)},
          {"members", m.members},
          {"deep_features", m.deep},
          {"unit", m.unit},
          {"n", m.n},
          {"events", m.events},
          {"follow_up", m.follow_up},
          {"demonstration", m.demonstration},
          {"transfer_learning", m.transfer_learning ? Json(*m.transfer_learning) : Json(nullptr)},
          {"no_integrated_nomogram", m.no_integrated.empty() ? Json(nullptr) : Json(m.no_integrated)}};
}

SignatureModelFacts model_from_json(const Json& j) {
  const Json &learned = j.at("transfer_learning"), &none = j.at("no_integrated_nomogram");
  return {.name = j.at("name").get<std::string>(),
          .trained_on = j.at("trained_on").get<std::string>(),
          .sequence = sequence_from_key(j.at("sequence").get<std::string>()),
          .members = j.at("members").get<std::size_t>(),
          .deep = j.at("deep_features").get<bool>(),
          .unit = j.at("unit").get<std::string>(),
          .n = j.at("n").get<std::size_t>(),
          .events = j.at("events").get<std::size_t>(),
          .follow_up = j.at("follow_up").get<double>(),
          .demonstration = j.at("demonstration").get<bool>(),
          .transfer_learning = learned.is_null() ? std::optional<bool>() : learned.get<bool>(),
          .no_integrated = none.is_null() ? std::string() : none.get<std::string>()};
}

Json training_json(const std::optional<TrainingSignatures>& t) {
  if (!t) return nullptr;
  return {{"minimum", t->minimum}, {"low", t->low}, {"median", t->median}, {"high", t->high}, {"maximum", t->maximum}};
}

std::optional<TrainingSignatures> training_from_json(const Json& j) {
  if (j.is_null()) return std::nullopt;
  return TrainingSignatures{.minimum = j.at("minimum").get<double>(),
                            .low = j.at("low").get<double>(),
                            .median = j.at("median").get<double>(),
                            .high = j.at("high").get<double>(),
                            .maximum = j.at("maximum").get<double>()};
}

Json terms_json(const std::vector<SignatureTerm>& terms) {
  Json list = Json::array();
  for (const auto& t : terms)
    list.push_back({{"name", t.feature},
                    {"member", t.member},
                    {"value", t.value},
                    {"unit", t.unit},
                    {"z", t.z},
                    {"weight", t.weight},
                    {"adds", t.adds}});
  return list;
}

std::vector<SignatureTerm> terms_from_json(const Json& list) {
  std::vector<SignatureTerm> terms;
  for (const auto& j : list)
    terms.push_back({.feature = j.at("name").get<std::string>(),
                     .member = j.at("member").get<std::size_t>(),
                     .value = j.at("value").get<double>(),
                     .unit = j.at("unit").get<std::string>(),
                     .z = j.at("z").get<double>(),
                     .weight = j.at("weight").get<double>(),
                     .adds = j.at("adds").get<double>()});
  return terms;
}

SignatureEstimate estimate_from_json(const Json& j) {
  SignatureEstimate e{.value = j.at("value").get<double>(),
                      .cut = j.at("cut").get<double>(),
                      .high_risk = j.at("risk_group") == "high",
                      .training = training_from_json(j.at("training")),
                      .terms = terms_from_json(j.at("features")),
                      .curve = {},
                      .grade_of_images = j.at("grade_from") == "images",
                      .told_basis = j.at("basis").get<std::string>()};
  if (!j.at("survival").is_null()) e.curve = course_from_json(j["survival"]);
  return e;
}

}  // namespace

Json signature_json(const Prediction& p, const Wording& wording) {
  if (!p.signature) return nullptr;
  const auto& f = *p.signature;
  const auto* e = std::get_if<SignatureEstimate>(&f.result);
  Json json{{"model", model_json(f.model)}, {"demonstration", is_demonstration(f, p)}};
  if (!e) {
    json["status"] = "not estimated";
    for (const char* key : {"grade_from", "value", "cut", "risk_group", "training", "features", "survival", "basis"})
      json[key] = nullptr;
    json["reason"] = wording.of(std::get<NoSignature>(f.result), &p);
    return json;
  }
  json.update({{"status", "estimated"},
               {"grade_from", e->grade_of_images ? "images" : "user"},
               {"value", e->value},
               {"cut", e->cut},
               {"risk_group", e->high_risk ? "high" : "low"},
               {"training", training_json(e->training)},
               {"features", terms_json(e->terms)},
               {"survival", e->curve ? course_json(*e->curve) : Json(nullptr)},
               {"basis", wording.basis_of(f)},
               {"reason", nullptr}});
  return json;
}

std::optional<SignatureFinding> signature_from_json(const Json& j) {
  if (j.is_null()) return std::nullopt;
  SignatureFinding f{.model = model_from_json(j.at("model"))};
  if (j.at("status") == "estimated") {
    f.result = estimate_from_json(j);
    return f;
  }
  NoSignature none{.reason = NoSignature::Reason::Told};
  none.told = j.at("reason").get<std::string>();
  f.result = std::move(none);
  return f;
}

}  // namespace gliocast::findings
