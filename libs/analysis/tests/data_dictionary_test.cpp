// The JSON beside a table, and what it forbids: testing a network's features on the patients who fitted it, and mixing
// the features of two networks.
#include "messages.hpp"

#include <gliocast/analysis/data_dictionary.hpp>
#include <gliocast/analysis/grade_evaluation.hpp>
#include <gliocast/analysis/grade_model.hpp>
#include <gliocast/analysis/grade_table.hpp>
#include <gliocast/core/checksum.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/random.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace gliocast::analysis {
namespace {

using test_support::error_of;
using test_support::has;
using test_support::joined;
namespace fs = std::filesystem;

constexpr const char* kDictionary = R"({
  "volume": {"Description": "Volume of the tumour", "Units": "mm3", "Levels": {"a": 1}},
  "deep_0": {"Description": "Deep feature", "Network": "abc", "FittedOn": ["p9", "p7"]},
  "deep_1": {"Network": "abc", "FittedOn": ["p7", "p9"]}})";

std::string dictionary_of(const std::string& network, const std::string& fitted_on) {
  const std::string entry = R"({"Network": ")" + network + R"(", "FittedOn": )" + fitted_on + "}";
  return R"({"deep_0": )" + entry + R"(, "deep_1": )" + entry + "}";
}

/// Patients p0 … of alternating label, a volume and two deep features that tell it.
GradeTable patients(std::size_t n, const std::string& dictionary, const std::string& prefix = "p",
                    const GradeColumns& columns = {"label", "", "", "", "", {}}) {
  Random random(n, "deep");
  TextTable t{{"id", "label", "volume", "deep_0", "deep_1"}, {}};
  for (std::size_t r = 0; r < n; ++r) {
    t.rows.push_back({prefix + std::to_string(r), std::to_string(r % 2)});
    for (int f = 0; f < 3; ++f) t.rows.back().push_back(shortest(random.normal() + (f > 0 && r % 2 == 1 ? 2 : 0)));
  }
  return read_grade_table(stats::DataFrame(t, "table.tsv"), columns, parse_data_dictionary(dictionary, "table.json"));
}

GradeEvaluationOptions short_evaluation() {
  GradeEvaluationOptions o;
  o.chain = learn::parse_chain("steps: [standardise]\nclassifier: logistic\nfolds: 3\n", "test");
  o.draws = 100;
  return o;
}

TrainedGrade trained(const GradeTable& table) {
  GradeTrainingOptions o;
  o.chain = short_evaluation().chain;
  o.label = "label";
  o.refits = 2;
  return train_grade(table, o);
}

fs::path fresh_folder() {
  const auto folder = fs::temp_directory_path() / "gliocast-data-dictionary-test";
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

}  // namespace

TEST(DataDictionary, SaysWhatColumnsAre) {
  const auto d = parse_data_dictionary(kDictionary, "table.json");
  EXPECT_EQ(d.at("volume").units, "mm3");
  EXPECT_EQ(d.at("volume").origin, nullptr);
  EXPECT_EQ(d.at("deep_0").description, "Deep feature");
  EXPECT_EQ(d.at("deep_0").origin->network, "abc");
  EXPECT_EQ(d.at("deep_0").origin->fitted_on, (std::vector<std::string>{"p7", "p9"}));
  EXPECT_EQ(d.at("deep_0").origin, d.at("deep_1").origin);  // one network, whatever the order of its patients
  const auto origins = origins_of({"volume", "deep_1", "unknown"}, d);
  ASSERT_EQ(origins.size(), 3U);
  EXPECT_EQ(origins[1]->network, "abc");
  EXPECT_EQ(origins[0], nullptr);
  EXPECT_TRUE(origins_of({"volume", "unknown"}, d).empty());
}

