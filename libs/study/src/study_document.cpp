#include "study_document.hpp"

#include "acquisition.hpp"
#include "segmentation_networks.hpp"
#include "study_audit.hpp"
#include "study_checklists.hpp"
#include "study_methods.hpp"
#include "study_notes.hpp"
#include "study_subgroups.hpp"
#include "study_workflows.hpp"
#include "written_table.hpp"

#include <gliocast/analysis/output.hpp>
#include <gliocast/analysis/survival_characteristics.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/core/version.hpp>
#include <gliocast/report/figure.hpp>
#include <gliocast/report/forest_of_chance.hpp>
#include <gliocast/report/result_files.hpp>
#include <gliocast/report/study_report.hpp>
#include <gliocast/report/table_file.hpp>

#include <algorithm>
#include <utility>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;
using report::ReportFigure;
using report::ReportSection;
using report::ReportTable;

/// What the sections are made of.
class Document {
 public:
  Document(const StudyContext& context, const StageGraph& graph, const StudyOutcome& outcome)
      : c_(context), graph_(graph), outcome_(outcome), out_(context.options.out) {
    for (const char* folder : {"tables", "figures"}) fs::remove_all(out_ / folder);
  }

  [[nodiscard]] report::StudyReport report();
  [[nodiscard]] const StudyAudit& audit() const { return audit_; }

 private:
  ReportSection patients();
  ReportSection outlines();
  ReportSection grading();
  ReportSection survival();
  ReportSection nomograms();
  ReportSection subgroups();
  ReportSection leaks();
  ReportSection checklists();  ///< last: of what the others wrote
  ReportSection published();
  ReportSection methods();

  [[nodiscard]] const StageStatus* stage(const std::string& name) const {
    const auto found = std::ranges::find(outcome_.stages, name, &StageStatus::name);
    return found == outcome_.stages.end() ? nullptr : &*found;
  }
  /// Whether the stage's results are there; else the section says why not.
  bool has(const std::string& name, ReportSection& section) const {
    const auto* s = stage(name);
    if (s == nullptr) return false;
    if (s->state != StageState::Refused) return true;
    section.warnings.push_back(s->title + " could not be done: " + s->reason);
    return false;
  }
  /// A stage's table, and the same under the paper's name.
  void add_table(const std::string& file, const std::string& title, const std::string& name, ReportSection& to,
                 const std::string& note = {});
  /// A table that no stage wrote: made of what they wrote.
  void add_own_table(const std::string& name, const std::string& title, const TextTable& table, ReportSection& to,
                     const std::string& note = {}) const;
  void add_acquisition(ReportSection& to) const;
  /// A figure that no stage drew; `source`: the file that its numbers are in.
  void add_own_figure(const std::string& name, const std::string& title, const analysis::FigureSpecification& figure,
                      const std::string& source, const std::string& caption, ReportSection& to) const;
  /// Table S1.
  void add_feature_classes(ReportSection& to) const;
  /// Age, sex and grade of who was tested beside the others', of a split.
  void add_split(ReportSection& to) const;
  /// Of the networks that the study trained to outline: who fitted them, and their Dice.
  void add_trained_outlines(ReportSection& to);
  void add_figure(const std::string& file, const std::string& title, const std::string& name, ReportSection& to,
                  const std::string& caption = {});
  /// Pictures of the best, the median and the worst outline, a row of them a sequence.
  void add_pictures(ReportSection& to) const;
  /// The stage's doubtful notes; of those about nomograms, or all others.
  void add_notes(const std::string& stage, ReportSection& to, bool nomograms = false) const;
  void copy(const fs::path& from, const fs::path& to) const {
    fs::create_directories(to.parent_path());
    fs::copy_file(from, to, fs::copy_options::overwrite_existing);
  }

  const StudyContext& c_;
  const StageGraph& graph_;
  const StudyOutcome& outcome_;
  fs::path out_;
  StudyAudit audit_;
};

