// Gradient boosting by libxgboost (Chen & Guestrin 2016), a comparator: the one file that knows it.
#include "boosting_model.hpp"
#include "columns.hpp"
#include "ranked_columns.hpp"
#include "step_entry.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/learn/step_options.hpp>

#include <xgboost/c_api.h>

#include <cmath>
#include <limits>
#include <mutex>

namespace gliocast::learn {
namespace {

void require(int status, const char* doing) {
  if (status == 0) return;
  const std::string all = XGBGetLastError();  // its first line says what, a stack follows
  throw unusable_input(std::string("boosting cannot ") + doing, all.substr(0, all.find('\n')));
}

struct FreeMatrix {
  void operator()(void* handle) const { XGDMatrixFree(handle); }
};
struct FreeBooster {
  void operator()(void* handle) const { XGBoosterFree(handle); }
};
using MatrixHandle = std::unique_ptr<void, FreeMatrix>;
using BoosterPointer = std::unique_ptr<void, FreeBooster>;

/// Its single-precision matrix; NaN is missing.
MatrixHandle make_matrix(const stats::Matrix& x) {
  std::vector<float> values(x.rows * x.columns);
  for (std::size_t r = 0; r < x.rows; ++r)
    for (std::size_t c = 0; c < x.columns; ++c) values[r * x.columns + c] = static_cast<float>(x(r, c));
  DMatrixHandle handle = nullptr;
  require(
      XGDMatrixCreateFromMat_omp(values.data(), x.rows, x.columns, std::numeric_limits<float>::quiet_NaN(), &handle, 1),
      "take the table");
  return MatrixHandle(handle);
}

BoosterPointer make_booster(const std::vector<DMatrixHandle>& matrices) {
  require(XGBSetGlobalConfig(R"({"verbosity": 0})"), "be quiet");
  BoosterHandle handle = nullptr;
  require(XGBoosterCreate(matrices.data(), matrices.size(), &handle), "start");
  BoosterPointer booster(handle);
  for (const char* name : {"nthread", "verbosity"})
    require(XGBoosterSetParam(handle, name, name[0] == 'n' ? "1" : "0"), "be set");
  return booster;
}

class BoostingClassifier final : public Classifier {
 public:
  BoostingClassifier(BoosterPointer booster, Json model)
      : booster_(std::move(booster)), model_(std::move(model)), columns_(boosting_columns(model_)) {}

  std::vector<double> decision(const FeatureTable& table) const override {
    need_columns(table, columns_, "boosting");
    if (table.rows() == 0) return {};
    const auto matrix = make_matrix(table.values);
    const std::scoped_lock lock(predicting_);  // a booster keeps its predictions
    bst_ulong length = 0;
    const float* margin = nullptr;
    constexpr int kMargin = 1;
    require(XGBoosterPredict(booster_.get(), matrix.get(), kMargin, 0, 0, &length, &margin), "predict");
    return {margin, margin + length};
  }
  std::vector<double> probability(const FeatureTable& table) const override {
    auto out = decision(table);
    for (double& v : out) v = 1 / (1 + std::exp(-v));
    return out;
  }
  Json to_json() const override { return model_; }

 private:
  BoosterPointer booster_;
  Json model_;
  std::size_t columns_;
  mutable std::mutex predicting_;
};

std::shared_ptr<const Classifier> read_boosting(const Json& model) {
  check_boosting(model);
  auto booster = make_booster({});
  const std::string text = model.dump();
  require(XGBoosterLoadModelFromBuffer(booster.get(), text.data(), text.size()), "read its model");
  return std::make_shared<BoostingClassifier>(std::move(booster), model);
}

class BoostingLearner final : public ClassifierLearner {
 public:
  explicit BoostingLearner(const Json& json) {
    StepOptions o("boosting", json);
    trees_ = o.count("trees", 100, 1, 100000);
    parameters_ = {{"eta", o.number("learning_rate", 0.1, 1e-4, 1)},
                   {"max_depth", static_cast<double>(o.count("depth", 3, 1, 30))},
                   {"min_child_weight", o.number("min_child_weight", 1, 0, 1e6)},
                   {"subsample", o.number("subsample", 1, 0.01, 1)},
                   {"colsample_bytree", o.number("columns", 1, 0.01, 1)},
                   {"lambda", o.number("lambda", 1, 0, 1e6)}};
    method_ = o.choice("method", "exact", {"exact", "hist"});
    o.finish();
  }
  std::string name() const override { return "boosting"; }
  Json options() const override {
    return {{"trees", trees_},
            {"learning_rate", parameters_.at("eta")},
            {"depth", static_cast<std::size_t>(parameters_.at("max_depth"))},
            {"min_child_weight", parameters_.at("min_child_weight")},
            {"subsample", parameters_.at("subsample")},
            {"columns", parameters_.at("colsample_bytree")},
            {"lambda", parameters_.at("lambda")},
            {"method", method_}};
  }

  std::shared_ptr<const Classifier> fit(const FeatureTable& table, const Rows& rows,
                                        const FitContext& context) const override {
    const FeatureTable taken = table.take(rows);
    const auto classes = taken.classes();
    const auto matrix = make_matrix(taken.values);
    const std::vector<float> labels(classes.begin(), classes.end());
    require(XGDMatrixSetFloatInfo(matrix.get(), "label", labels.data(), labels.size()), "take the classes");
    const auto booster = make_booster({matrix.get()});
    set_parameters(booster.get(), context.seed);
    for (std::size_t t = 0; t < trees_; ++t)
      require(XGBoosterUpdateOneIter(booster.get(), static_cast<int>(t), matrix.get()), "fit");
    bst_ulong length = 0;
    const char* text = nullptr;
    require(XGBoosterSaveModelToBuffer(booster.get(), R"({"format": "json"})", &length, &text), "write its model");
    return read_boosting(Json::parse(text, text + length));  // what a bundle gives is what a fit gives
  }

 private:
  void set_parameters(BoosterHandle booster, std::uint64_t seed) const {
    const auto set = [&](const std::string& name, const std::string& value) {
      require(XGBoosterSetParam(booster, name.c_str(), value.c_str()), "be set");
    };
    set("objective", "binary:logistic");
    set("tree_method", method_);
    constexpr std::uint64_t kSeeds = 2147483647;
    set("seed", std::to_string(seed % kSeeds));
    for (const auto& [name, value] : parameters_)
      set(name, name == "max_depth" ? std::to_string(static_cast<int>(value)) : Json(value).dump());
  }

  std::size_t trees_ = 100;
  std::map<std::string, double> parameters_;  ///< by xgboost's names
  std::string method_;
};

}  // namespace

ClassifierEntry boosting_classifier() {
  return {"boosting", "gradient-boosted trees of XGBoost; missing values may stay",
          [](const Json& options) { return std::make_shared<BoostingLearner>(options); }, &read_boosting};
}

}  // namespace gliocast::learn
