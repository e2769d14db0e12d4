#include "acquisition.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/quantile.hpp>
#include <gliocast/core/text.hpp>
#include <gliocast/dicom/manufacturer.hpp>
#include <gliocast/pipeline/examined_files.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <string_view>
#include <utility>

namespace gliocast::study {
namespace {

namespace fs = std::filesystem;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr const char* kNotKnown = "not known";

/// "0.94 (0.86–1.02)", or the one value; empty where none is known.
std::string range_text(std::vector<double> values) {
  std::erase_if(values, [](double v) { return !std::isfinite(v); });
  if (values.empty()) return {};
  std::ranges::sort(values);
  const auto text = [](double v) { return plain_number(v, 3); };
  const std::string low = text(values.front()), high = text(values.back());
  return low == high ? low : text(quantile_r7(values, 0.5)) + " (" + low + "–" + high + ")";
}

/// "Siemens (12), GE (3)", the most frequent first; without counts where all are alike.
std::string counted_text(const std::vector<std::string>& values, std::size_t images) {
  std::map<std::string, std::size_t> counts;
  for (const auto& v : values)
    if (!v.empty()) ++counts[v];
  std::vector<std::pair<std::string, std::size_t>> order(counts.begin(), counts.end());
  std::ranges::stable_sort(order, [](const auto& a, const auto& b) { return a.second > b.second; });
  if (order.size() == 1 && order[0].second == images) return order[0].first;
  std::string out;
  for (const auto& [value, count] : order)
    out += (out.empty() ? "" : ", ") + value + " (" + std::to_string(count) + ")";
  return out;
}

using Images = std::vector<const AcquiredSequence*>;

/// A column of the table: of the images of one row.
struct Parameter {
  std::string name;
  std::function<std::string(const Images&)> text;
};

Parameter number(const std::string& name, std::function<double(const AcquiredSequence&)> value) {
  return {name, [value = std::move(value)](const Images& images) {
            std::vector<double> values;
            for (const auto* i : images) values.push_back(value(*i));
            return range_text(values);
          }};
}

/// A number of the header.
Parameter of_header(const std::string& name, double dicom::Acquisition::* member) {
  return number(name, [member](const AcquiredSequence& i) { return i.header ? (*i.header).*member : kNaN; });
}

Parameter words(const std::string& name, std::function<std::string(const AcquiredSequence&)> value) {
  return {name, [value = std::move(value)](const Images& images) {
            std::vector<std::string> values;
            for (const auto* i : images) values.push_back(value(*i));
            return counted_text(values, images.size());
          }};
}

/// "256 × 256 × 160", or the median with the range of each axis.
std::string matrix_text(const Images& images) {
  std::string out;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    std::vector<double> values;
    for (const auto* i : images)
      if (i->size.size() == 3) values.push_back(i->size[axis]);
    const auto text = range_text(values);
    if (text.empty()) return {};
    out += (axis == 0 ? "" : " × ") + text;
  }
  return out;
}

std::vector<Parameter> parameters() {
  std::vector<Parameter> out;
  constexpr std::array<const char*, 3> kAxes{"Voxel x (mm)", "Voxel y (mm)", "Voxel z (mm)"};
  for (std::size_t axis = 0; axis < 3; ++axis)
    out.push_back(number(kAxes[axis], [axis](const AcquiredSequence& i) {
      return i.spacing_mm.size() == 3 ? i.spacing_mm[axis] : kNaN;
    }));
  out.push_back(of_header("Slice thickness (mm)", &dicom::Acquisition::slice_thickness_mm));
  out.push_back({"Matrix", matrix_text});
  out.push_back(of_header("Field strength (T)", &dicom::Acquisition::field_tesla));
  out.push_back(of_header("TR (ms)", &dicom::Acquisition::tr_ms));
  out.push_back(of_header("TE (ms)", &dicom::Acquisition::te_ms));
  out.push_back(of_header("TI (ms)", &dicom::Acquisition::ti_ms));
  out.push_back(of_header("Flip angle (°)", &dicom::Acquisition::flip_degrees));
  out.push_back(words("Manufacturer", [](const auto& i) { return i.header ? i.header->manufacturer : ""; }));
  out.push_back(words("Scanner", [](const auto& i) { return i.model; }));
  out.push_back(words("Contrast agent",
                      [](const auto& i) { return std::string(i.header && i.header->contrast_agent ? "named" : ""); }));
  return out;
}

/// A number of the JSON under this key, times `factor`; NaN where there is none.
double number_in(const Json& json, const char* key, double factor) {
  return json.contains(key) && json[key].is_number() ? factor * json[key].get<double>() : kNaN;
}

std::string text_in(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : std::string();
}

/// The text, where it is of letters, digits and " .-+/" alone.
std::string plain_words(const std::string& text) {
  constexpr std::size_t kLongest = 32;
  std::string out;
  for (const char c : text.substr(0, kLongest)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && std::string_view(" .-+/_").find(c) == std::string_view::npos) return {};
    out += c == '_' ? ' ' : c;
  }
  return std::string(trimmed(out));
}