void Document::add_table(const std::string& file, const std::string& title, const std::string& name, ReportSection& to,
                         const std::string& note) {
  const fs::path path = out_ / "stages" / file;
  if (!fs::exists(path)) return;
  ReportTable t;
  t.title = title;
  t.table = written_table(path);
  t.source = "stages/" + file;
  t.note = note;
  for (const char* ending : {".tsv", ".md", ".tex"}) {
    const fs::path to_file = out_ / "tables" / (name + ending);
    if (fs::path with = path; fs::exists(with.replace_extension(ending)))
      copy(with, to_file);
    else
      report::write_table_file(to_file, t.table);
  }
  to.items.emplace_back(std::move(t));
}

void Document::add_own_table(const std::string& name, const std::string& title, const TextTable& table,
                             ReportSection& to, const std::string& note) const {
  report::write_for_papers(out_ / "tables", name, table);
  to.items.emplace_back(ReportTable{title, table, "tables/" + name + ".tsv", note, 60});
}

void Document::add_figure(const std::string& file, const std::string& title, const std::string& name, ReportSection& to,
                          const std::string& caption) {
  const fs::path path = out_ / "stages" / file;
  if (!fs::exists(path)) return;
  to.items.emplace_back(ReportFigure{title, path, "stages/" + file, caption});
  for (const char* ending : {".svg", ".pdf", ".png"})
    if (fs::path with = path; fs::exists(with.replace_extension(ending)))
      copy(with, out_ / "figures" / (name + ending));
}

void Document::add_own_figure(const std::string& name, const std::string& title,
                              const analysis::FigureSpecification& figure, const std::string& source,
                              const std::string& caption, ReportSection& to) const {
  const fs::path file = out_ / "figures" / (name + ".svg");
  report::draw(file, figure);
  to.items.emplace_back(ReportFigure{title, file, source, caption});
}

void Document::add_feature_classes(ReportSection& to) const {
  const auto features = c_.feature_names();
  if (features.empty()) return;
  add_own_table("table_s1", "Table S1. The radiomic features of a sequence", feature_classes(features), to);
}

void Document::add_split(ReportSection& to) const {
  const Json split = read_json(out_ / "stages" / "grading" / "study.json").at("audit").at(0);
  const auto tested = split.at("tested").get<std::vector<std::string>>();
  auto table = clinical_rows_of(c_.graded);
  table.columns.emplace_back("part");
  for (auto& row : table.rows)
    row.push_back(std::ranges::find(tested, row[0]) == tested.end() ? "training and validation" : "test");
  analysis::CharacteristicsOptions o;
  o.group = "part";
  for (const char* column : {"age", "sex", "grade"})
    if (table.find_column(column)) o.columns.emplace_back(column);
  if (o.columns.empty()) return;
  add_own_table("split", "Training and validation beside test",
                analysis::characteristics(stats::DataFrame(table, "split"), o).table, to,
                "One split 6:2:2, in proportion within grades and centres.");
}

void Document::add_pictures(ReportSection& to) const {
  const fs::path folder = out_ / "stages" / "raters";
  if (!fs::exists(folder / "pictures.tsv")) return;
  const auto table = read_table(folder / "pictures.tsv");
  for (const Sequence of : {Sequence::T1Gd, Sequence::T2}) {
    report::ReportPictures p;
    p.title = "Best, median and worst outline on " + std::string(display_name(of));
    p.source = "stages/raters/pictures.tsv";
    p.caption =
        "By Dice against rater 1. Blue: rater 1, orange: the outline that is tried. The slice with its largest area; "
        "the patient's left is on the right. Patients by their row in stages/raters/dice.tsv; in whom no tumour was "
        "found is not shown.";
    for (const auto& row : table.rows) {
      if (row.at(4) != display_name(of)) continue;
      std::string text = row[0] + ": patient " + row[1] + " of " + row[2] + ", Dice " + row[3];
      if (row[6] == "no") text += "; rater 1 drew nothing on this slice";
      p.pictures.push_back({folder / row[5], std::move(text)});
    }
    if (!p.pictures.empty()) to.items.emplace_back(std::move(p));
  }
}

