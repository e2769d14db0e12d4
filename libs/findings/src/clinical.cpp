#include <gliocast/findings/clinical.hpp>

#include <gliocast/core/numbers.hpp>
#include <gliocast/core/text.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <utility>

namespace gliocast::findings {
namespace {

constexpr double kOldest = 120;  // years

template <class Value>
using Words = std::vector<std::pair<std::string_view, Value>>;

/// Letters and digits alone, in lower case.
std::string plain(std::string_view text) {
  std::string out = fold_case(text);
  std::erase_if(out, [](unsigned char c) { return c < 0x80 && !std::isalnum(c); });
  return out;
}

template <class Value>
std::optional<Value> look_up(const Words<Value>& words, std::string_view text) {
  const auto word = std::ranges::find(words, text, [](const auto& entry) { return entry.first; });
  return word == words.end() ? std::nullopt : std::optional<Value>(word->second);
}

void remove(std::string& text, std::string_view part) {
  if (const auto at = text.find(part); at != std::string::npos) text.erase(at, part.size());
}

bool says_unknown(std::string_view text) {
  static const std::vector<std::string> words{"",        "na",           "nan",      "none",       "null",
                                              "unknown", "notavailable", "notknown", "notreported"};
  return std::ranges::find(words, plain(text)) != words.end();
}

/// Where a number between the fields says so, a grade.
std::optional<WhoGrade> grade_of(int number) {
  if (number < 2 || number > 4) return std::nullopt;
  return number == 2 ? WhoGrade::Two : number == 3 ? WhoGrade::Three : WhoGrade::Four;
}

bool is_low(WhoGrade g) { return g == WhoGrade::Two || g == WhoGrade::Three || g == WhoGrade::Low; }
bool is_class(WhoGrade g) { return g == WhoGrade::Low || g == WhoGrade::High; }

/// One grade out of two columns: the number rather than the class; nothing where they contradict.
std::optional<WhoGrade> joined(WhoGrade a, WhoGrade b) {
  if (a == b) return a;
  if (is_low(a) != is_low(b) || (!is_class(a) && !is_class(b))) return std::nullopt;
  return is_class(a) ? b : a;
}

/// What a field takes, for errors.
const char* spellings(ClinicalField field) {
  constexpr std::array<const char*, kClinicalFields> kSpellings{
      "years at diagnosis, a number above 0 and up to 120",
      "F or M",
      "A (astrocytoma), O (oligodendroglioma), OA (oligoastrocytoma) or GBM (glioblastoma)",
      "the WHO grade 2, 3 or 4, or LGG, HGG",
      "mutant or wildtype",
      "codeleted or intact"};
  return kSpellings[static_cast<std::size_t>(field)];
}

template <class Value>
bool take(std::optional<Value>& field, const std::optional<Value>& value) {
  if (!value || (field && *field != *value)) return false;
  field = value;
  return true;
}

bool take_age(ClinicalRecord& record, const std::string& text) {
  const auto age = parse_number(text);
  return age && *age > 0 && *age <= kOldest && take(record.age, age);
}

bool take_grade(ClinicalRecord& record, const std::string& text) {
  auto grade = parse_who_grade(text);
  if (grade && record.grade) grade = joined(*record.grade, *grade);
  if (grade) record.grade = grade;
  return grade.has_value();
}

bool take_text(ClinicalRecord& record, ClinicalField field, const std::string& text) {
  switch (field) {
    case ClinicalField::Age:
      return take_age(record, text);
    case ClinicalField::Sex:
      return take(record.sex, parse_sex(text));
    case ClinicalField::Histology:
      return take(record.histology, parse_histology(text));
    case ClinicalField::Grade:
      return take_grade(record, text);
    case ClinicalField::Idh:
      return take(record.idh, parse_idh(text));
    case ClinicalField::Codeletion:
      return take(record.codeletion, parse_codeletion(text));
  }
  return false;
}

template <class Value, std::size_t N>
std::string name_in(const std::array<const char*, N>& names, const std::optional<Value>& value) {
  return value ? names[static_cast<std::size_t>(*value)] : "";
}

}  // namespace

std::string_view field_name(ClinicalField field) noexcept {
  constexpr std::array<std::string_view, kClinicalFields> kNames{"age", "sex", "histology", "grade", "IDH", "1p/19q"};
  return kNames[static_cast<std::size_t>(field)];
}

std::optional<ClinicalField> field_of_column(std::string_view column) {
  using F = ClinicalField;
  static const Words<F> columns{{"age", F::Age},
                                {"ageyears", F::Age},
                                {"ageatdiagnosis", F::Age},
                                {"ageyearsatdiagnosis", F::Age},
                                {"ageatdiagnosisyears", F::Age},
                                {"sex", F::Sex},
                                {"gender", F::Sex},
                                {"histology", F::Histology},
                                {"histologictype", F::Histology},
                                {"histologicaltype", F::Histology},
                                {"grade", F::Grade},
                                {"whograde", F::Grade},
                                {"whocnsgrade", F::Grade},
                                {"tumorgrade", F::Grade},
                                {"tumourgrade", F::Grade},
                                {"idh", F::Idh},
                                {"idhstatus", F::Idh},
                                {"idhmutation", F::Idh},
                                {"1p19q", F::Codeletion},
                                {"1p19qstatus", F::Codeletion},
                                {"1p19qcodeletion", F::Codeletion},
                                {"codeletion", F::Codeletion}};
  return look_up(columns, plain(column));
}

std::optional<Sex> parse_sex(std::string_view text) {
  static const Words<Sex> words{{"f", Sex::Female}, {"female", Sex::Female}, {"woman", Sex::Female},
                                {"m", Sex::Male},   {"male", Sex::Male},     {"man", Sex::Male}};
  return look_up(words, plain(text));
}

std::optional<Histology> parse_histology(std::string_view text) {
  using H = Histology;
  static const Words<H> words{{"a", H::Astrocytoma},
                              {"astro", H::Astrocytoma},
                              {"astrocytoma", H::Astrocytoma},
                              {"o", H::Oligodendroglioma},
                              {"oligo", H::Oligodendroglioma},
                              {"oligodendroglioma", H::Oligodendroglioma},
                              {"oa", H::Oligoastrocytoma},
                              {"oligoastrocytoma", H::Oligoastrocytoma},
                              {"mixed", H::Oligoastrocytoma},
                              {"mixedglioma", H::Oligoastrocytoma},
                              {"mixedoligoastrocytoma", H::Oligoastrocytoma},
                              {"gbm", H::Glioblastoma},
                              {"glioblastoma", H::Glioblastoma},
                              {"glioblastomamultiforme", H::Glioblastoma}};
  std::string word = plain(text);
  for (const char* part : {"anaplastic", "diffuse", "nos"}) remove(word, part);
  return look_up(words, word);
}

std::optional<WhoGrade> parse_who_grade(std::string_view text) {
  static const Words<WhoGrade> words{{"2", WhoGrade::Two},     {"ii", WhoGrade::Two},   {"3", WhoGrade::Three},
                                     {"iii", WhoGrade::Three}, {"4", WhoGrade::Four},   {"iv", WhoGrade::Four},
                                     {"lgg", WhoGrade::Low},   {"low", WhoGrade::Low},  {"lower", WhoGrade::Low},
                                     {"hgg", WhoGrade::High},  {"high", WhoGrade::High}};
  if (const auto number = parse_number(text))
    return *number == std::floor(*number) && *number < 10 ? grade_of(static_cast<int>(*number)) : std::nullopt;
  std::string word = plain(text);
  for (const char* part : {"who", "cns", "grade"}) remove(word, part);
  if (word.size() == 2 && word[0] == 'g') word.erase(0, 1);
  return look_up(words, word);
}

std::optional<Idh> parse_idh(std::string_view text) {
  static const Words<Idh> words{{"mutant", Idh::Mutant},     {"mutated", Idh::Mutant}, {"mut", Idh::Mutant},
                                {"wildtype", Idh::Wildtype}, {"wild", Idh::Wildtype},  {"wt", Idh::Wildtype}};
  std::string word = plain(text);
  remove(word, "idh");
  return look_up(words, word);
}

std::optional<Codeletion> parse_codeletion(std::string_view text) {
  using C = Codeletion;
  static const Words<C> words{{"codeleted", C::Codeleted}, {"codel", C::Codeleted}, {"codeletion", C::Codeleted},
                              {"deleted", C::Codeleted},   {"intact", C::Intact},   {"noncodeleted", C::Intact},
                              {"notcodeleted", C::Intact}, {"noncodel", C::Intact}, {"nocodeletion", C::Intact},
                              {"retained", C::Intact}};
  std::string word = plain(text);
  remove(word, "1p19q");
  return look_up(words, word);
}

void read_field(ClinicalRecord& record, ClinicalField field, const std::string& text, ExitCode code,
                const std::string& where) {
  if (says_unknown(text)) return;
  const std::string before = field_text(record, field);
  if (take_text(record, field, text)) return;
  const std::string name(field_name(field));
  ClinicalRecord alone;
  if (!before.empty() && take_text(alone, field, text))
    throw Error(code, "two values of " + name + ": " + before + " and " + field_text(alone, field), where,
                "give one, or two that agree");
  throw Error(code, "\"" + text.substr(0, 40) + "\" is no " + name + " that can be used", where,
              "give " + std::string(spellings(field)));
}

std::string field_text(const ClinicalRecord& r, ClinicalField field) {
  switch (field) {
    case ClinicalField::Age:
      return r.age ? shortest(*r.age) : "";
    case ClinicalField::Sex:
      return name_in<Sex, 2>({"female", "male"}, r.sex);
    case ClinicalField::Histology:
      return name_in<Histology, 4>({"astrocytoma", "oligoastrocytoma", "oligodendroglioma", "glioblastoma"},
                                   r.histology);
    case ClinicalField::Grade:
      return name_in<WhoGrade, 5>({"2", "3", "4", "low", "high"}, r.grade);
    case ClinicalField::Idh:
      return name_in<Idh, 2>({"mutant", "wildtype"}, r.idh);
    case ClinicalField::Codeletion:
      return name_in<Codeletion, 2>({"codeleted", "intact"}, r.codeletion);
  }
  return "";
}

std::optional<MolecularType> molecular_type(const ClinicalRecord& r) {
  if (!r.idh) return std::nullopt;
  if (*r.idh == Idh::Mutant) {
    if (!r.codeletion) return MolecularType::MutantWithoutCodel;
    return *r.codeletion == Codeletion::Codeleted ? MolecularType::Oligodendroglioma : MolecularType::Astrocytoma;
  }
  if (r.codeletion == Codeletion::Codeleted) return std::nullopt;
  return MolecularType::WildtypeGlioblastoma;
}

std::vector<ClinicalDoubt> clinical_doubts(const ClinicalRecord& r, const Grade& grade) {
  using D = ClinicalDoubt;
  const bool lower = r.grade && is_low(*r.grade), wildtype = r.idh == Idh::Wildtype;
  const bool codeleted = r.codeletion == Codeletion::Codeleted, intact = r.codeletion == Codeletion::Intact;
  const auto* stated = std::get_if<GradeEstimate>(&grade);
  std::vector<D> doubts;
  const auto add = [&](D doubt, bool holds) {
    if (holds) doubts.push_back(doubt);
  };
  add(D::WildtypeCodeleted, wildtype && codeleted);
  add(D::WildtypeLowerGrade, wildtype && !codeleted && lower);
  add(D::OligodendrogliomaIntact, r.histology == Histology::Oligodendroglioma && intact);
  add(D::OligodendrogliomaWildtype, r.histology == Histology::Oligodendroglioma && wildtype);
  add(D::OligodendrogliomaGrade4, r.grade == WhoGrade::Four && (r.histology == Histology::Oligodendroglioma ||
                                                                molecular_type(r) == MolecularType::Oligodendroglioma));
  add(D::AstrocytomaCodeleted, r.histology == Histology::Astrocytoma && codeleted);
  add(D::Oligoastrocytoma, r.histology == Histology::Oligoastrocytoma && r.idh && r.codeletion);
  add(D::GlioblastomaMutant, r.histology == Histology::Glioblastoma && r.idh == Idh::Mutant);
  add(D::GlioblastomaLowerGrade, r.histology == Histology::Glioblastoma && lower);
  add(D::GradeAgainstImages, lower && stated && stated->probability > 0.5);
  return doubts;
}

}  // namespace gliocast::findings