TEST(DataDictionary, StandsBesideItsTable) {
  const auto folder = fresh_folder();
  EXPECT_TRUE(read_data_dictionary(folder / "table.tsv").empty());
  write_data_dictionary(folder / "table.tsv", parse_data_dictionary(kDictionary, "x"));
  const auto again = read_data_dictionary(folder / "table.tsv");
  EXPECT_EQ(again.size(), 3U);
  EXPECT_EQ(*again.at("deep_1").origin, *parse_data_dictionary(kDictionary, "x").at("deep_1").origin);
  EXPECT_EQ(read_data_dictionary(folder / "table.csv").size(), 3U);
  // Results that happen to have the table's name are no dictionary of a .csv, and a damaged one of a .tsv.
  write_text(folder / "table.json", R"([{"volume": 3}])");
  EXPECT_TRUE(read_data_dictionary(folder / "table.csv").empty());
  const auto told = error_of([&] { (void)read_data_dictionary(folder / "table.tsv"); });
  EXPECT_TRUE(has(told, "no object of columns") && has(told, "table.json")) << told;
  fs::remove_all(folder);
}

TEST(DataDictionary, ADamagedOneIsRefusedByColumn) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"{", "no JSON"},
      {"", "no JSON"},
      {"3", "no object of columns"},
      {R"({"a": 3})", "no object of columns"},
      {R"({"a": {}, "a": {}})", "the column \"a\" twice"},
      {R"({"a": {"Description": 3}})", "\"Description\" of column \"a\""},
      {R"({"a": {"Network": "x"}})", "column \"a\" has \"Network\" without \"FittedOn\""},
      {R"({"a": {"FittedOn": []}})", "column \"a\" has \"FittedOn\" without \"Network\""},
      {R"({"a": {"Network": "", "FittedOn": []}})", "\"Network\" of column \"a\" is empty"},
      {R"({"a": {"Network": 7, "FittedOn": []}})", "\"Network\" of column \"a\" is no text"},
      {R"({"a": {"Network": "x", "FittedOn": [7]}})", "\"FittedOn\" of column \"a\""},
      {R"({"a": {"Network": ["x", "y"], "FittedOn": []}})", "column \"a\" is of 2 networks"}};
  for (const auto& [text, problem] : wrong) {
    const auto told = error_of([&, &json = text] { (void)parse_data_dictionary(json, "table.json"); });
    EXPECT_TRUE(has(told, problem) && has(told, "table.json")) << text << told;
  }
}

TEST(DataDictionary, PatientsOfANetworkAreNoTest) {
  const auto table = patients(40, dictionary_of("abc", R"(["p3", "p8", "x"])"));
  const auto told = error_of([&] { (void)evaluate_grade(table, short_evaluation()); });
  EXPECT_TRUE(has(told, "column deep_0") && has(told, "p3, p8") && !has(told, "x,")) << told;
  const auto clean = patients(40, dictionary_of("abc", R"(["x"])"));
  const auto held = patients(30, dictionary_of("abc", R"(["x", "q4"])"), "q");
  const auto external = error_of([&] { (void)evaluate_grade(clean, short_evaluation(), &held); });
  EXPECT_TRUE(has(external, "column deep_0") && has(external, "q4")) << external;
  // The second table may not know what the first one does.
  const auto first = patients(40, dictionary_of("abc", R"(["q5"])"));
  const auto second = patients(30, dictionary_of("abc", "[]"), "q");
  EXPECT_TRUE(has(error_of([&] { (void)evaluate_grade(first, short_evaluation(), &second); }), "q5"));
  EXPECT_NO_THROW((void)evaluate_grade(clean, short_evaluation(), &second));
}

TEST(DataDictionary, PatientsAreKnownByTheirColumn) {
  const GradeColumns columns{"label", "", "", "id", "", {}};
  EXPECT_EQ(patients(20, dictionary_of("abc", "[]"), "p", columns).features.patient_names.at(3), "p3");
  TextTable t{{"label", "deep_0"}, {}};
  for (int r = 0; r < 20; ++r) t.rows.push_back({std::to_string(r % 2), shortest(r * 0.37)});
  const auto told = error_of([&] {
    (void)read_grade_table(stats::DataFrame(t, "table.tsv"), {"label", "", "", "", "", {}},
                           parse_data_dictionary(dictionary_of("abc", "[]"), "x"));
  });
  EXPECT_TRUE(has(told, "\"deep_0\"") && has(told, "--id")) << told;
}