void Document::add_notes(const std::string& name, ReportSection& to, bool nomograms) const {
  constexpr std::size_t kMost = 5;  // the rest would hide the results
  const std::string file = "stages/" + name + "/notes.json";
  if (!fs::exists(out_ / file)) return;
  std::vector<std::string> doubts;
  for (const auto& note : read_json(out_ / file)) {
    const auto text = note.get<std::string>();
    if (!text.starts_with(analysis::kDoubtful)) continue;
    const auto doubt = text.substr(analysis::kDoubtful.size());
    if (doubt.starts_with("nomograms: ") == nomograms) doubts.push_back(doubt);
  }
  for (std::size_t i = 0; i < std::min(kMost, doubts.size()); ++i) to.warnings.push_back(doubts[i]);
  if (doubts.size() > kMost)
    to.warnings.push_back("and " + std::to_string(doubts.size() - kMost) + " more doubts, in " + file);
}

void Document::add_acquisition(ReportSection& to) const {
  std::vector<AcquiredSequence> images;
  for (const auto* cohort : {&c_.patients.training, &c_.patients.validation})
    for (auto& image : acquired_sequences(cohort->included, cohort->name, c_.patients_folder()))
      images.push_back(std::move(image));
  const auto [table, unknown] = acquisition_table(images);
  std::string note =
      "Median (range). Voxels and matrix are those of the files, along their axes: of images that came resampled they "
      "are not the scanner's.";
  if (!unknown.empty()) note += " Not known of any image: " + listed(unknown) + ".";
  add_own_table("acquisition", "Acquisition by centre and sequence", table, to, note);
}

analysis::PatientFlow flow_of(const StudyContext& c) {
  analysis::PatientFlow flow;
  for (const auto* cohort : {&c.patients.training, &c.patients.validation}) {
    if (cohort->name.empty()) continue;
    std::vector<analysis::PatientFlow::Step> steps;
    for (const auto& s : cohort->flow) {
      analysis::PatientFlow::Step step{s.left, s.count, {}};
      for (const auto& [reason, count] : s.removed)
        if (count > 0) step.removed.emplace_back(reason, count);
      steps.push_back(std::move(step));
    }
    const auto survival = with_survival(cohort->included);
    const auto low = std::ranges::count_if(cohort->included, is_lower_grade);
    steps.push_back({"lower grade, with survival",
                     survival.size(),
                     {{"high grade", cohort->included.size() - static_cast<std::size_t>(low)},
                      {"survival not known", static_cast<std::size_t>(low) - survival.size()}}});
    flow.cohorts.push_back({cohort->name, std::move(steps)});
  }
  return flow;
}

ReportSection Document::patients() {
  ReportSection s{"patients", "Patients", {}, {}, {}};
  for (const auto* cohort : {&c_.patients.training, &c_.patients.validation}) {
    if (cohort->name.empty()) continue;
    const auto survival = with_survival(cohort->included);
    s.paragraphs.push_back("Of " + count_text(cohort->flow.front().count, "patient") + " found in " + cohort->name +
                           ", " + std::to_string(cohort->included.size()) + " met the criteria; " +
                           std::to_string(survival.size()) +
                           " of them have a lower-grade glioma and a known survival.");
  }
  add_notes("patients", s);
  add_own_figure("figure_s1", "Figure S1. Patient flow", flow_of(c_), "stages/patients/flow.json",
                 "Who was found, who was removed and why.", s);
  add_table("patients/excluded.tsv", "Patients who were removed", "excluded", s);
  if (!outcome_.failures.empty())
    s.warnings.push_back(count_text(outcome_.failures.size(), "patient") +
                         " could not be examined: failures.tsv says why.");
  add_table("characteristics/characteristics.tsv", "Characteristics of all included patients", "characteristics", s);
  add_table("characteristics/table_s2.tsv", "Table S2. Characteristics of the lower-grade gliomas with survival",
            "table_s2", s);
  add_table("patients/missing.tsv", "Missing values", "missing", s);
  if (!c_.measured) add_acquisition(s);
  return s;
}

