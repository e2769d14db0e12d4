#include "risk_sets.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace gliocast::survival {
namespace {

int stratum_of(const CoxData& data, std::size_t row) { return data.strata.empty() ? 0 : data.strata[row]; }

/// Rows by stratum ascending, then by `time` descending.
std::vector<std::size_t> descending(const CoxData& data, const std::vector<double>& time) {
  std::vector<std::size_t> order(time.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    const int sa = stratum_of(data, a), sb = stratum_of(data, b);
    return sa != sb ? sa < sb : time[a] > time[b];
  });
  return order;
}

}  // namespace

RiskSets::RiskSets(const CoxData& data, Ties ties) : by_time_(descending(data, data.time)) {
  if (!data.entry.empty()) by_entry_ = descending(data, data.entry);
  find_event_times(data, ties);
  find_exposures(data);
  find_strata(data);
}

void RiskSets::find_event_times(const CoxData& data, Ties ties) {
  for (const std::size_t row : by_time_) {
    if (!data.event[row]) continue;
    const int stratum = stratum_of(data, row);
    if (events_.empty() || events_.back().stratum != stratum || events_.back().time != data.time[row]) {
      events_.emplace_back();
      events_.back().time = data.time[row];
      events_.back().stratum = stratum;
    }
    events_.back().deaths.push_back(row);
    events_.back().weight += data.weights.empty() ? 1.0 : data.weights[row];
  }
  // Within a stratum ascending in time.
  for (std::size_t a = 0; a < events_.size();) {
    std::size_t b = a;
    while (b < events_.size() && events_[b].stratum == events_[a].stratum) ++b;
    std::reverse(events_.begin() + static_cast<std::ptrdiff_t>(a), events_.begin() + static_cast<std::ptrdiff_t>(b));
    a = b;
  }
  for (auto& e : events_) {
    e.first_mean = means_;
    e.means = ties == Ties::Efron ? e.deaths.size() : 1;
    means_ += e.means;
  }
}

void RiskSets::find_exposures(const CoxData& data) {
  exposure_.resize(data.time.size());
  const auto place = [&](int stratum, double time) {  // first event time of the stratum after `time`
    return static_cast<std::size_t>(std::partition_point(events_.begin(), events_.end(),
                                                         [&](const EventTime& e) {
                                                           return e.stratum < stratum ||
                                                                  (e.stratum == stratum && e.time <= time);
                                                         }) -
                                    events_.begin());
  };
  for (std::size_t i = 0; i < exposure_.size(); ++i) {
    const int s = stratum_of(data, i);
    exposure_[i] = {place(s, data.entry.empty() ? -std::numeric_limits<double>::infinity() : data.entry[i]),
                    place(s, data.time[i]), data.event[i] != 0};
  }
}

void RiskSets::find_strata(const CoxData& data) {
  // One past the rows of `order` that are in a stratum before this one, or in it and not before this time.
  const auto reach = [&](const std::vector<std::size_t>& order, const std::vector<double>& time, int stratum,
                         double from) {
    return static_cast<std::size_t>(std::ranges::partition_point(order,
                                                                 [&](std::size_t row) {
                                                                   const int s = stratum_of(data, row);
                                                                   return s < stratum ||
                                                                          (s == stratum && time[row] >= from);
                                                                 }) -
                                    order.begin());
  };
  constexpr double kBeyond = std::numeric_limits<double>::infinity();
  come_.resize(events_.size());
  go_.resize(events_.size());
  first_of_stratum_.resize(events_.size());
  for (std::size_t end = events_.size(); end > 0;) {
    std::size_t begin = end;
    const int stratum = events_[end - 1].stratum;
    for (; begin > 0 && events_[begin - 1].stratum == stratum; --begin) {
      come_[begin - 1] = reach(by_time_, data.time, stratum, events_[begin - 1].time);
      go_[begin - 1] = reach(by_entry_, data.entry, stratum, events_[begin - 1].time);
    }
    strata_.push_back(
        {begin, end, reach(by_time_, data.time, stratum, kBeyond), reach(by_entry_, data.entry, stratum, kBeyond)});
    std::fill(first_of_stratum_.begin() + static_cast<std::ptrdiff_t>(begin),
              first_of_stratum_.begin() + static_cast<std::ptrdiff_t>(end), begin);
    end = begin;
  }
}

std::vector<double> RiskSets::sum_over_exposure(const std::vector<double>& increment,
                                                const std::vector<double>& spared) const {
  std::vector<double> until(events_.size());  // from the first event time of the stratum on
  for (std::size_t g = 0; g < events_.size(); ++g)
    until[g] = (g > first_of_stratum_[g] ? until[g - 1] : 0.0) + increment[g];
  std::vector<double> result(exposure_.size(), 0.0);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const Exposure& x = exposure_[i];
    if (x.last == x.first) continue;
    result[i] = until[x.last - 1] - (x.first > first_of_stratum_[x.last - 1] ? until[x.first - 1] : 0.0);
    if (x.dies) result[i] -= spared[x.last - 1];
  }
  return result;
}

}  // namespace gliocast::survival
