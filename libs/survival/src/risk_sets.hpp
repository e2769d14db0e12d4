#pragma once
#include <gliocast/survival/cox.hpp>

#include <cstddef>
#include <vector>

namespace gliocast::survival {

/// One distinct event time of one stratum.
struct EventTime {
  double time = 0;
  int stratum = 0;
  std::vector<std::size_t> deaths;  ///< rows
  double weight = 0;                ///< sum of the deaths' case weights
  std::size_t first_mean = 0;       ///< place of its first risk-set mean among those of all event times
  std::size_t means = 0;            ///< how many: d for Efron, else 1
  // Of the latest evaluation of CoxLikelihood:
  double n_risk = 0;        ///< sum of case weights at risk
  double hazard = 0;        ///< increment for those at risk who do not die here
  double death_hazard = 0;  ///< increment for those who die here (Efron)
  double variance = 0;      ///< Σ (weight / d) / denominator²
};

/// First and one past the last event time in (entry, time] of a row, and whether the last is the row's own death.
struct Exposure {
  std::size_t first = 0, last = 0;
  bool dies = false;
};

/// Who is at risk when: the event times of all strata, and the rows that come and go between them. Keeps no reference
/// to the data. `ties`: Efron or Breslow.
class RiskSets {
 public:
  RiskSets(const CoxData& data, Ties ties);

  [[nodiscard]] const std::vector<EventTime>& events() const { return events_; }  ///< by stratum, ascending in time
  [[nodiscard]] std::vector<EventTime>& events() { return events_; }
  [[nodiscard]] const Exposure& exposure(std::size_t row) const { return exposure_[row]; }
  [[nodiscard]] std::size_t rows() const { return exposure_.size(); }
  [[nodiscard]] std::size_t means() const { return means_; }  ///< of all event times

  /// Σ increment over the event times at which each row is at risk, less `spared` where it dies. One a row.
  [[nodiscard]] std::vector<double> sum_over_exposure(const std::vector<double>& increment,
                                                      const std::vector<double>& spared) const;

  /// Walks through each stratum's event times, the last first: `clear()` where nobody is at risk, `add(row, sign)` for
  /// a row that comes (1) or goes (−1), `at(event)`, its place among events(), with all at risk.
  template <class Clear, class Add, class At>
  void walk(Clear clear, Add add, At at) const {
    for (const Stratum& s : strata_) {
      std::size_t come = s.first_row, go = s.first_entry, at_risk = 0;
      clear();
      for (std::size_t g = s.end; g-- > s.begin;) {
        for (; come < come_[g]; ++come, ++at_risk) add(by_time_[come], 1.0);
        for (; go < go_[g]; ++go) {
          add(by_entry_[go], -1.0);
          if (--at_risk == 0) clear();
        }
        at(g);
      }
    }
  }

 private:
  struct Stratum {
    std::size_t begin = 0, end = 0;              ///< its event times
    std::size_t first_row = 0, first_entry = 0;  ///< its first places in by_time_ and by_entry_
  };
  void find_event_times(const CoxData& data, Ties ties);
  void find_exposures(const CoxData& data);
  void find_strata(const CoxData& data);

  std::vector<std::size_t> by_time_, by_entry_;  ///< rows by stratum, then descending
  std::vector<std::size_t> come_, go_;           ///< an event time: one past the last that comes or goes before it
  std::vector<Stratum> strata_;                  ///< those with an event
  std::vector<EventTime> events_;
  std::vector<std::size_t> first_of_stratum_;  ///< an event time: the first of its stratum
  std::vector<Exposure> exposure_;
  std::size_t means_ = 0;
};

}  // namespace gliocast::survival