void Document::add_trained_outlines(ReportSection& to) {
  if (stage("segmentation") == nullptr || !has("segmentation", to)) return;
  to.paragraphs.push_back("The study trained its networks that outline on the cohort's own segmentations. " +
                          outline_design_text(c_.settings()) +
                          " Dice, the overlap with these segmentations, is of patients whom the network had not seen.");
  add_notes("segmentation", to);
  add_table("segmentation/dice_summary.tsv", "Dice of the trained networks beside the cohort's segmentations",
            "dice_trained", to, "On the networks' grid of 2 mm. Each patient's: stages/segmentation/dice.tsv.");
}

ReportSection Document::outlines() {
  ReportSection s{"outlines", "Outlines and their agreement", {}, {}, {}};
  add_trained_outlines(s);
  if (!has("examination", s)) return s;
  const Json& examined = graph_.result_of("examination");
  if (c_.measured) {
    s.heading = "Radiomic features";
    s.paragraphs.push_back("Features were measured elsewhere and given as tables, " +
                           std::to_string(c_.measured->features.size()) +
                           " of each sequence: there are no outlines to be judged, and no networks.");
    add_table("examination/tables.tsv", "Tables of features", "features", s);
    add_feature_classes(s);
    return s;
  }
  s.paragraphs.push_back("The tumours of " + count_text(examined.at("examined").get<std::size_t>(), "patient") +
                         " were outlined by " + examined.at("outlined_by").get<std::string>() + "; " +
                         std::to_string(examined.at("features").get<std::size_t>()) +
                         " radiomic features were measured of each sequence.");
  add_feature_classes(s);
  if (!has("raters", s)) {
    if (stage("raters") == nullptr) s.paragraphs.emplace_back("Agreement of raters was not asked for.");
    return s;
  }
  add_notes("raters", s);
  add_table("raters/dice_summary.tsv", "Dice of the outlines", "dice", s);
  add_figure("raters/dice.svg", "Distribution of Dice", "dice", s, "Share of the patients with this value or more.");
  add_pictures(s);
  add_table("raters/icc_summary.tsv", "Intraclass correlation of the radiomic features", "icc", s,
            "ICC(2,1). The paper reports over 0.75 for all features between network and physicians.");
  for (const Sequence of : {Sequence::T1, Sequence::T1Gd, Sequence::T2}) {
    const std::string name = "icc_" + std::string(key_name(of));
    add_figure("raters/" + name + ".svg", "Intraclass correlation, " + std::string(display_name(of)), name, s,
               "Share of the features with this value or more.");
  }
  return s;
}

