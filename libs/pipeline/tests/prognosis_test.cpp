// The prognosis network between its cohort and its bundle: outcomes, features with their origin, what a bundle must
// say.
#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/random.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/nn/prognosis_network.hpp>
#include <gliocast/pipeline/clinical_outcomes.hpp>
#include <gliocast/pipeline/network_bundle.hpp>
#include <gliocast/pipeline/prognosis_features.hpp>
#include <gliocast/pipeline/train.hpp>

#include <gtest/gtest.h>

#include <unistd.h>
#include <cmath>
#include <filesystem>

using namespace gliocast;
using namespace gliocast::pipeline;
namespace fs = std::filesystem;

namespace {

class Folder {
 public:
  Folder() { fs::create_directories(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path); }
  const fs::path path = fs::temp_directory_path() / ("gliocast-prognosis-test-" + std::to_string(::getpid()));
};

std::vector<nn::PrognosisCase> random_cases(std::size_t count) {
  std::vector<nn::PrognosisCase> out;
  for (std::size_t i = 0; i < count; ++i) {
    Random random(i, "slice");
    nn::PrognosisCase c;
    c.slice.id = "p" + std::to_string(i);
    c.slice.input = {3, {1, 32, 32}, 1, {}};
    c.slice.present = {true, true, true};
    for (std::size_t k = 0; k < 3 * 32 * 32; ++k) c.slice.input.values.push_back(static_cast<float>(random.normal()));
    c.slice.label.assign(32 * 32, 1);
    c.who_grade = static_cast<int>(i % 2);
    c.time = random.uniform(1, 60);
    c.event = i % 3 != 0;
    out.push_back(std::move(c));
  }
  return out;
}

PrognosisFeatureOptions small(const fs::path& folder, const std::vector<nn::PrognosisCase>& cases) {
  PrognosisFeatureOptions o;
  o.folder = folder;
  o.name = "prognosis";
  o.channels = kPrognosisChannels;
  o.simulated = true;
  o.training = nn::PrognosisTrainingOptions::preset("default");
  o.training.network.base_width = 4;
  o.training.common.epochs = 2;
  o.training.common.batch = 4;
  for (const auto& c : cases) o.contents.push_back(case_contents(c.slice));
  return o;
}

ExitCode code_of(const fs::path& folder) {
  try {
    (void)prognosis_reading(read_networks(folder, models::Kind::Prognosis));
  } catch (const Error& e) {
    return e.code();
  }
  return ExitCode::Done;
}

}  // namespace

TEST(PrognosisFeatures, KnowTheirNetworkAndComeBackWithoutTraining) {
  const Folder folder;
  const auto cases = random_cases(8);
  const auto o = small(folder.path, cases);
  int epochs = 0;
  const auto count = [&](const nn::EpochRecord&) { ++epochs; };
  const auto made = fit_prognosis_features(cases, {0, 2, 4, 6, 7}, {}, o, count);
  EXPECT_EQ(epochs, 2);
  EXPECT_EQ(made.fitted_on, (std::vector<std::string>{"p0", "p2", "p4", "p6", "p7"}));
  ASSERT_EQ(made.features.size(), 8U);
  EXPECT_EQ(made.names.size(), 32U);
  EXPECT_EQ(made.names.front(), "deep_001");

  // As the bundle's network reads a slice.
  const auto networks = read_networks(made.bundle, models::Kind::Prognosis);
  EXPECT_EQ(networks.bundle.checksum, made.network);
  EXPECT_EQ(networks.bundle.payload.at("demonstration"), true);
  const auto reading = prognosis_reading(networks);
  EXPECT_EQ(reading.slice_yx, (std::array<std::int64_t, 2>{32, 32}));
  EXPECT_EQ(reading.loss, nn::PrognosisLoss::Cox);
  const nn::PrognosisNetwork network(reading.network, networks.weights.front());
  const auto said = network.predict(cases[3].slice.input);
  EXPECT_EQ(made.score[3], said.survival);
  for (std::size_t i = 0; i < 32; ++i) EXPECT_EQ(made.features[3][i], static_cast<double>(said.features[i]));

  const auto again = fit_prognosis_features(cases, {0, 2, 4, 6, 7}, {}, o, count);
  EXPECT_EQ(epochs, 2) << "read back";
  EXPECT_EQ(again.features, made.features);
  EXPECT_EQ(again.network, made.network);

  // Another truth, another loss: another network.
  auto other = cases;
  other[4].time += 1;
  EXPECT_NE(fit_prognosis_features(other, {0, 2, 4, 6, 7}, {}, o, count).bundle, made.bundle);
  auto time = o;
  time.training.loss = nn::PrognosisLoss::Time;
  const auto timed = fit_prognosis_features(cases, {0, 2, 4, 6, 7}, {}, time, count);
  EXPECT_EQ(epochs, 6);
  const auto as_time = read_networks(timed.bundle, models::Kind::Prognosis);
  const nn::PrognosisNetwork by_time(prognosis_reading(as_time).network, as_time.weights.front());
  EXPECT_EQ(timed.score[3], -by_time.predict(cases[3].slice.input).survival) << "a long time is a low risk";

  // What is damaged is made again, with the same numbers.
  write_text(made.bundle / "weights.safetensors", "damaged");
  EXPECT_EQ(fit_prognosis_features(cases, {0, 2, 4, 6, 7}, {}, o, count).features, made.features);
  EXPECT_EQ(epochs, 8);
}

