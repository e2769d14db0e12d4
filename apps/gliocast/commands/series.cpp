// gliocast series: a table of every series of a DICOM folder, what it is taken for and why.
#include "../cli.hpp"
#include "../patient_arguments.hpp"
#include "../verbs.hpp"
#include "commands.hpp"

#include <gliocast/cohort/dicom.hpp>
#include <gliocast/core/error.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/dicom/folder.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>

namespace gliocast::cli {
namespace {

struct Settings {
  Common common;
  std::filesystem::path folder;
  std::map<Sequence, std::string> wanted{
      {Sequence::T1, ""}, {Sequence::T1Gd, ""}, {Sequence::T2, ""}, {Sequence::Flair, ""}};
  std::string study;
  std::filesystem::path names;
  bool json = false;
};

/// The volumes of one patient, and what becomes of each.
struct Listing {
  std::vector<dicom::Series> series;
  cohort::DicomChoice choice;
  std::string refusal;  ///< why nothing is taken; empty where something is
};

std::string number(double v, int digits) { return std::isfinite(v) ? general_number(v, digits) : "-"; }

std::string size_text(const dicom::Acquisition& a) {
  return std::to_string(a.columns) + "x" + std::to_string(a.rows) + "x" + std::to_string(a.slices);
}

std::string spacing_text(const dicom::Acquisition& a) {
  return number(a.pixel_mm[0], 3) + "x" + number(a.pixel_mm[1], 3) + "x" + number(a.slice_distance_mm, 3);
}

std::string used_as(const Listing& l, std::size_t i) {
  for (const auto& [sequence, k] : l.choice.taken)
    if (k == i) return std::string(display_name(sequence));
  return {};
}

std::string reason_of(const Listing& l, std::size_t i) {
  if (l.choice.reasons.empty()) return l.series[i].reason;
  return l.choice.reasons[i];
}

/// Columns that a text takes on a terminal: code points, East Asian ones twice.
std::size_t width_of(const std::string& text) {
  std::size_t width = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) == 0x80U) continue;
    width += byte >= 0xE1 && byte < 0xF0 && byte != 0xE2 ? 2 : 1;
  }
  return width;
}

/// Rows under a header, each column as wide as its widest cell; the last one is not padded.
std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], width_of(row[c]));
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      out += row[c];
      if (c + 1 < row.size()) out += std::string(widths[c] - width_of(row[c]) + 2, ' ');
    }
    out += '\n';
  }
  return out;
}

void print_study(const Listing& l, std::size_t study) {
  std::vector<std::vector<std::string>> rows{
      {"series", "description", "plane", "voxels", "mm", "TE/TR/TI ms", "looks like", "used as", "why"}};
  std::string date;
  for (std::size_t i = 0; i < l.series.size(); ++i) {
    const dicom::Series& s = l.series[i];
    if (s.study != study) continue;
    const auto& a = s.acquisition;
    date = s.label.study_date;
    rows.push_back({std::to_string(a.series_number) + (s.volumes > 1 ? ":" + std::to_string(s.volume) : ""),
                    s.label.description.empty() ? "-" : s.label.description, a.plane.empty() ? "-" : a.plane,
                    size_text(a), spacing_text(a),
                    number(a.te_ms, 4) + "/" + number(a.tr_ms, 5) + "/" + number(a.ti_ms, 4),
                    s.sequence ? std::string(display_name(*s.sequence)) : "-",
                    used_as(l, i).empty() ? "-" : used_as(l, i), reason_of(l, i)});
  }
  std::printf("Study %zu%s: %zu volume%s\n%s\n", study, date.empty() ? ", without date" : (", " + date).c_str(),
              rows.size() - 1, rows.size() == 2 ? "" : "s", aligned(rows).c_str());
}

Json json_of(const Listing& l, std::size_t i) {
  const dicom::Series& s = l.series[i];
  const auto& a = s.acquisition;
  Json j{{"patient", s.patient + 1},
         {"study", s.study},
         {"study_date", s.label.study_date.empty() ? Json(nullptr) : Json(s.label.study_date)},
         {"series_number", a.series_number},
         {"volume", s.volume},
         {"volumes", s.volumes},
         {"told_apart_by", s.told_apart_by.empty() ? Json(nullptr) : Json(s.told_apart_by)},
         {"description", s.label.description},
         {"series_instance_uid", s.label.series_uid},
         {"plane", a.plane.empty() ? Json(nullptr) : Json(a.plane)},
         {"size", {a.columns, a.rows, a.slices}},
         {"spacing_mm",
          {finite_or_null(a.pixel_mm[0]), finite_or_null(a.pixel_mm[1]), finite_or_null(a.slice_distance_mm)}},
         {"te_ms", finite_or_null(a.te_ms)},
         {"tr_ms", finite_or_null(a.tr_ms)},
         {"ti_ms", finite_or_null(a.ti_ms)},
         {"contrast_agent", a.contrast_agent},
         {"files", 0}};
  std::size_t files = 0;
  for (std::size_t k = 0; k < s.slices.size(); ++k) files += k == 0 || s.slices[k].file != s.slices[k - 1].file;
  j["files"] = files;
  j["refused"] = l.refusal.empty() ? Json(nullptr) : Json(l.refusal);
  j["looks_like"] = s.sequence ? Json(key_name(*s.sequence)) : Json(nullptr);
  j["certainty"] = s.certainty;
  j["used_as"] = nullptr;
  for (const auto& [sequence, k] : l.choice.taken)
    if (k == i) j["used_as"] = key_name(sequence);
  j["reason"] = reason_of(l, i);
  return j;
}

