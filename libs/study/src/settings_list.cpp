// What can be set of a study: each setting stands here once. A member that is not listed does not compile.
#include "settings_list.hpp"

#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/learn/chain.hpp>

#include <cmath>
#include <utility>

namespace gliocast::study {
namespace {

constexpr double kMany = 1000000;

Allowed range(double least, double most) { return {.least = least, .most = most}; }
Allowed zero_or(double least, double most) { return {.least = least, .most = most, .or_zero = true}; }
Allowed above_zero() { return {.least = 0, .above = true}; }
Allowed one_of(std::vector<std::string> choices) { return {.choices = std::move(choices)}; }
Allowed one_of_or_empty(std::vector<std::string> choices) { return {.choices = std::move(choices), .or_empty = true}; }
Allowed one_of_or_file(std::vector<std::string> choices) { return {.choices = std::move(choices), .or_file = true}; }

using Rows = std::vector<Setting>;

void add(Rows& rows, const std::string& section, const std::string& comment, Rows own) {
  rows.push_back({section, comment});
  for (auto& row : own) {
    row.path.insert(0, section + ".");
    rows.push_back(std::move(row));
  }
}

Rows rows_of(NetworkSettings& s) {
  auto& [base_width, epochs, steps_per_epoch, batch, learning_rate] = s;
  return {
      {"base_width", "channels of the first stage; 8 times as many deep features", &base_width, range(1, 512)},
      {"epochs", "of fitting", &epochs, range(1, kMany)},
      {"steps_per_epoch", "optimiser steps; 0: one pass over the training patients", &steps_per_epoch, range(0, kMany)},
      {"batch", "patients a step", &batch, range(1, 256)},
      {"learning_rate", "Adam's", &learning_rate, {.least = 0, .most = 1, .above = true}}};
}

Rows rows_of(CriteriaSettings& s) {
  auto& [untreated, quality, all_sequences, least_age] = s;
  return {{"untreated", "leave out who was treated before the MRI (column treated_before)", &untreated},
          {"quality", "leave out images of no diagnostic quality (column quality)", &quality},
          {"all_sequences", "T1, T1-Gd and T2 are needed; false: any two of them", &all_sequences},
          {"least_age", "years; none: any age", &least_age, range(0, 120)}};
}

Rows rows_of(OutlineNetworkSettings& s) {
  auto& [base_width, doubling, epochs, steps_per_epoch, batch, learning_rate, patch_zyx] = s;
  return {
      {"base_width", "channels of the first level", &base_width, range(1, 512)},
      {"doubling", "twice as many channels at each level below; false: as many everywhere", &doubling},
      {"epochs", "of fitting", &epochs, range(1, kMany)},
      {"steps_per_epoch", "optimiser steps; 0: one pass over the training patients", &steps_per_epoch, range(0, kMany)},
      {"batch", "windows a step", &batch, range(1, 256)},
      {"learning_rate", "Adam's", &learning_rate, {.least = 0, .most = 1, .above = true}},
      {"patch_zyx", "samples of a window, 2 mm apart; multiples of 16", &patch_zyx, range(16, 512)}};
}

Rows rows_of(OutlineSettings& s) {
  auto& [by, segmentation_model, preprocessed, raters, folds, network] = s;
  Rows rows{{"by", "a given model, networks trained here, or the cohort's own", &by,
             one_of({"network", "trained", "experts"})},
            {"segmentation_model", "name of the given bundle", &segmentation_model},
            {"preprocessed", "whether images are stripped and aligned", &preprocessed, one_of({"auto", "yes", "no"})},
            {"raters", "agreement of raters, and of the network with each, where there are raters' masks", &raters},
            {"folds", "by trained: each patient is outlined by a network of the other folds", &folds, range(2, 1000)}};
  add(rows, "network", "by trained: 3-D U-Net", rows_of(network));
  return rows;
}

Rows rows_of(GradingSettings& s) {
  auto& [run, design, chain, deep, outer, inner, network, patch_zyx, refits, draws] = s;
  Rows rows{
      {"run", "false: no grading", &run},
      {"design", "training halves crossed in every fold, or one split 6:2:2", &design, one_of({"crossed", "paper"})},
      {"chain", "selection, classifier", &chain, one_of_or_file(learn::chain_presets())},
      {"deep", "networks and their features too; false: radiomics alone", &deep},
      {"outer", "outer folds of the crossed design", &outer, range(2, 1000)},
      {"inner", "folds within; 0: the chain's own", &inner, zero_or(2, 100)}};
  add(rows, "network", "3-D ResNet18", rows_of(network));
  rows.insert(rows.end(), {{"patch_zyx", "samples of the network's input, 2 mm apart; of preset paper 1 mm", &patch_zyx,
                            range(16, 512)},
                           {"refits", "bootstrap refits of the model for use, for intervals", &refits, range(0, 10000)},
                           {"draws", "of the bootstrap over patients, for intervals", &draws, range(100, kMany)}});
  return rows;
}

Rows rows_of(SignatureSettings& s) {
  auto& [run, way, against, deep, sequence, outer, inner, repeats, draws, network, imagenet] = s;
  const Allowed ways = one_of_or_file({"default", "paper"});
  Allowed others = ways;
  others.or_empty = true;
  Rows rows{{"run", "false: no signature", &run},
            {"way", "by Cox models (default), or of log times (paper)", &way, ways},
            {"against", "other ways, compared with it", &against, others},
            {"deep", "deep features too; false: radiomics alone", &deep},
            {"sequence", "whose radiomics; empty: chosen among the training patients", &sequence,
             one_of_or_empty({"t1", "t1gd", "t2"})},
            {"outer", "outer folds", &outer, range(2, 1000)},
            {"inner", "folds within; 0: the way's own", &inner, zero_or(3, 100)},
            {"repeats", "of the cross-validation, folds dealt anew", &repeats, range(1, 1000)},
            {"draws", "of the bootstrap over patients, for intervals", &draws, range(100, kMany)}};
  add(rows, "network", "2-D ResNet18", rows_of(network));
  rows.push_back({"imagenet",
                  "file of torchvision's resnet18 to start from; empty: random weights",
                  &imagenet,
                  {.or_empty = true}});
  return rows;
}

Rows rows_of(NomogramSettings& s) {
  auto& [factors, drop_rule] = s;
  return {{"factors",
           "candidates, e.g. [age, rcs(kps, 3)]; empty: the usual ones that are known",
           &factors,
           {.or_empty = true}},
          {"drop_rule", "a factor stays by its likelihood ratio test, or if any level has P <= 0.05", &drop_rule,
           one_of({"lrt", "paper"})}};
}

std::string range_text(const Allowed& a) {
  const std::string least = (a.above ? "above " : "") + number_text(a.least);
  const std::string text = std::isinf(a.most) ? least + (a.above ? "" : " or more")
                                              : least + (a.above ? ", at most " : " to ") + number_text(a.most);
  return (a.or_zero ? "0, or " : "") + text;
}

std::string choices_text(const Allowed& a) { return listed(a.choices) + (a.or_file ? ", or a YAML file" : ""); }

}  // namespace

std::vector<Setting> settings_list(StudySettings& settings) {
  auto& [preset, seed, level, times, unit, radiomics, figures, criteria, outlines, grading, signature, nomograms] =
      settings;
  Rows rows{{"preset", "what all else begins with", &preset, one_of(settings_presets())},
            {"seed", "of folds, networks, forests and bootstraps", &seed, {.least = 0}},
            {"level", "coverage of intervals", &level, range(0.5, 0.9999)},
            {"times", "at which survival is predicted and judged, in unit", &times, above_zero()},
            {"unit", "of the times", &unit, one_of({"days", "weeks", "months", "years"})},
            {"radiomics", "preset of features", &radiomics, one_of({"paper788", "default", "all", "chain"})},
            {"figures", "kinds of files", &figures, one_of({"svg", "pdf", "png"})}};
  add(rows, "criteria", "who is included; the patient flow counts whom each rule removes", rows_of(criteria));
  add(rows, "outlines", "of the tumours", rows_of(outlines));
  add(rows, "grading", "low grade (WHO II, III) against high grade (WHO IV)", rows_of(grading));
  add(rows, "signature", "survival of lower-grade gliomas", rows_of(signature));
  add(rows, "nomograms", "clinical, and with the signature's risk group", rows_of(nomograms));
  return rows;
}

std::string number_text(double value) {
  const std::string plain = plain_number(value, 6);
  return parse_number(plain) == value ? plain : shortest(value);
}

std::string allowed_text(const Setting& s) {
  if (s.section()) return "";
  if (std::holds_alternative<bool*>(s.member)) return "true or false";
  const bool texts =
      std::holds_alternative<std::string*>(s.member) || std::holds_alternative<std::vector<std::string>*>(s.member);
  return texts ? choices_text(s.allowed) : range_text(s.allowed);
}

}  // namespace gliocast::study
