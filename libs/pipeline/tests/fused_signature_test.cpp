// Signatures with their networks as one bundle, and what several signatures say together.
#include "made_signatures.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/pipeline/fused_grading.hpp>
#include <gliocast/pipeline/fused_signature.hpp>
#include <gliocast/pipeline/train.hpp>
#include <gliocast/survival/cox_model_file.hpp>

#include <gtest/gtest.h>

#include <unistd.h>
#include <filesystem>

using namespace gliocast;
using namespace gliocast::pipeline;
namespace fs = std::filesystem;

namespace {

/// Patients who die the sooner the larger both columns are; the second is a network's.
signature::SurvivalTable made_table(std::uint64_t seed, const std::string& network, const std::string& deep) {
  auto t = made_patients(seed, "signature", {"original_firstorder_Mean", deep});
  t.features.origins = {nullptr, std::make_shared<learn::ColumnOrigin>(
                                     learn::ColumnOrigin{network, std::vector<std::string>{"someone"}})};
  return t;
}

signature::TrainedSignature signature_of(const signature::SurvivalTable& table, std::uint64_t seed) {
  auto t = trained_on(table, seed);
  t.name = "test";
  t.event = "event";
  t.demonstration = true;
  return t;
}

NetworkBundle network_of(const fs::path& folder, std::uint64_t seed) {
  nn::PrognosisTrainingOptions o = nn::PrognosisTrainingOptions::preset("default");
  o.network.base_width = 2;
  const nn::NetworkInput slice{3, {1, 32, 32}, 1, {}};
  models::Bundle bundle{
      .kind = models::Kind::Prognosis, .name = "network", .payload = prognosis_payload(o, kPrognosisChannels, slice)};
  write_networks(folder, bundle, {nn::initial_resnet2d_weights(o.network, seed)});
  return read_networks(folder, models::Kind::Prognosis);
}

struct Made {
  fs::path root = fs::temp_directory_path() / ("gliocast-fused-signature-" + std::to_string(::getpid()));
  FusedSignature fused;
  std::vector<signature::SurvivalTable> tables;
  explicit Made(const std::string& deep = "deep_003") {
    fs::remove_all(root);
    for (std::uint64_t i = 0; i < 2; ++i) {
      const auto network = network_of(root / ("made_" + std::to_string(i)), i);
      tables.push_back(made_table(i, network.bundle.checksum, deep));
      fused.members.push_back({network, signature_of(tables.back(), i)});
    }
    fused.bundle.name = "fused";
    fused.bundle.payload["radiomics"] = "paper788";
    fused.demonstration = true;
  }
  Made(const Made&) = delete;
  Made& operator=(const Made&) = delete;
  ~Made() { fs::remove_all(root); }

  [[nodiscard]] std::string refusal() const {
    try {
      (void)read_fused_signature(root / "model");
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::MissingModel);
      return e.what();
    }
    return "read";
  }
};

}  // namespace

TEST(FusedSignature, IsReadAsItWasWritten) {
  const Made made;
  ASSERT_FALSE(made.fused.members[0].signature.model->needed_columns().empty());
  write_fused_signature(made.root / "model", made.fused);
  const auto back = read_fused_signature(made.root / "model");
  ASSERT_EQ(back.members.size(), 2U);
  EXPECT_EQ(back.sequence, Sequence::T1Gd);
  EXPECT_TRUE(back.demonstration);
  for (std::size_t m = 0; m < 2; ++m) {
    const auto& table = made.tables[m].features;
    EXPECT_EQ(back.members[m].signature.model->signature(table),
              made.fused.members[m].signature.model->signature(table));
    EXPECT_EQ(back.members[m].network->bundle.checksum, made.fused.members[m].network->bundle.checksum);
  }
}

TEST(FusedSignature, MembersThatDoNotBelongTogetherAreRefused) {
  const Made made;
  write_fused_signature(made.root / "model", made.fused);
  const fs::path model = made.root / "model";
  fs::rename(model / "signature_0", model / "kept");
  fs::copy(model / "signature_1", model / "signature_0");
  EXPECT_NE(made.refusal().find("not the one the model was made with"), std::string::npos) << made.refusal();
  fs::remove_all(model / "signature_0");
  fs::rename(model / "kept", model / "signature_0");
  EXPECT_EQ(made.refusal(), "read");
  fs::remove_all(model / "network_0");
  fs::copy(model / "network_1", model / "network_0");
  EXPECT_NE(made.refusal().find("not the one whose features"), std::string::npos) << made.refusal();
}

TEST(FusedSignature, AnEarlierModelInTheSamePlaceGoes) {
  Made made;
  write_fused_signature(made.root / "model", made.fused);
  made.fused.members.pop_back();
  write_fused_signature(made.root / "model", made.fused);
  EXPECT_FALSE(fs::exists(made.root / "model" / "signature_1"));
  EXPECT_FALSE(fs::exists(made.root / "model" / "network_1"));
  EXPECT_EQ(read_fused_signature(made.root / "model").members.size(), 1U);
}

TEST(FusedSignature, FeaturesThatTheNetworkDoesNotGiveAreRefused) {
  const Made made("deep_017");  // of 16
  bool needed = false;
  for (const auto& m : made.fused.members)
    for (const auto& name : m.signature.model->needed_columns()) needed = needed || name == "deep_017";
  ASSERT_TRUE(needed);
  write_fused_signature(made.root / "model", made.fused);
  EXPECT_NE(made.refusal().find("the signature needs deep_017, its network gives 16 features"), std::string::npos)
      << made.refusal();
}

