// Texture matrices, filtered and resampled images and voxel maps against PyRadiomics' arrays; the IBSI-1 digital
// phantom against the consensus (../shared/data).
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/table.hpp>
#include <gliocast/imageio/read_image.hpp>
#include <gliocast/radiomics/extractor.hpp>
#include <gliocast/radiomics/texture.hpp>

#include "../src/derived_images.hpp"
#include "../src/resample_region.hpp"
#include "npy.hpp"
#include "shared_data.hpp"

#include <cmath>
#include <cstdio>
#include <map>
#include <set>

using namespace gliocast;
using namespace gliocast::radiomics;
namespace fs = std::filesystem;

namespace {

struct Case {
  ScalarImage image;
  LabelVolume labels;
  Mask mask;
  IndexBox box;
};

Case load(const std::string& name) {
  const fs::path folder = test_support::shared_data() / "pyradiomics";
  Case c{{imageio::to_double(imageio::read_image(folder / (name + "_image.nrrd")).volume), PixelKind::Integer},
         imageio::to_labels(imageio::read_image(folder / (name + "_label.nrrd")).volume, name),
         {},
         {}};
  c.mask = pick_label(c.labels, 1);
  c.box = *bounding_box(c.mask);
  return c;
}

LevelRegion levels_of(const Case& c) {
  return {c.mask, discretise(values_inside(c.image.volume, c.mask), Binning{}), 1};
}

test_support::NpyArray matrix_file(const std::string& name, const char* which) {
  return test_support::read_npy(test_support::shared_data() / "pyradiomics/baseline" / (name + "_" + which + ".npy"));
}

/// Entries of matrices, one a direction, in PyRadiomics' array: levels × columns × directions. `first_column`: the
/// column number of its first one.
void expect_same(const std::vector<TextureMatrix>& ours, const test_support::NpyArray& theirs,
                 std::uint32_t first_column, bool normalised, const std::string& what) {
  const std::size_t columns = theirs.shape.at(1), directions = theirs.shape.size() > 2 ? theirs.shape[2] : 1;
  ASSERT_EQ(ours.size(), directions) << what;
  // PyRadiomics numbers directions in an order of its own: compare them as a set.
  std::multiset<std::vector<double>> left, right;
  for (const auto& m : ours) {
    std::vector<double> dense(theirs.shape[0] * columns, 0.0);
    double sum = 0;
    for (const auto& e : m) sum += e.count;
    for (const auto& e : m) {
      ASSERT_LT(e.column - first_column, columns) << what;
      dense[e.level * columns + e.column - first_column] = normalised ? e.count / sum : e.count;
    }
    left.insert(dense);
  }
  for (std::size_t d = 0; d < directions; ++d) {
    std::vector<double> dense;
    for (std::size_t i = 0; i < theirs.shape[0] * columns; ++i) dense.push_back(theirs.values[i * directions + d]);
    right.insert(dense);
  }
  EXPECT_EQ(left, right) << what;
}

/// The columns of a matrix that occur, renumbered: PyRadiomics leaves out run lengths, zone sizes and dependences that
/// do not.
void drop_empty_columns(std::vector<TextureMatrix>& matrices) {
  std::set<std::uint32_t> found;
  for (const auto& m : matrices)
    for (const auto& e : m) found.insert(e.column);
  for (auto& m : matrices)
    for (auto& e : m) e.column = static_cast<std::uint32_t>(std::distance(found.begin(), found.find(e.column)));
}

}  // namespace

TEST(MatrixOracle, TextureMatricesAreExactlyPyRadiomics) {
  GLIOCAST_NEEDS_SHARED("pyradiomics/baseline");
  for (const std::string name : {"brain1", "brain2", "breast1"}) {
    const LevelRegion region = levels_of(load(name));
    const TextureOptions o;
    expect_same(glcm(region, o), matrix_file(name, "glcm"), 0, true, name + " GLCM");
    std::vector<TextureMatrix> runs = glrlm(region, o), zones{glszm(region, o)}, dependences{gldm(region, o)};
    for (auto* m : {&runs, &zones, &dependences}) drop_empty_columns(*m);
    expect_same(runs, matrix_file(name, "glrlm"), 0, false, name + " GLRLM");
    expect_same(zones, matrix_file(name, "glszm"), 0, false, name + " GLSZM");
    expect_same(dependences, matrix_file(name, "gldm"), 0, false, name + " GLDM");
    const auto theirs = matrix_file(name, "ngtdm");
    const Ngtdm ours = ngtdm(region, o);
    ASSERT_EQ(ours.voxels.size(), theirs.shape[0]);
    for (std::size_t k = 0; k < ours.voxels.size(); ++k) {
      EXPECT_EQ(ours.voxels[k], theirs.values[3 * k]) << name;
      EXPECT_NEAR(ours.difference[k], theirs.values[3 * k + 1], 1e-12 * theirs.values[3 * k + 1]) << name;
      EXPECT_EQ(region.levels()[k], theirs.values[3 * k + 2]) << name;
    }
  }
  std::printf("VALIDATION radiomics | texture matrices of brain1, brain2, breast1 | PyRadiomics 3 | 15 | 0\n");
}