/// Three numbers under `key` of the sequence in the record's geometry.
std::vector<double> three_of(const Json& record, Sequence s, const char* key) {
  const auto geometry = record.find("geometry");
  if (geometry == record.end() || !geometry->contains(std::string(key_name(s)))) return {};
  return geometry->at(std::string(key_name(s))).at(key).get<std::vector<double>>();
}

}  // namespace

std::optional<Sidecar> read_sidecar(const fs::path& image) {
  fs::path file = image;
  if (file.extension() == ".gz") file.replace_extension();
  file.replace_extension(".json");
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return std::nullopt;
  const Json json = Json::parse(read_text(file), nullptr, false);
  if (!json.is_object()) return std::nullopt;
  constexpr double kSecond = 1000;  // ms
  Sidecar out;
  auto& a = out.acquisition;
  a.te_ms = number_in(json, "EchoTime", kSecond);
  a.tr_ms = number_in(json, "RepetitionTime", kSecond);
  a.ti_ms = number_in(json, "InversionTime", kSecond);
  a.flip_degrees = number_in(json, "FlipAngle", 1);
  a.field_tesla = number_in(json, "MagneticFieldStrength", 1);
  a.slice_thickness_mm = number_in(json, "SliceThickness", 1);
  a.slice_distance_mm = number_in(json, "SpacingBetweenSlices", 1);
  a.manufacturer = dicom::known_manufacturer(text_in(json, "Manufacturer"));
  out.model = plain_words(text_in(json, "ManufacturersModelName"));
  a.contrast_agent = !(text_in(json, "ContrastBolusIngredient") + text_in(json, "ContrastBolusAgent")).empty();
  return out;
}

std::vector<AcquiredSequence> acquired_sequences(const std::vector<cohort::PatientFiles>& patients,
                                                 const std::string& cohort, const fs::path& examined) {
  std::vector<AcquiredSequence> out;
  for (const auto& p : patients) {
    const fs::path file = pipeline::examination_file(examined, p.id);
    const Json record = fs::exists(file) ? read_json(file) : Json::object();
    for (const Sequence s : kAllSequences) {
      const auto image = p.sequences.find(s);
      const auto header = p.acquisition.find(s);
      if (image == p.sequences.end() && header == p.acquisition.end() && !p.dicom.contains(s)) continue;
      AcquiredSequence of{p.centre.empty() ? cohort : p.centre, s, {}, {}, {}, {}};
      if (header != p.acquisition.end()) {
        of.header = header->second;
      } else if (const auto beside = image != p.sequences.end() ? read_sidecar(image->second) : std::nullopt) {
        of.header = beside->acquisition;
        of.model = beside->model;
      }
      of.size = three_of(record, s, "size");
      of.spacing_mm = three_of(record, s, "spacing_mm");
      out.push_back(std::move(of));
    }
  }
  return out;
}

AcquisitionTable acquisition_table(const std::vector<AcquiredSequence>& images) {
  std::map<std::pair<std::string, Sequence>, Images> groups;
  for (const auto& i : images) groups[{i.centre, i.sequence}].push_back(&i);
  AcquisitionTable out{{{"Centre", "Sequence", "Images"}, {}}, {}};
  for (const auto& [group, of] : groups)
    out.table.rows.push_back({group.first, std::string(display_name(group.second)), std::to_string(of.size())});
  for (const auto& parameter : parameters()) {
    std::vector<std::string> cells;
    for (const auto& [group, of] : groups) cells.push_back(parameter.text(of));
    if (std::ranges::all_of(cells, &std::string::empty)) {
      out.unknown.push_back(parameter.name);
      continue;
    }
    out.table.columns.push_back(parameter.name);
    for (std::size_t r = 0; r < cells.size(); ++r) out.table.rows[r].push_back(cells[r].empty() ? kNotKnown : cells[r]);
  }
  return out;
}

}  // namespace gliocast::study