std::vector<Listing> listings_of(const dicom::Folder& folder, const Settings& s) {
  const cohort::DicomWishes wishes = dicom_wishes(s.study, s.names, s.wanted);
  std::map<std::size_t, Listing> patients;
  for (auto& one : folder.series(wishes.names)) patients[one.patient].series.push_back(std::move(one));
  std::vector<Listing> out;
  for (auto& [patient, listing] : patients) {
    try {
      listing.choice = cohort::choose_dicom(listing.series, wishes, s.folder);
    } catch (const Error& e) {
      if (e.code() == ExitCode::WrongUse) throw;
      listing.refusal = e.what();
    }
    out.push_back(std::move(listing));
  }
  return out;
}

/// What is used, and whether that is enough.
std::string verdict_of(const Listing& l) {
  std::string used, missing;
  int core = 0;
  for (const Sequence s : {Sequence::T1, Sequence::T1Gd, Sequence::T2, Sequence::Flair}) {
    std::string& list = l.choice.taken.contains(s) ? used : missing;
    list += (list.empty() ? "" : ", ") + std::string(display_name(s));
    core += l.choice.taken.contains(s) && s != Sequence::Flair ? 1 : 0;
  }
  std::string text = "Used: " + (used.empty() ? "none" : used);
  if (!missing.empty()) text += "; none for " + missing;
  if (core < 2) text += ". `predict` would refuse: it needs two of T1, T1-Gd and T2";
  for (const auto& w : l.choice.warnings) text += "\nWarning: " + w;
  return text + ".";
}

void print_table(const std::vector<Listing>& listings) {
  for (std::size_t p = 0; p < listings.size(); ++p) {
    const Listing& l = listings[p];
    if (listings.size() > 1) std::printf("Patient %zu of %zu\n", p + 1, listings.size());
    std::vector<std::size_t> studies;
    for (const auto& one : l.series)
      if (std::ranges::find(studies, one.study) == studies.end()) studies.push_back(one.study);
    std::ranges::sort(studies);
    for (const std::size_t study : studies) print_study(l, study);
    if (l.refusal.empty()) std::printf("%s\n\n", verdict_of(l).c_str());
    if (!l.refusal.empty()) std::printf("Nothing is taken: %s\n\n", l.refusal.c_str());
  }
}

int run_series(const Settings& s) {
  apply(s.common);
  const dicom::Folder folder(s.folder);
  const auto listings = listings_of(folder, s);
  if (s.json) {
    Json all = Json::array();
    for (const auto& l : listings)
      for (std::size_t i = 0; i < l.series.size(); ++i) all.push_back(json_of(l, i));
    const Json out{{"files", folder.file_count()}, {"damaged_files", folder.damaged().size()}, {"series", all}};
    std::printf("%s\n", out.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
  } else {
    print_table(listings);
    std::printf("%zu DICOM files", folder.file_count());
    if (!folder.damaged().empty()) std::printf(", of which %zu cannot be read", folder.damaged().size());
    std::printf(".\n");
  }
  return 0;
}

}  // namespace

void add_series(CLI::App& app, int& result) {
  auto s = std::make_shared<Settings>();
  auto* verb = &add_verb(app, "series");
  verb->add_option("FOLDER", s->folder, "Folder of DICOM files, also a patient's CD")->required();
  verb->add_flag("--json", s->json, "JSON on standard output instead of a table");
  verb->add_option("--study", s->study, "The study to take, by its number in the table or its date");
  verb->add_option("--names", s->names,
                   "Your own table of words in descriptions (share/gliocast/series_names.tsv tells its form)");
  verb->add_option("--t1", s->wanted[Sequence::T1],
                   "Take this series as T1: number (8, or 8:2 for its second volume), description or UID");
  verb->add_option("--t1gd", s->wanted[Sequence::T1Gd], "Likewise, as T1-Gd");
  verb->add_option("--t2", s->wanted[Sequence::T2], "Likewise, as T2");
  verb->add_option("--flair", s->wanted[Sequence::Flair], "Likewise, as FLAIR");
  add_quiet_option(*verb, s->common);
  verb->callback([s, &result] { result = run_series(*s); });
}

}  // namespace gliocast::cli