TEST(FusedSignature, MayBeOfRadiomicsAlone) {
  Made made("original_firstorder_Range");
  for (auto& table : made.tables) table.features.origins.clear();
  made.fused.members = {{std::nullopt, signature_of(made.tables[0], 1)}};
  write_fused_signature(made.root / "model", made.fused);
  EXPECT_FALSE(read_fused_signature(made.root / "model").members.at(0).network);
  made.fused.members = {{std::nullopt, signature_of(made_table(0, "a network", "deep_003"), 1)}};
  write_fused_signature(made.root / "model", made.fused);
  EXPECT_NE(made.refusal().find("needs deep_003, its network gives 0 features"), std::string::npos) << made.refusal();
}

TEST(FusedSignature, OtherNetworksFeaturesAreRefused) {
  Made made;
  made.tables[0] = made_table(0, "another", "deep_003");
  made.fused.members[0].signature = signature_of(made.tables[0], 0);
  write_fused_signature(made.root / "model", made.fused);
  EXPECT_NE(made.refusal().find("fitted to features of another network"), std::string::npos) << made.refusal();
}

namespace {

models::Bundle nomogram_of(const std::string& formula) {
  const stats::DataFrame frame(TextTable{{"age", "risk_group", "months", "dead"},
                                         {{"30", "low", "60", "0"},
                                          {"62", "high", "7", "1"},
                                          {"41", "low", "44", "1"},
                                          {"55", "high", "12", "1"},
                                          {"48", "high", "30", "0"},
                                          {"70", "low", "25", "1"},
                                          {"36", "low", "70", "0"},
                                          {"59", "high", "9", "1"}}},
                               "clinical.tsv");
  survival::OutcomeColumns outcome;
  outcome.time = "months";
  outcome.event = "dead";
  const auto cox = survival::analyse_cox(frame, outcome, formula);
  return {.kind = models::Kind::Cox,
          .name = formula,
          .card = {{"unit", "months"}},
          .payload = survival::to_json(cox.model)};
}

}  // namespace

TEST(FusedSignature, HoldsTheNomogramsThatBelongToIt) {
  Made made;
  write_fused_signature(made.root / "model", made.fused);
  EXPECT_FALSE(read_fused_signature(made.root / "model").clinical_nomogram);
  made.fused.clinical_nomogram = nomogram_of("age");
  made.fused.integrated_nomogram = nomogram_of("age + risk_group");
  write_fused_signature(made.root / "model", made.fused);
  auto back = read_fused_signature(made.root / "model");
  EXPECT_EQ(back.clinical_nomogram.value().payload, made.fused.clinical_nomogram->payload);
  EXPECT_EQ(back.integrated_nomogram.value().payload, made.fused.integrated_nomogram->payload);
  EXPECT_EQ(back.integrated_nomogram->card.at("unit"), "months");

  const fs::path clinical = made.root / "model" / "nomogram_clinical.json",
                 integrated = made.root / "model" / "nomogram_integrated.json";
  fs::copy_file(clinical, integrated, fs::copy_options::overwrite_existing);
  EXPECT_NE(made.refusal().find("nomogram is not the one the model was made with"), std::string::npos)
      << made.refusal();
  fs::remove(clinical);
  EXPECT_NE(made.refusal().find("no model is there"), std::string::npos) << made.refusal();

  back.integrated_nomogram.reset();
  write_fused_signature(made.root / "model", back);
  EXPECT_FALSE(fs::exists(integrated));
  EXPECT_TRUE(read_fused_signature(made.root / "model").clinical_nomogram);
}

TEST(FusedSignature, ANomogramThatIsNoCoxModelIsRefused) {
  Made made;
  made.fused.clinical_nomogram = nomogram_of("age");
  made.fused.clinical_nomogram->payload.erase("coefficients");
  write_fused_signature(made.root / "model", made.fused);
  EXPECT_NE(made.refusal().find("coefficients"), std::string::npos) << made.refusal();
}

TEST(FusedSignature, TheMeanIsTheMembersMean) {
  const Made made;
  std::vector<std::shared_ptr<const signature::SignatureModel>> models;
  std::vector<learn::FeatureTable> tables;
  for (std::size_t m = 0; m < 2; ++m) {
    models.push_back(made.fused.members[m].signature.model);
    tables.push_back(made.tables[m].features);
  }
  const auto said = mean_signature(models, tables, {5, 10});
  const auto a = models[0]->signature(tables[0]), b = models[1]->signature(tables[1]);
  const auto p = models[0]->survival(a, {5, 10}), q = models[1]->survival(b, {5, 10});
  const double cut = (models[0]->parts().cut + models[1]->parts().cut) / 2;
  std::size_t high = 0;
  for (std::size_t r = 0; r < a.size(); ++r) {
    EXPECT_DOUBLE_EQ(said.signature[r], (a[r] + b[r]) / 2);
    EXPECT_EQ(said.high_risk[r] != 0, said.signature[r] < cut);
    for (std::size_t t = 0; t < 2; ++t) {
      EXPECT_DOUBLE_EQ(said.survival[r][t], (p[r].survival[t] + q[r].survival[t]) / 2);
      EXPECT_DOUBLE_EQ(said.survival_low[r][t], (p[r].low[t] + q[r].low[t]) / 2);
      EXPECT_DOUBLE_EQ(said.survival_high[r][t], (p[r].high[t] + q[r].high[t]) / 2);
    }
    high += said.high_risk[r] != 0;
  }
  EXPECT_GT(high, 5U);
  EXPECT_LT(high, 35U);
}
