#include <gliocast/survival/robust_score.hpp>

#include "score_rows.hpp"

#include <gliocast/stats/distributions.hpp>

#include <algorithm>
#include <limits>

namespace gliocast::survival {
namespace {

/// Scores of the subjects [subjects, p].
Eigen::MatrixXd scores_of_subjects(const CoxData& data, const RowMatrix& x, const CoxLikelihood& likelihood) {
  const Eigen::MatrixXd rows = score_rows(x, likelihood);
  const auto subject = [&](Eigen::Index i) {
    return data.cluster.empty() ? i : data.cluster[static_cast<std::size_t>(i)];
  };
  const Eigen::Index subjects = data.cluster.empty() ? rows.rows() : *std::ranges::max_element(data.cluster) + 1;
  Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(subjects, rows.cols());
  for (Eigen::Index i = 0; i < rows.rows(); ++i)
    sums.row(subject(i)) += likelihood.weight(static_cast<std::size_t>(i)) * rows.row(i);
  return sums;
}

std::vector<Eigen::Index> places(const std::vector<char>& flags, char value) {
  std::vector<Eigen::Index> result;
  for (std::size_t c = 0; c < flags.size(); ++c)
    if (flags[c] == value) result.push_back(static_cast<Eigen::Index>(c));
  return result;
}

}  // namespace

stats::TestResult robust_score_test(const CoxData& data, const std::vector<double>& coefficients,
                                    const std::vector<char>& tested, Ties ties) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  const ScaledColumns scaled = scale_columns(data);
  CoxLikelihood likelihood(data, ties, scaled.x);
  Eigen::VectorXd beta(scaled.x.cols());
  for (Eigen::Index c = 0; c < beta.size(); ++c)
    beta[c] = coefficients[static_cast<std::size_t>(c)] / scaled.scales[static_cast<std::size_t>(c)];
  likelihood.evaluate(beta);
  const Eigen::MatrixXd information = likelihood.information(), scores = scores_of_subjects(data, scaled.x, likelihood);
  const auto of_test = places(tested, 1), others = places(tested, 0);
  // What the tested columns say beside the others: their scores less those that the others' fit takes up.
  Eigen::MatrixXd left = information(of_test, of_test), spread = scores(Eigen::all, of_test);
  Eigen::VectorXd score = likelihood.gradient()(of_test);
  if (!others.empty()) {
    const Eigen::MatrixXd taken =
        information(of_test, others) * ToleranceCholesky(information(others, others)).inverse();
    left -= taken * information(others, of_test);
    spread -= scores(Eigen::all, others) * taken.transpose();
    score -= taken * likelihood.gradient()(others);
  }
  const auto kept = places(ToleranceCholesky(left).aliased(), 0);
  if (kept.empty() || scores.rows() <= static_cast<Eigen::Index>(kept.size())) return {kNaN, 0, kNaN};
  const Eigen::MatrixXd used = spread(Eigen::all, kept);
  const Eigen::VectorXd u = score(kept);
  const double statistic = u.dot(ToleranceCholesky(used.transpose() * used).solve(u)),
               df = static_cast<double>(kept.size());
  return {statistic, df, stats::chi_square_upper(statistic, df)};
}

}  // namespace gliocast::survival
