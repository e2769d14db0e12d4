#include <gliocast/analysis/data_dictionary.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/files.hpp>
#include <gliocast/core/json.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace gliocast::analysis {
namespace {

namespace fs = std::filesystem;
using Origin = std::shared_ptr<const learn::ColumnOrigin>;

constexpr std::size_t kMostBytes = std::size_t{64} << 20;
constexpr const char* kForm = R"(for example {"volume": {"Description": "Volume of the tumour", "Units": "mm3"}})";

/// The JSON; nothing where it is none.
std::optional<Json> parsed(const std::string& text, const std::string& source) {
  std::set<std::string> keys;
  const auto refuse_twice = [&](int depth, Json::parse_event_t event, Json& key) {
    if (depth == 1 && event == Json::parse_event_t::key && !keys.insert(key.get<std::string>()).second)
      throw unusable_input("the data dictionary has the column \"" + key.get<std::string>() + "\" twice", source);
    return true;
  };
  Json json = Json::parse(text, refuse_twice, false);
  return json.is_discarded() ? std::nullopt : std::optional<Json>(std::move(json));
}

bool describes_columns(const Json& json) {
  return json.is_object() && std::ranges::all_of(json, [](const Json& column) { return column.is_object(); });
}

/// One column's entry, as errors name it.
class Entry {
 public:
  Entry(const Json& json, const std::string& column, const std::string& source)
      : json_(json), column_(column), source_(source) {}

  [[nodiscard]] std::string text(const char* key) const {
    const auto at = json_.find(key);
    if (at == json_.end()) return {};
    if (!at->is_string()) refuse(std::string("\"") + key + "\" of column \"" + column_ + "\" is no text");
    return at->get<std::string>();
  }

  [[nodiscard]] learn::ColumnOrigin origin() const {
    const auto network = json_.find("Network"), fitted = json_.find("FittedOn");
    if (network == json_.end() && fitted == json_.end()) return {};
    if (network == json_.end() || fitted == json_.end())
      refuse("column \"" + column_ + "\" has \"" + (fitted == json_.end() ? "Network" : "FittedOn") + "\" without \"" +
             (fitted == json_.end() ? "FittedOn" : "Network") + "\"");
    if (network->is_array())
      refuse("column \"" + column_ + "\" is of " + std::to_string(network->size()) +
             " networks, whose features mean different things");
    learn::ColumnOrigin made{text("Network"), {}};
    if (made.network.empty()) refuse("\"Network\" of column \"" + column_ + "\" is empty");
    if (!fitted->is_array() || !std::ranges::all_of(*fitted, [](const Json& id) { return id.is_string(); }))
      refuse("\"FittedOn\" of column \"" + column_ + "\" is no list of patients' ids as texts");
    made.fitted_on = fitted->get<std::vector<std::string>>();
    std::ranges::sort(made.fitted_on);
    return made;
  }

 private:
  [[noreturn]] void refuse(const std::string& problem) const {
    throw unusable_input("the data dictionary is damaged: " + problem, source_, "write it anew with its table");
  }

  const Json& json_;
  const std::string &column_, &source_;
};

DataDictionary dictionary_of(const Json& json, const std::string& source) {
  DataDictionary dictionary;
  std::vector<Origin> known;  // columns of one network share what is known of it
  for (const auto& [column, value] : json.items()) {
    const Entry entry(value, column, source);
    ColumnDescription description{entry.text("Description"), entry.text("Units"), nullptr};
    if (auto origin = entry.origin(); !origin.network.empty()) {
      auto at = std::ranges::find_if(known, [&](const Origin& o) { return *o == origin; });
      if (at == known.end())
        at = known.insert(known.end(), std::make_shared<const learn::ColumnOrigin>(std::move(origin)));
      description.origin = *at;
    }
    dictionary.emplace(column, std::move(description));
  }
  return dictionary;
}

}  // namespace

fs::path dictionary_beside(const fs::path& table) { return fs::path(table).replace_extension(".json"); }

DataDictionary parse_data_dictionary(const std::string& text, const std::string& source) {
  const auto json = parsed(text, source);
  if (!json) throw unusable_input("the data dictionary beside the table is no JSON", source, kForm);
  if (!describes_columns(*json))
    throw unusable_input("the data dictionary beside the table is no object of columns", source, kForm);
  return dictionary_of(*json, source);
}

DataDictionary read_data_dictionary(const fs::path& table) {
  const fs::path file = dictionary_beside(table);
  std::error_code error;
  if (file == table || !fs::is_regular_file(file, error)) return {};
  const auto bytes = read_file(file, true, kMostBytes);
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (table.extension() != ".tsv") {
    const auto json = Json::parse(text, nullptr, false);
    const bool names_patients = text.find("\"FittedOn\"") != std::string::npos;
    if (!names_patients && (json.is_discarded() || !describes_columns(json))) return {};
  }
  return parse_data_dictionary(text, file.string());
}

void write_data_dictionary(const fs::path& table, const DataDictionary& dictionary) {
  Json json = Json::object();
  for (const auto& [column, d] : dictionary) {
    json[column] = {{"Description", d.description}};
    if (!d.units.empty()) json[column]["Units"] = d.units;
    if (d.origin) json[column].update({{"Network", d.origin->network}, {"FittedOn", d.origin->fitted_on}});
  }
  write_json(dictionary_beside(table), json);
}

std::vector<Origin> origins_of(const std::vector<std::string>& features, const DataDictionary& dictionary) {
  std::vector<Origin> origins;
  bool any = false;
  for (const auto& feature : features) {
    const auto at = dictionary.find(feature);
    origins.push_back(at == dictionary.end() ? nullptr : at->second.origin);
    any = any || origins.back();
  }
  if (!any) origins.clear();
  return origins;
}

}  // namespace gliocast::analysis
