#include <gliocast/findings/survival.hpp>

namespace gliocast::findings {

std::variant<NoSurvival, LowerGrade> lower_grade(const ClinicalRecord& record, const Grade& grade) {
  using Reason = NoSurvival::Reason;
  const auto refused = [](Reason reason) { return NoSurvival{.reason = reason}; };
  if (record.histology == Histology::Glioblastoma) return refused(Reason::Glioblastoma);
  if (record.grade) {
    switch (*record.grade) {
      case WhoGrade::Two:
        return LowerGrade{.grades = {2}};
      case WhoGrade::Three:
        return LowerGrade{.grades = {3}};
      case WhoGrade::Low:
        return LowerGrade{.grades = {2, 3}};
      case WhoGrade::Four:
      case WhoGrade::High:
        return refused(Reason::HighGradeGiven);
    }
  }
  const auto* stated = std::get_if<GradeEstimate>(&grade);
  if (!stated) return refused(Reason::GradeUnknown);
  if (!(stated->probability < 0.5)) return refused(Reason::HighGradeStated);
  return LowerGrade{.grades = {2, 3}, .of_images = true};
}

}  // namespace gliocast::findings
