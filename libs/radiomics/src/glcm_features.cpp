// Features of grey level co-occurrence matrices, by PyRadiomics' definitions.
#include "feature_list.hpp"
#include "texture_directions.hpp"

#include <Eigen/Eigenvalues>

namespace gliocast::radiomics {
namespace {

/// Marginals of one normalised GLCM.
struct Joint {
  TextureMatrix p;
  std::vector<double> px, py;           ///< over the levels present
  std::vector<double> sum, difference;  ///< over i + j (index k: sum k) and |i − j|
  double ux = 0, uy = 0, hxy = 0;
};

Joint joint_of(TextureMatrix m, const std::vector<double>& levels) {
  Joint j;
  const double n = total(m);
  const auto highest = static_cast<std::size_t>(levels.back());
  j.px.assign(levels.size(), 0);
  j.py.assign(levels.size(), 0);
  j.sum.assign(2 * highest + 1, 0);
  j.difference.assign(highest, 0);
  for (auto& e : m) {
    e.count /= n;
    const double a = levels[e.level], b = levels[e.column];
    j.px[e.level] += e.count;
    j.py[e.column] += e.count;
    j.sum[static_cast<std::size_t>(a + b)] += e.count;
    j.difference[static_cast<std::size_t>(std::abs(a - b))] += e.count;
    j.ux += a * e.count;
    j.uy += b * e.count;
    j.hxy -= plog(e.count);
  }
  j.p = std::move(m);
  return j;
}

/// Second largest singular value of p(i, j) / √(px(i) py(j)): the square root of the second largest eigenvalue of
/// Haralick's Q.
double maximal_correlation(const Joint& j) {
  const auto k = static_cast<Eigen::Index>(j.px.size());
  if (k < 2) return 0;  // one level here of several in the region
  Eigen::MatrixXd s = Eigen::MatrixXd::Zero(k, k);
  for (const auto& e : j.p)
    s(static_cast<Eigen::Index>(e.level), static_cast<Eigen::Index>(e.column)) =
        e.count / std::sqrt(j.px[e.level] * j.py[e.column]);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(s * s.transpose(), Eigen::EigenvaluesOnly);
  return std::sqrt(std::max(0.0, solver.eigenvalues()[k - 2]));
}

struct Information {
  double first = 0, second = 0;
};

Information information_correlation(const Joint& j) {
  double hx = 0, hy = 0, hxy1 = 0, hxy2 = 0;
  for (const double p : j.px) hx -= plog(p);
  for (const double p : j.py) hy -= plog(p);
  for (const auto& e : j.p) hxy1 -= e.count * std::log2(j.px[e.level] * j.py[e.column] + kEpsilon);
  if (j.px.size() <= 1024) {
    for (const double a : j.px)
      if (a > 0)
        for (const double b : j.py)
          if (b > 0) hxy2 -= plog(a * b);
  } else {
    hxy2 = hx + hy;  // the same but for the epsilon
  }
  Information i;
  const double larger = std::max(hx, hy);
  i.first = larger != 0 ? (j.hxy - hxy1) / larger : 0;
  // NaN where rounding makes it negative, and then left out of the mean.
  i.second = hxy2 == j.hxy ? 0 : std::sqrt(1 - std::exp(-2 * (hxy2 - j.hxy)));
  return i;
}

/// What the features of one direction are made of: sums over its matrix and over the marginals.
struct GlcmValues {
  Joint joint;
  double autocorrelation = 0, cluster_prominence = 0, cluster_shade = 0, cluster_tendency = 0, contrast = 0;
  double joint_energy = 0, maximum_probability = 0, variance_x = 0, variance_y = 0, covariance = 0;
  double difference_average = 0, difference_entropy = 0, difference_variance = 0;
  double id = 0, idn = 0, idm = 0, idmn = 0, inverse_variance = 0;
  double sum_average = 0, sum_entropy = 0;
  Information information;
  std::size_t levels_of_region = 0;
};

void add_matrix(GlcmValues& v, const std::vector<double>& levels) {
  const Joint& j = v.joint;
  for (const auto& e : j.p) {
    const double a = levels[e.level], b = levels[e.column], p = e.count, c = a + b - j.ux - j.uy;
    v.autocorrelation += p * a * b;
    v.cluster_prominence += p * c * c * c * c;
    v.cluster_shade += p * c * c * c;
    v.cluster_tendency += p * c * c;
    v.contrast += p * (a - b) * (a - b);
    v.joint_energy += p * p;
    v.maximum_probability = std::max(v.maximum_probability, p);
    v.variance_x += p * (a - j.ux) * (a - j.ux);
    v.variance_y += p * (b - j.uy) * (b - j.uy);
    v.covariance += p * (a - j.ux) * (b - j.uy);
  }
}

void add_differences(GlcmValues& v, double highest_level) {
  const std::vector<double>& difference = v.joint.difference;
  for (std::size_t k = 0; k < difference.size(); ++k) {
    const double p = difference[k], d = static_cast<double>(k);
    if (p == 0) continue;
    v.difference_average += d * p;
    v.difference_entropy -= plog(p);
    v.idm += p / (1 + d * d);
    v.idmn += p / (1 + d * d / (highest_level * highest_level));
    v.id += p / (1 + d);
    v.idn += p / (1 + d / highest_level);
    if (k > 0) v.inverse_variance += p / (d * d);
  }
  for (std::size_t k = 0; k < difference.size(); ++k) {
    const double d = static_cast<double>(k) - v.difference_average;
    v.difference_variance += difference[k] * d * d;
  }
}

void add_sums(GlcmValues& v) {
  const std::vector<double>& sum = v.joint.sum;
  for (std::size_t k = 2; k < sum.size(); ++k)
    if (sum[k] > 0) {
      v.sum_average += static_cast<double>(k) * sum[k];
      v.sum_entropy -= plog(sum[k]);
    }
}

/// `m` is not empty.
GlcmValues glcm_values(TextureMatrix m, const LevelRegion& region) {
  GlcmValues v;
  v.joint = joint_of(std::move(m), region.levels());
  v.levels_of_region = region.level_count();
  add_matrix(v, region.levels());
  add_differences(v, region.highest_level());
  add_sums(v);
  v.information = information_correlation(v.joint);
  return v;
}

double correlation(const GlcmValues& v) {
  return v.variance_x > 0 && v.variance_y > 0 ? v.covariance / std::sqrt(v.variance_x * v.variance_y) : 1;
}

const FeatureList<GlcmValues>& glcm_list() {
  using V = GlcmValues;
  static const FeatureList<V> list{
      "glcm",
      "grey level co-occurrence matrix",
      "Haralick, Shanmugam and Dinstein, IEEE Trans Syst Man Cybern 1973;3:610",
      "p(i, j): share of the pairs of neighbours with the levels i and j; px, py: its marginals with the means μx, μy "
      "and the variances σx², σy²; p₊(k): share of the pairs with i + j = k; p₋(k): with |i − j| = k; Ng: the highest "
      "level; H: entropy of p, HX, HY: of its marginals; HXY1 = −Σ p log₂(px py), HXY2 = −Σ px py log₂(px py). A "
      "matrix for each direction; a feature is its mean over them",
      {{"Autocorrelation", "1", "Σ p(i, j) i j", &V::autocorrelation},
       {"ClusterProminence", "1", "Σ p(i, j) (i + j − μx − μy)⁴", &V::cluster_prominence},
       {"ClusterShade", "1", "Σ p(i, j) (i + j − μx − μy)³", &V::cluster_shade},
       {"ClusterTendency", "1", "Σ p(i, j) (i + j − μx − μy)²", &V::cluster_tendency},
       {"Contrast", "1", "Σ p(i, j) (i − j)²", &V::contrast},
       {"Correlation", "1", "Σ p(i, j) (i − μx)(j − μy) / (σx σy); 1 where a variance is 0", correlation},
       {"DifferenceAverage", "1", "Σ k p₋(k)", &V::difference_average},
       {"DifferenceEntropy", "1", "−Σ p₋(k) log₂ p₋(k)", &V::difference_entropy},
       {"DifferenceVariance", "1", "Σ p₋(k) (k − DifferenceAverage)²", &V::difference_variance},
       {"Id", "1", "Σ p₋(k) / (1 + k)", &V::id},
       {"Idm", "1", "Σ p₋(k) / (1 + k²)", &V::idm},
       {"Idmn", "1", "Σ p₋(k) / (1 + k²/Ng²)", &V::idmn},
       {"Idn", "1", "Σ p₋(k) / (1 + k/Ng)", &V::idn},
       {"Imc1", "1", "(H − HXY1) / max(HX, HY); 0 where both are 0", [](const V& v) { return v.information.first; }},
       {"Imc2", "1", "√(1 − exp(−2 (HXY2 − H))); 0 where HXY2 = H", [](const V& v) { return v.information.second; }},
       {"InverseVariance", "1", "Σ p₋(k) / k² over k > 0", &V::inverse_variance},
       {"JointAverage", "1", "μx", [](const V& v) { return v.joint.ux; }},
       {"JointEnergy", "1", "Σ p(i, j)²", &V::joint_energy},
       {"JointEntropy", "1", "H = −Σ p(i, j) log₂ p(i, j)", [](const V& v) { return v.joint.hxy; }},
       {"MCC", "1",
        "√ of the second largest eigenvalue of Q(i, j) = Σₖ p(i, k) p(j, k) / (px(i) py(k)); 1 where the region has "
        "one level",
        [](const V& v) { return v.levels_of_region < 2 ? 1 : maximal_correlation(v.joint); }},
       {"MaximumProbability", "1", "max p(i, j)", &V::maximum_probability},
       {"SumAverage", "1", "Σ k p₊(k)", &V::sum_average},
       {"SumEntropy", "1", "−Σ p₊(k) log₂ p₊(k)", &V::sum_entropy},
       {"SumSquares", "1", "σx² = Σ p(i, j) (i − μx)²", &V::variance_x},
       {"Dissimilarity", "1", "equals DifferenceAverage", nullptr, true},
       {"Homogeneity1", "1", "equals Id", nullptr, true},
       {"Homogeneity2", "1", "equals Idm", nullptr, true},
       {"SumVariance", "1", "equals ClusterTendency", nullptr, true}}};
  return list;
}

}  // namespace

FeatureClass glcm_class() { return glcm_list().described(); }

Features glcm_features(const LevelRegion& region, const TextureOptions& o, const std::vector<std::string>& wanted) {
  const auto offsets = neighbour_offsets(region.size(), o.distances, o.plane_axis, false);
  std::vector<GlcmValues> directions;
  for (auto& m : combine(glcm(region, o), offsets, region.spacing_mm(), o, true))
    if (!m.empty()) directions.push_back(glcm_values(std::move(m), region));
  Features out = glcm_list().evaluate_mean(directions, wanted);
  if (!o.weighting && directions.size() < o.directions_elsewhere)
    for (auto& f : out)
      if (f.name == "JointAverage") f.value = std::numeric_limits<double>::quiet_NaN();
  return out;
}

}  // namespace gliocast::radiomics
