#include "score_rows.hpp"

#include <algorithm>

namespace gliocast::survival {

Eigen::RowVectorXd event_mean(const CoxLikelihood& likelihood, const EventTime& e) {
  return likelihood.means()
      .middleRows(static_cast<Eigen::Index>(e.first_mean), static_cast<Eigen::Index>(e.means))
      .colwise()
      .mean();
}

Eigen::MatrixXd score_rows(const RowMatrix& x, const CoxLikelihood& likelihood) {
  const auto& events = likelihood.event_times();
  const Eigen::Index p = x.cols();
  // Σ x̄ dH up to each event time of its stratum, and what is less for those who die at it.
  RowMatrix upto = RowMatrix::Zero(static_cast<Eigen::Index>(events.size()), p), dying = upto;
  std::vector<std::size_t> start(events.size(), 0);
  for (std::size_t g = 0; g < events.size(); ++g) {
    const EventTime& e = events[g];
    const auto row = static_cast<Eigen::Index>(g);
    start[g] = g > 0 && events[g - 1].stratum == e.stratum ? start[g - 1] : g;
    if (start[g] != g) upto.row(row) = upto.row(row - 1);
    const double each = e.weight / static_cast<double>(e.means);
    for (std::size_t k = 0; k < e.means; ++k) {
      const Eigen::RowVectorXd increment = each / likelihood.denominator(e.first_mean + k) *
                                           likelihood.means().row(static_cast<Eigen::Index>(e.first_mean + k));
      upto.row(row) += increment;
      dying.row(row) -= static_cast<double>(k) / static_cast<double>(e.means) * increment;
    }
  }
  const auto hazard = likelihood.cumulative_hazard();
  Eigen::MatrixXd result(x.rows(), p);
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    const auto& exposure = likelihood.exposure(static_cast<std::size_t>(i));
    Eigen::RowVectorXd sum = Eigen::RowVectorXd::Zero(p);
    if (exposure.last > exposure.first) {
      sum = upto.row(static_cast<Eigen::Index>(exposure.last - 1));
      if (exposure.first > start[exposure.last - 1]) sum -= upto.row(static_cast<Eigen::Index>(exposure.first - 1));
      if (exposure.dies) sum += dying.row(static_cast<Eigen::Index>(exposure.last - 1));
    }
    result.row(i) = -likelihood.risk()[i] * (hazard[static_cast<std::size_t>(i)] * x.row(i) - sum);
    if (exposure.dies) result.row(i) += x.row(i) - event_mean(likelihood, events[exposure.last - 1]);
  }
  return result;
}

}  // namespace gliocast::survival
