#include "useless.hpp"

#include <gliocast/core/files.hpp>
#include <gliocast/core/numbers.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::preprocess {
namespace {

constexpr double kLeastLikeness = 0.2;      ///< correlation of neighbours along x; heads and brains have 0.6 and more
constexpr double kLeastOverlap = 0.1;       ///< of the reference's head
constexpr double kLeastInformation = 0.05;  ///< nats; different contrasts of one head share 0.15 and more

/// Correlation of each voxel with the next along x.
double likeness_of_neighbours(const Volume<float>& v) {
  const Size3& n = v.geometry.size;
  double sum = 0, square = 0, pairs = 0, cross = 0;
  for (std::size_t z = 0; z < n[2]; ++z)
    for (std::size_t y = 0; y < n[1]; ++y)
      for (std::size_t x = 0; x + 1 < n[0]; ++x) {
        const auto a = static_cast<double>(v.at(x, y, z)), b = static_cast<double>(v.at(x + 1, y, z));
        sum += a + b;
        square += a * a + b * b;
        cross += a * b;
        ++pairs;
      }
  const double mean = sum / (2 * pairs), variance = square / (2 * pairs) - mean * mean;
  return variance > 0 ? (cross / pairs - mean * mean) / variance : 1;
}

std::string why_useless(const Registration& r) {
  if (r.overlap_after < kLeastOverlap)
    return "only " + std::to_string(std::lround(100 * r.overlap_after)) + " % of the reference's head lies within it";
  if (r.metric_after < kLeastInformation)
    return "it has nothing in common with the reference (mutual information " + decimal(r.metric_after, 3) + ")";
  return {};
}

}  // namespace

UselessSequence::UselessSequence(std::vector<Sequence> suspects, const Error& why)
    : Error(why.within(std::string(display_name(suspects.front())))), suspects_(std::move(suspects)) {}

void require_structure(Sequence s, const Volume<float>& volume) {
  if (likeness_of_neighbours(volume) < kLeastLikeness)
    throw UselessSequence({s}, unusable_input("it holds noise alone: neighbouring voxels have nothing in common"));
}

void require_common_information(const std::vector<Sequence>& order,
                                const std::vector<std::optional<Registration>>& found, Sequence reference) {
  std::vector<std::pair<Sequence, std::string>> useless;
  std::size_t others = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    if (!found[k]) continue;
    ++others;
    if (const std::string why = why_useless(*found[k]); !why.empty()) useless.emplace_back(order[k], why);
  }
  if (useless.empty()) return;
  if (useless.size() < others || others == 1) {
    std::vector<Sequence> suspects{useless.front().first};
    if (others == 1) suspects.push_back(reference);
    throw UselessSequence(suspects, unusable_input(useless.front().second));
  }
  std::vector<Sequence> suspects{reference};
  for (const auto& [s, why] : useless) suspects.push_back(s);
  throw UselessSequence(suspects, unusable_input("it has nothing in common with any other sequence"));
}

PreparedExam without_useless(const image::Exam& exam, const std::function<PreparedExam(const image::Exam&)>& work) {
  try {
    return work(exam);
  } catch (const UselessSequence& useless) {
    if (exam.sequences.size() < 2) throw;
    for (const Sequence s : useless.suspects()) {
      image::Exam fewer = exam;
      fewer.leave_out(s, useless.problem());
      try {
        PreparedExam out = without_useless(fewer, work);
        out.left_out[s] = useless.problem();
        out.warnings.insert(out.warnings.begin(), fewer.warnings.back());
        return out;
      } catch (const Error& e) {
        if (e.code() != ExitCode::UnusableInput || useless.suspects().size() == 1) throw;
      }
    }
    throw;
  }
}

}  // namespace gliocast::preprocess
