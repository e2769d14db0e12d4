#pragma once
#include <gliocast/core/error.hpp>
#include <gliocast/findings/grade.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gliocast::findings {

enum class Sex : std::uint8_t { Female, Male };
/// Of the WHO's classification of 2007, as survival models before 2021 read it.
enum class Histology : std::uint8_t { Astrocytoma, Oligoastrocytoma, Oligodendroglioma, Glioblastoma };
/// WHO grade as it was given: a number, or low (2 or 3) or high without one.
enum class WhoGrade : std::uint8_t { Two, Three, Four, Low, High };
enum class Idh : std::uint8_t { Mutant, Wildtype };
enum class Codeletion : std::uint8_t { Codeleted, Intact };  ///< of 1p and 19q

/// What the user says of a patient beside the images.
struct ClinicalRecord {
  std::optional<double> age{};  ///< years, at diagnosis
  std::optional<Sex> sex{};
  std::optional<Histology> histology{};
  std::optional<WhoGrade> grade{};
  std::optional<Idh> idh{};
  std::optional<Codeletion> codeletion{};
  std::map<std::string, std::string> columns{};  ///< the other columns of a clinical table, for models that read them

  friend bool operator==(const ClinicalRecord&, const ClinicalRecord&) = default;
};

enum class ClinicalField : std::uint8_t { Age, Sex, Histology, Grade, Idh, Codeletion };
inline constexpr int kClinicalFields = 6;
/// "age", "sex", "histology", "grade", "IDH", "1p/19q".
[[nodiscard]] std::string_view field_name(ClinicalField field) noexcept;
/// Which field a column of a table or of a model holds, by its name ("who_grade", "Age (years at diagnosis)").
[[nodiscard]] std::optional<ClinicalField> field_of_column(std::string_view column);

[[nodiscard]] std::optional<Sex> parse_sex(std::string_view text);
/// astrocytoma, oligodendroglioma, oligoastrocytoma, glioblastoma; A, O, OA, GBM; with "diffuse", "anaplastic", "NOS".
[[nodiscard]] std::optional<Histology> parse_histology(std::string_view text);
/// 2, 3, 4 ("2.0", "II", "G2", "WHO 2", "grade II"), LGG, HGG.
[[nodiscard]] std::optional<WhoGrade> parse_who_grade(std::string_view text);
[[nodiscard]] std::optional<Idh> parse_idh(std::string_view text);
[[nodiscard]] std::optional<Codeletion> parse_codeletion(std::string_view text);

/// Reads a field from a cell or option; a cell that says that it is not known ("", "NA", "unknown") leaves it. Throws
/// Error{code} at `where` on other words, an age outside 0 to 120 years, and a second value that contradicts the first
/// (LGG and 4).
void read_field(ClinicalRecord& record, ClinicalField field, const std::string& text, ExitCode code,
                const std::string& where);
/// The field as it was given: "41", "female", "oligodendroglioma", "3", "mutant", "codeleted"; empty where it was not.
[[nodiscard]] std::string field_text(const ClinicalRecord& record, ClinicalField field);

/// What IDH and 1p/19q make of a glioma by the WHO's classification of 2021.
enum class MolecularType : std::uint8_t {
  Oligodendroglioma,    ///< IDH-mutant and 1p/19q-codeleted
  Astrocytoma,          ///< IDH-mutant, not codeleted
  MutantWithoutCodel,   ///< IDH-mutant, 1p/19q not known: one of the two
  WildtypeGlioblastoma  ///< IDH-wildtype, of grade 4 or perhaps by molecular criteria
};
[[nodiscard]] std::optional<MolecularType> molecular_type(const ClinicalRecord& record);

/// What in a record does not go together, or wants a second look.
enum class ClinicalDoubt : std::uint8_t {
  WildtypeLowerGrade,         ///< IDH-wildtype with grade 2 or 3
  WildtypeCodeleted,          ///< no type of WHO 2021
  OligodendrogliomaIntact,    ///< histology against 1p/19q
  OligodendrogliomaWildtype,  ///< histology against IDH
  OligodendrogliomaGrade4,    ///< no grade of it
  AstrocytomaCodeleted,       ///< histology against 1p/19q
  Oligoastrocytoma,           ///< no type of WHO 2021 where IDH and 1p/19q are known
  GlioblastomaMutant,         ///< of WHO 2016, no longer of 2021
  GlioblastomaLowerGrade,     ///< histology against grade
  GradeAgainstImages          ///< a lower grade was given, the images speak for grade 4
};
/// `grade`: as the images give it.
[[nodiscard]] std::vector<ClinicalDoubt> clinical_doubts(const ClinicalRecord& record, const Grade& grade);

}  // namespace gliocast::findings