TEST(FilterOracle, FilteredAndResampledImagesArePyRadiomics) {
  GLIOCAST_NEEDS_SHARED("golden");
  const auto arrays = test_support::read_npz(test_support::shared_data() / "golden/filters.npz");
  for (const std::string name : {"brain1", "breast1"}) {
    const Case c = load(name);
    const Mask region = crop(c.mask, c.box);
    Settings s;
    s.sigma_mm = {1, 3, 5};
    s.sigma_names = {"1.0", "3.0", "5.0"};
    std::vector<std::string> warnings;
    double worst = 0;
    std::size_t images = 0;
    for (const char* type : {"LoG", "Gradient", "Wavelet"})
      for (const auto& d : derive_images(type, c.image, c.box, region, s, warnings)) {
        const auto& theirs = arrays.at(name + "_" + d.name).values;
        const auto ours = values_inside(d.volume, region);
        ASSERT_EQ(ours.size(), theirs.size()) << d.name;
        double scale = 0;
        for (const double v : theirs) scale = std::max(scale, std::abs(v));
        for (std::size_t i = 0; i < ours.size(); ++i) worst = std::max(worst, std::abs(ours[i] - theirs[i]) / scale);
        ++images;
      }
    EXPECT_EQ(images, 12U);
    EXPECT_LE(worst, 1e-6) << name;
    std::printf("VALIDATION radiomics | LoG, gradient, wavelet voxels of %s | PyRadiomics 3 | %zu | %.2g\n",
                name.c_str(), images, worst);
    ScalarImage image = c.image;
    Mask mask = c.mask;
    s.resampled_spacing_mm = {1, 1, 1};
    resample_region(image, mask, c.box, s);
    const auto &image_file = arrays.at(name + "_resample111_image"), &mask_file = arrays.at(name + "_resample111_mask"),
               &origin = arrays.at(name + "_resample111_origin");
    EXPECT_EQ(image.volume.voxels, image_file.values) << name;
    EXPECT_EQ(std::vector<double>(mask.voxels.begin(), mask.voxels.end()), mask_file.values) << name;
    for (std::size_t a = 0; a < 3; ++a) EXPECT_NEAR(image.volume.geometry.origin_mm[a], origin.values[a], 1e-9);
    std::printf("VALIDATION radiomics | resampled voxels of %s | PyRadiomics 3 | 2 | 0\n", name.c_str());
  }
}

TEST(MapOracle, VoxelMapsArePyRadiomics) {
  GLIOCAST_NEEDS_SHARED("golden");
  const auto arrays = test_support::read_npz(test_support::shared_data() / "golden/voxel_breast1_r1_masked.npz");
  const Case c = load("breast1");
  double worst = 0;
  std::size_t compared = 0;
  for (const auto& m : extract_maps(c.image, c.labels, preset("default"), 2)) {
    if (m.name == "original_glcm_MCC") continue;  // PyRadiomics fails there and leaves 0 everywhere
    const auto& theirs = arrays.at(m.name).values;
    ASSERT_EQ(m.volume.voxels.size(), theirs.size());
    ++compared;
    for (std::size_t i = 0; i < theirs.size(); ++i) {
      if (std::isnan(theirs[i])) {
        EXPECT_TRUE(std::isnan(m.volume.voxels[i])) << m.name;
        continue;
      }
      const double error = std::abs(m.volume.voxels[i] - theirs[i]) / std::max(std::abs(theirs[i]), 1e-3);
      EXPECT_LE(error, 1e-6) << m.name;
      worst = std::max(worst, error);
    }
  }
  EXPECT_EQ(compared + 1, arrays.size());
  std::printf("VALIDATION radiomics | voxel maps of breast1 | PyRadiomics 3 | %zu | %.2g\n", compared, worst);
}