ReportSection Document::grading() {
  ReportSection s{"grading", "Grading", {}, {}, {}};
  if (stage("grading") == nullptr) s.paragraphs.emplace_back("Grading was not asked for.");
  if (!has("grading", s)) return s;
  if (c_.options.permute) s.warnings.emplace_back("Grades were shuffled: what does not leak is at chance.");
  const bool deep = c_.settings().grading.deep;
  s.paragraphs.emplace_back(
      c_.settings().grading.design == "paper"
          ? std::string("One split 6:2:2, as in the paper") +
                (deep ? ": selection and classifier are fitted on features of the very patients who fitted the "
                        "network. The audit says what that means."
                      : ".")
          : std::string("Cross-validated; in each fold ") +
                (deep ? "halves of the training patients fit network and classifier in turn, so that nobody is graded "
                        "by what he fitted."
                      : "the training patients choose the sequence and fit selection and classifier. No network takes "
                        "part."));
  add_own_figure("figure_1", "Figure 1. Workflow of grading", grading_workflow(c_, graph_.result_of("examination")),
                 "settings.yaml", "What is done after what.", s);
  if (c_.settings().grading.design == "paper") add_split(s);
  add_table("grading/table_1.tsv",
            deep ? "Table 1. Integrated: network, radiomics and classifier" : "Table 1. Radiomics and classifier",
            "table_1", s);
  add_table("grading/table_2.tsv", "Table 2. The networks alone", "table_2", s,
            "P: DeLong's test against the integrated model of the same network.");
  add_figure("grading/roc_integrated.svg", deep ? "ROC curves of the integrated models" : "ROC curve of Table 1",
             "roc_integrated", s);
  add_figure("grading/roc_networks.svg", "ROC curves of the networks alone", "roc_networks", s);
  add_table("grading/table_s3.tsv", "Table S3. Radiomics of one sequence", "table_s3", s);
  add_figure("grading/figure_s3.svg", "Figure S3. ROC curves of the sequences", "figure_s3", s);
  add_figure("grading/main_calibration.svg",
             deep ? "Calibration of the integrated model" : "Calibration of the model of Table 1",
             "grading_calibration", s);
  add_figure("grading/main_decision.svg",
             deep ? "Decision curve of the integrated model" : "Decision curve of the model of Table 1",
             "grading_decision", s);
  if (deep)
    add_own_figure("figure_s2", "Figure S2. The network that grades", network_figure(c_), "settings.yaml",
                   "3-D ResNet18 with squeeze-and-excitation after the fourth stage, with the sizes of this study.", s);
  add_own_table("confusion",
                deep ? "Right and wrong by the integrated model" : "Right and wrong by the model of Table 1",
                confusion_table(out_ / "stages"), s, "By the threshold that the training patients gave.");
  if (stage("grading_external") != nullptr && has("grading_external", s)) {
    add_notes("grading_external", s);
    add_table("grading_external/table_1.tsv", "The second cohort, by the model of the first", "table_1_external", s);
    add_figure("grading_external/roc_integrated.svg", "ROC curve of the second cohort", "roc_external", s);
  }
  return s;
}

ReportSection Document::survival() {
  ReportSection s{"survival", "Signature of survival", {}, {}, {}};
  if (stage("signature") == nullptr) s.paragraphs.emplace_back("The signature was not asked for.");
  if (!has("signature", s)) return s;
  if (c_.options.permute) s.warnings.emplace_back("Survival was shuffled: what does not leak is at chance.");
  add_notes("signature", s);
  add_own_figure("figure_2", "Figure 2. Workflow of survival", survival_workflow(c_, graph_.result_of("examination")),
                 "settings.yaml", "What is done after what.", s);
  add_table("signature/metrics_printed.tsv", "The signature of patients who were left out", "signature", s,
            "C over pairs within folds; low risk is the reference of the hazard ratio.");
  add_figure("signature/kaplan_meier.svg", "Figure 3A. Groups of patients who were left out", "figure_3a", s);
  add_figure("signature/external_kaplan_meier.svg", "Figure 3B. Groups of the second cohort", "figure_3b", s);
  add_table("signature/comparison.tsv", "Ways to make the signature", "signature_ways", s,
            "P: against the first, paired.");
  add_table("signature/sequences.tsv", "Unfavourable prognosis from radiomics of each sequence", "sequences", s,
            "Death before the median time; who was censored before has no label.");
  if (stage("signature_model") != nullptr && has("signature_model", s))
    add_table("signature_model/table_s4.tsv", "Table S4. The signature's features and weights", "table_s4", s);
  return s;
}

ReportSection Document::nomograms() {
  ReportSection s{"nomograms", "Cox models and nomograms", {}, {}, {}};
  const auto* done = stage("signature");
  if (done == nullptr || done->state == StageState::Refused || c_.options.permute) return s;
  add_notes("signature", s, true);
  const std::string in = "signature/nomograms/";
  add_table(in + "univariate.tsv", "Univariate Cox models", "univariate", s);
  add_table(in + "table_3.tsv", "Table 3. Integrated model", "table_3", s);
  add_table(in + "table_4.tsv", "Table 4. Clinical model", "table_4", s);
  add_figure(in + "figure_3c.svg", "Figure 3C. Integrated nomogram", "figure_3c", s);
  add_figure(in + "figure_3d.svg", "Figure 3D. Clinical nomogram", "figure_3d", s);
  add_table(in + "performance.tsv", "What the risk group adds", "performance", s);
  for (const char letter : {'a', 'b', 'c', 'd'})
    add_figure(in + "figure_4" + letter + ".svg",
               std::string("Figure 4") + static_cast<char>(letter - 'a' + 'A') + ". Calibration",
               std::string("figure_4") + letter, s);
  for (const double t : c_.settings().times)
    add_figure(in + "decision_" + shortest(t) + ".svg", "Decision curves at " + shortest(t) + " " + c_.settings().unit,
               "decision_" + shortest(t), s);
  add_table(in + "at_times.tsv", "Brier score and calibration at the times", "at_times", s);
  return s;
}