TEST(DataDictionary, AModelKnowsItsNetworksAndTheirPatients) {
  const auto table = patients(40, dictionary_of("abc", R"(["q4", "x"])"));
  auto model = trained(table);
  EXPECT_FALSE(has(joined(model.notes), "was fitted on")) << joined(model.notes);
  const auto folder = fresh_folder();
  learn::write_classifier(folder, model.classifier);
  const auto classifier = learn::read_classifier_bundle(folder);
  ASSERT_EQ(classifier.origins.size(), 2U);
  std::vector<std::string> marks{"sha256:" + sha256("q4"), "sha256:" + sha256("x")};  // a bundle names no patient
  std::ranges::sort(marks);
  EXPECT_EQ(classifier.origins.at("deep_1")->fitted_on, marks);
  learn::write_classifier(folder, classifier);
  EXPECT_EQ(learn::read_classifier_bundle(folder).origins.at("deep_1")->fitted_on, marks);
  fs::remove_all(folder);

  const auto predicted = [&](const GradeTable& rows) {
    return error_of([&] { (void)predict_grade(rows, classifier, false); });
  };
  EXPECT_EQ(predicted(patients(3, dictionary_of("abc", "[]"), "q")), "accepted");
  const auto known = predicted(patients(9, dictionary_of("abc", "[]"), "q"));
  EXPECT_TRUE(has(known, "deep_0") && has(known, "q4")) << known;
  const auto told = predicted(patients(3, dictionary_of("abc", R"(["q1"])"), "q"));
  EXPECT_TRUE(has(told, "deep_0") && has(told, "q1")) << told;
  const auto other = predicted(patients(3, dictionary_of("def", "[]"), "q"));
  EXPECT_TRUE(has(other, "column deep_0") && has(other, "abc")) << other;
  const auto none = predicted(patients(3, "{}", "q"));
  EXPECT_TRUE(has(none, "column deep_0") && has(none, "abc")) << none;

  // The other way round: a model of measurements.
  const auto measured = trained(patients(40, "{}")).classifier;
  const auto deep = patients(3, dictionary_of("abc", "[]"), "q");
  EXPECT_TRUE(has(error_of([&] { (void)predict_grade(deep, measured, false); }), "column deep_0"));
}

TEST(DataDictionary, TrainingOnThePatientsOfANetworkIsTold) {
  const auto notes = joined(trained(patients(40, dictionary_of("abc", R"(["p3", "p8"])"))).notes);
  EXPECT_TRUE(has(notes, "warning: the network that made column \"deep_0\" was fitted on 2 of the table's patients"))
      << notes;
  EXPECT_TRUE(has(notes, "p3, p8")) << notes;
}

TEST(DataDictionary, RatersHaveOneNetwork) {
  auto table = patients(20, dictionary_of("abc", "[]"));
  TextTable second{{"id", "volume", "deep_0", "deep_1"}, {}};
  for (int r = 0; r < 20; ++r) second.rows.push_back({"p" + std::to_string(r), "1.5", shortest(r * 0.3), "2.5"});
  const auto add = [&](const std::string& dictionary) {
    return error_of([&] {
      add_second_rater(table, stats::DataFrame(second, "second.tsv"), {"label", "", "", "", "", {}},
                       parse_data_dictionary(dictionary, "second.json"));
    });
  };
  EXPECT_EQ(add(dictionary_of("abc", "[]")), "accepted");
  EXPECT_TRUE(has(add(dictionary_of("def", "[]")), "\"deep_0\" of the second rater"));
  EXPECT_TRUE(has(add("{}"), "\"deep_0\" of the second rater"));
}

}  // namespace gliocast::analysis