namespace {

/// IBSI's family and name to ours.
const std::map<std::string, std::map<std::string, std::string>>& ibsi_names() {
  static const std::map<std::string, std::map<std::string, std::string>> all{
      {"Morphology",
       {{"Volume (mesh)", "shape_MeshVolume"},
        {"Volume (voxel counting)", "shape_VoxelVolume"},
        {"Surface area (mesh)", "shape_SurfaceArea"},
        {"Surface to volume ratio", "shape_SurfaceVolumeRatio"},
        {"Sphericity", "shape_Sphericity"},
        {"Maximum 3D diameter", "shape_Maximum3DDiameter"},
        {"Major axis length", "shape_MajorAxisLength"},
        {"Minor axis length", "shape_MinorAxisLength"},
        {"Least axis length", "shape_LeastAxisLength"},
        {"Elongation", "shape_Elongation"},
        {"Flatness", "shape_Flatness"}}},
      {"Statistics",
       {{"Mean", "firstorder_Mean"},
        {"Variance", "firstorder_Variance"},
        {"Skewness", "firstorder_Skewness"},
        {"(Excess) kurtosis", "firstorder_Kurtosis"},
        {"Median", "firstorder_Median"},
        {"Minimum", "firstorder_Minimum"},
        {"10th percentile", "firstorder_10Percentile"},
        {"90th percentile", "firstorder_90Percentile"},
        {"Maximum", "firstorder_Maximum"},
        {"Interquartile range", "firstorder_InterquartileRange"},
        {"Range", "firstorder_Range"},
        {"Mean absolute deviation", "firstorder_MeanAbsoluteDeviation"},
        {"Robust mean absolute deviation", "firstorder_RobustMeanAbsoluteDeviation"},
        {"Energy", "firstorder_Energy"},
        {"Root mean square", "firstorder_RootMeanSquared"}}},
      {"Intensity histogram", {{"Entropy", "firstorder_Entropy"}, {"Uniformity", "firstorder_Uniformity"}}},
      {"Co-occurrence matrix (3D, averaged)",
       {{"Joint maximum", "glcm_MaximumProbability"},
        {"Joint average", "glcm_JointAverage"},
        {"Joint variance", "glcm_SumSquares"},
        {"Joint entropy", "glcm_JointEntropy"},
        {"Difference average", "glcm_DifferenceAverage"},
        {"Difference variance", "glcm_DifferenceVariance"},
        {"Difference entropy", "glcm_DifferenceEntropy"},
        {"Sum average", "glcm_SumAverage"},
        {"Sum entropy", "glcm_SumEntropy"},
        {"Angular second moment", "glcm_JointEnergy"},
        {"Contrast", "glcm_Contrast"},
        {"Inverse difference", "glcm_Id"},
        {"Normalised inverse difference", "glcm_Idn"},
        {"Inverse difference moment", "glcm_Idm"},
        {"Normalised inverse difference moment", "glcm_Idmn"},
        {"Inverse variance", "glcm_InverseVariance"},
        {"Correlation", "glcm_Correlation"},
        {"Autocorrelation", "glcm_Autocorrelation"},
        {"Cluster tendency", "glcm_ClusterTendency"},
        {"Cluster shade", "glcm_ClusterShade"},
        {"Cluster prominence", "glcm_ClusterProminence"},
        {"Information correlation 1", "glcm_Imc1"},
        {"Information correlation 2", "glcm_Imc2"}}},
      {"Run length matrix (3D, averaged)",
       {{"Short runs emphasis", "glrlm_ShortRunEmphasis"},
        {"Long runs emphasis", "glrlm_LongRunEmphasis"},
        {"Low grey level run emphasis", "glrlm_LowGrayLevelRunEmphasis"},
        {"High grey level run emphasis", "glrlm_HighGrayLevelRunEmphasis"},
        {"Short run low grey level emphasis", "glrlm_ShortRunLowGrayLevelEmphasis"},
        {"Short run high grey level emphasis", "glrlm_ShortRunHighGrayLevelEmphasis"},
        {"Long run low grey level emphasis", "glrlm_LongRunLowGrayLevelEmphasis"},
        {"Long run high grey level emphasis", "glrlm_LongRunHighGrayLevelEmphasis"},
        {"Grey level non-uniformity", "glrlm_GrayLevelNonUniformity"},
        {"Normalised grey level non-uniformity", "glrlm_GrayLevelNonUniformityNormalized"},
        {"Run length non-uniformity", "glrlm_RunLengthNonUniformity"},
        {"Normalised run length non-uniformity", "glrlm_RunLengthNonUniformityNormalized"},
        {"Run percentage", "glrlm_RunPercentage"},
        {"Grey level variance", "glrlm_GrayLevelVariance"},
        {"Run length variance", "glrlm_RunVariance"},
        {"Run entropy", "glrlm_RunEntropy"}}},
      {"Size zone matrix (3D)",
       {{"Small zone emphasis", "glszm_SmallAreaEmphasis"},
        {"Large zone emphasis", "glszm_LargeAreaEmphasis"},
        {"Low grey level emphasis", "glszm_LowGrayLevelZoneEmphasis"},
        {"High grey level emphasis", "glszm_HighGrayLevelZoneEmphasis"},
        {"Small zone low grey level emphasis", "glszm_SmallAreaLowGrayLevelEmphasis"},
        {"Small zone high grey level emphasis", "glszm_SmallAreaHighGrayLevelEmphasis"},
        {"Large zone low grey level emphasis", "glszm_LargeAreaLowGrayLevelEmphasis"},
        {"Large zone high grey level emphasis", "glszm_LargeAreaHighGrayLevelEmphasis"},
        {"Grey level non-uniformity", "glszm_GrayLevelNonUniformity"},
        {"Normalised grey level non-uniformity", "glszm_GrayLevelNonUniformityNormalized"},
        {"Zone size non-uniformity", "glszm_SizeZoneNonUniformity"},
        {"Normalised zone size non-uniformity", "glszm_SizeZoneNonUniformityNormalized"},
        {"Zone percentage", "glszm_ZonePercentage"},
        {"Grey level variance", "glszm_GrayLevelVariance"},
        {"Zone size variance", "glszm_ZoneVariance"},
        {"Zone size entropy", "glszm_ZoneEntropy"}}},
      {"Neighbourhood grey tone difference matrix (3D)",
       {{"Coarseness", "ngtdm_Coarseness"},
        {"Contrast", "ngtdm_Contrast"},
        {"Busyness", "ngtdm_Busyness"},
        {"Complexity", "ngtdm_Complexity"},
        {"Strength", "ngtdm_Strength"}}},
      {"Neighbouring grey level dependence matrix (3D)",
       {{"Low dependence emphasis", "gldm_SmallDependenceEmphasis"},
        {"High dependence emphasis", "gldm_LargeDependenceEmphasis"},
        {"Low grey level count emphasis", "gldm_LowGrayLevelEmphasis"},
        {"High grey level count emphasis", "gldm_HighGrayLevelEmphasis"},
        {"Low dependence low grey level emphasis", "gldm_SmallDependenceLowGrayLevelEmphasis"},
        {"Low dependence high grey level emphasis", "gldm_SmallDependenceHighGrayLevelEmphasis"},
        {"High dependence low grey level emphasis", "gldm_LargeDependenceLowGrayLevelEmphasis"},
        {"High dependence high grey level emphasis", "gldm_LargeDependenceHighGrayLevelEmphasis"},
        {"Grey level non-uniformity", "gldm_GrayLevelNonUniformity"},
        {"Dependence count non-uniformity", "gldm_DependenceNonUniformity"},
        {"Normalised dependence count non-uniformity", "gldm_DependenceNonUniformityNormalized"},
        {"Grey level variance", "gldm_GrayLevelVariance"},
        {"Dependence count variance", "gldm_DependenceVariance"},
        {"Dependence count entropy", "gldm_DependenceEntropy"}}}};
  return all;
}

}  // namespace