TEST(PrognosisBundle, WhatCannotBeReadIsRefused) {
  const Folder folder;
  const auto cases = random_cases(6);
  const auto made = fit_prognosis_features(cases, {0, 1, 2, 3}, {}, small(folder.path, cases));
  const Json whole = read_json(made.bundle / "model.json");
  EXPECT_EQ(code_of(made.bundle), ExitCode::Done);
  const auto with = [&](const char* key, const char* value) {
    Json json = whole;
    json["payload"][key] = Json::parse(value);
    write_json(made.bundle / "model.json", json);
    return code_of(made.bundle);
  };
  EXPECT_EQ(with("loss", R"("time")"), ExitCode::Done);
  EXPECT_EQ(with("loss", R"("luck")"), ExitCode::MissingModel);
  EXPECT_EQ(with("loss", "3"), ExitCode::MissingModel);
  EXPECT_EQ(with("slice_yx", "[240]"), ExitCode::MissingModel);
  EXPECT_EQ(with("slice_yx", "[240, 1e30]"), ExitCode::MissingModel);
  EXPECT_EQ(with("slice_yx", "[-240, 240]"), ExitCode::MissingModel);
  EXPECT_EQ(with("channels", R"(["t1", "t2"])"), ExitCode::MissingModel);
  EXPECT_EQ(with("network", R"({"architecture": "resnet18-3d-se"})"), ExitCode::MissingModel);
}

TEST(PrognosisBundle, TheCardSaysWhetherTransferLearningWasUsed) {
  nn::PrognosisTrainingOptions o;
  Json card;
  add_prognosis_card(card, o);
  EXPECT_NE(card.at("start").get<std::string>().find("transfer learning was not used"), std::string::npos);
  o.start = "ImageNet, file with SHA-256 0123456789abcdef";
  o.loss = nn::PrognosisLoss::Time;
  add_prognosis_card(card, o);
  EXPECT_EQ(card.at("start"), "transfer learning from ImageNet, file with SHA-256 0123456789abcdef");
  EXPECT_NE(card.at("network").get<std::string>().find("censored times count as deaths"), std::string::npos);
}

TEST(ClinicalOutcomes, GradesAndTimesAndWhatIsMissing) {
  const Folder folder;
  const fs::path file = folder.path / "clinical.tsv";
  ClinicalTable table;
  table.file = file;
  table.outcome.time = "months";
  table.outcome.event = "status";
  write_table(file, {{"Patient", "months", "status", "who_grade"},
                     {{"a", "12.5", "1", "II"},
                      {"b", "30", "0", "WHO grade 3"},
                      {"c", "NA", "1", "4"},
                      {"d", "7", "1", "low"},
                      {"e", "0", "1", "2"}}});
  const auto found = read_outcomes(table);
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found.at("a").who_grade, 2);
  EXPECT_EQ(found.at("a").time, 12.5);
  EXPECT_TRUE(found.at("a").event);
  EXPECT_EQ(found.at("b").who_grade, 3);
  EXPECT_FALSE(found.at("b").event);
  EXPECT_EQ(found.at("c").who_grade, 4);
  EXPECT_TRUE(std::isnan(found.at("c").time));
  EXPECT_EQ(found.at("d").who_grade, 0);
  EXPECT_TRUE(std::isnan(found.at("e").time)) << "a time of 0 has no log";

  const auto problem = [&] {
    try {
      (void)read_outcomes(table);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string("read");
  };
  write_table(file, {{"patient", "months", "status"}, {{"a", "1", "1"}, {"a", "2", "0"}}});
  EXPECT_NE(problem().find("patient a has two rows"), std::string::npos) << problem();
  write_table(file, {{"name", "months", "status"}, {{"a", "1", "1"}}});
  EXPECT_NE(problem().find("no column names the patients"), std::string::npos) << problem();
  write_table(file, {{"patient", "time", "status"}, {{"a", "1", "1"}}});
  EXPECT_NE(problem().find("months"), std::string::npos) << problem();
}