ReportSection Document::subgroups() {
  ReportSection s{"subgroups", "Subgroups", {}, {}, {}};
  const auto found = study_subgroups(c_);
  if (found.table.rows.empty()) return s;
  if (c_.options.permute) s.warnings.emplace_back("Outcomes were shuffled: every group should be at chance.");
  s.paragraphs.emplace_back(
      "Nothing is fitted within a group: these are the predictions above, of patients who were left out, taken apart. "
      "Groups were not drawn to be compared and their intervals are wide; a difference between them is a question, not "
      "a finding.");
  add_own_table("subgroups", "Performance by centre, sex and age", found.table, s,
                "AUC with DeLong's interval; events are high grades. C over pairs within folds of the first repeat, "
                "interval by its jackknife and for what the folds share; events are deaths. Age is parted at the "
                "median of the first cohort.");
  for (const auto& f : found.figures) {
    const fs::path file = out_ / "figures" / (f.name + ".svg");
    report::draw_of_chance(file, f.figure);
    s.items.emplace_back(ReportFigure{f.title, file, "tables/subgroups.tsv",
                                      "Patients (events) of each group. The grey line is chance."});
  }
  return s;
}

ReportSection Document::leaks() {
  ReportSection s{"audit", "Who fitted what", {}, {}, {}};
  audit_ = audit_study(out_ / "stages");
  report::write_table_file(out_ / "audit.tsv", audit_.table);
  s.paragraphs.emplace_back(audit_.leaks.empty()
                                ? "Nobody was judged by what he fitted. The files of each stage name the patients."
                                : "Some numbers flatter; they are named here.");
  for (const auto& leak : audit_.leaks) s.warnings.push_back(leak);
  if (!c_.measured)
    s.paragraphs.emplace_back(
        stage("segmentation") == nullptr
            ? "Whether the segmentation model was fitted on patients of these cohorts is not known here."
            : "Networks that outline learn from segmentations, never from a grade or survival: the outlines of those "
              "who fit a later model may come from a network that learnt from the segmentation of a patient who judges "
              "it. Who fitted which and whom it outlines is in stages/segmentation/audit.json.");
  s.items.emplace_back(ReportTable{"Who fitted, who was judged", audit_.table, "audit.tsv", "", 40});
  const auto naive = naive_beside_honest(out_ / "stages");
  report::write_table_file(out_ / "naive.tsv", naive);
  if (!naive.rows.empty())
    s.items.emplace_back(ReportTable{"Numbers that a leak would have shown", naive, "naive.tsv", "", 40});
  return s;
}

ReportSection Document::published() {
  ReportSection s{"published", "Beside the published study", {}, {}, {}};
  const auto table = beside_published(out_ / "stages");
  report::write_table_file(out_ / "published.tsv", table);
  s.paragraphs.emplace_back(
      "Xu et al., Front. Oncol. 12:969907 (2022). The printed intervals of AUC are narrower than those of patients can "
      "be; those here are of patients, and wider.");
  s.items.emplace_back(ReportTable{"The same quantities", table, "published.tsv", "", 40});
  return s;
}