TEST(IbsiOracle, DigitalPhantomIsWithinTheConsensus) {
  GLIOCAST_NEEDS_SHARED("ibsi");
  const fs::path folder = test_support::shared_data() / "ibsi",
                 phantom = folder / "data_sets/ibsi_1_digital_phantom/nifti";
  const ScalarImage image{imageio::to_double(imageio::read_image(phantom / "image/phantom.nii.gz").volume),
                          PixelKind::Integer};
  const LabelVolume mask = imageio::to_labels(imageio::read_image(phantom / "mask/mask.nii.gz").volume, "mask");
  Parameters p = preset("default");
  p.setting["binWidth"] = 1;
  std::map<std::string, double> ours;
  for (const auto& f : extract(image, mask, p).features)
    ours[f.feature.feature_class + "_" + f.feature.name] = f.feature.value;
  const TextTable table = read_table(folder / "reference_values/ibsi_1_reference_values_digital_phantom.csv");
  const auto family = *table.find_column("family"), feature = *table.find_column("feature"),
             value = *table.find_column("reference value"), tolerance = *table.find_column("tolerance");
  std::size_t mapped = 0;
  std::set<std::string> outside;
  for (const auto& row : table.rows) {
    const auto names = ibsi_names().find(row[family]);
    if (names == ibsi_names().end() || !names->second.contains(row[feature])) continue;
    const std::string& name = names->second.at(row[feature]);
    const double reference = *parse_number(row[value]), allowed = parse_number(row[tolerance]).value_or(0);
    ++mapped;
    // The consensus is printed to three digits: half a unit of the last one counts as agreement.
    const double printed = 0.005 * std::abs(reference);
    if (std::abs(ours.at(name) - reference) > std::max(allowed, printed)) outside.insert(name);
  }
  // Kurtosis is not excess; axis lengths divide the covariance by N, not N − 1 (PyRadiomics' definitions).
  EXPECT_EQ(outside, (std::set<std::string>{"firstorder_Kurtosis", "shape_LeastAxisLength", "shape_MinorAxisLength"}));
  std::printf(
      "VALIDATION radiomics | IBSI-1 digital phantom, features within the consensus | IBSI consensus | %zu | %zu "
      "outside\n",
      mapped, outside.size());
}