ReportSection Document::methods() {
  ReportSection s{"methods", "Settings and provenance", {}, {}, {}};
  s.paragraphs.push_back("gliocast " + std::string(version()) + ", preset " + c_.settings().preset + ", seed " +
                         std::to_string(c_.settings().seed) +
                         ". All settings are in settings.yaml, which gives the same numbers again (study run "
                         "--settings); study.json has the checksums of every stage.");
  TextTable stages{{"stage", "folder", "state"}, {}};
  for (const auto& st : outcome_.stages)
    stages.rows.push_back({st.title, "stages/" + st.name, st.state == StageState::Refused ? "refused" : "done"});
  s.items.emplace_back(ReportTable{"Stages", stages, "study.json", "", 40});
  add_own_table("methods", "What was done, for a methods section", study_methods(c_, graph_.result_of("examination")),
                s);
  return s;
}

/// Without what a page has no room for: one column says where, or what is needed.
TextTable shown_checklist(const Checklist& list) {
  TextTable out{{"No.", "Item", "State", "Where, or what it needs"}, {}};
  for (const auto& row : list.table.rows) {
    std::string where = row[3].empty() ? row[5] : row[4] + " (" + row[3] + ")";
    if (!row[3].empty() && !row[5].empty()) where += "; " + row[5];
    out.rows.push_back({row[0], row[1], row[2], where});
  }
  return out;
}

ReportSection Document::checklists() {
  ReportSection s{"checklists", "Reporting checklists", {}, {}, {}};
  const auto lists = study_checklists(out_);
  const auto all = joined_checklists(lists);
  for (const char* file : {"checklists.tsv", "checklists.md"}) report::write_table_file(out_ / file, all);
  s.paragraphs.emplace_back(
      "What the run shows for each item, in short words of gliocast's own: fill in the official forms by theirs. An "
      "item is met where a file of this study holds what it asks for; the paper must still say it. What is open is for "
      "the authors to write, or needs what stands there.");
  for (const auto& list : lists) {
    std::string title = list.name + ": " + std::to_string(list.met) + " of " + std::to_string(list.table.rows.size()) +
                        " met by the run, " + std::to_string(list.open) + " open";
    if (list.not_applicable > 0) title += ", " + std::to_string(list.not_applicable) + " not applicable";
    s.items.emplace_back(
        ReportTable{title, shown_checklist(list), "checklists.tsv", list.source + ".", list.table.rows.size()});
  }
  return s;
}

report::StudyReport Document::report() {
  report::StudyReport r;
  r.title = "Glioma study: " + c_.patients.training.name +
            (c_.patients.validation.name.empty() ? "" : ", validated on " + c_.patients.validation.name);
  r.subtitle = "Grading and survival from MRI, after Xu et al. 2022";
  const Json& examined = graph_.result_of("examination");
  r.demonstration = examined.is_object() && examined.at("simulated").get<bool>();
  r.facts = {{"Patients", std::to_string(outcome_.patients)},
             {"Preset", c_.settings().preset},
             {"Seed", std::to_string(c_.settings().seed)},
             {"Permuted", c_.options.permute ? "yes: a test of leaks" : "no"}};
  for (auto section : {patients(), outlines(), grading(), survival(), nomograms(), subgroups(), leaks(), published(),
                       methods(), checklists()})
    if (!section.empty()) r.sections.push_back(std::move(section));
  return r;
}

Json stages_json(const StageGraph& graph, const StudyOutcome& outcome) {
  Json out = Json::array();
  for (const auto& s : outcome.stages) {
    Json entry{{"stage", s.name}, {"state", s.state == StageState::Refused ? "refused" : "done"}};
    if (!s.reason.empty()) entry["reason"] = s.reason;
    const auto record = graph.folder_of(s.name) / "stage.json";
    if (fs::exists(record)) entry["run_key"] = read_json(record).at("run_key");
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace

void write_report(const StudyContext& c, const StageGraph& graph, const StudyOutcome& outcome) {
  Document document(c, graph, outcome);
  const auto report = document.report();
  report::write_study_report(c.options.out, report);
  Json json{{"version", version()},
            {"settings", settings_to_json(c.settings())},
            {"permuted", c.options.permute},
            {"demonstration", report.demonstration},
            {"stages", stages_json(graph, outcome)},
            {"leaks", document.audit().leaks}};
  write_json(c.options.out / "study.json", json);  // last: it says that the study is done
}

}  // namespace gliocast::study
