#include <gliocast/learn/split.hpp>

#include "columns.hpp"
#include "patients.hpp"

#include <gliocast/core/error.hpp>
#include <gliocast/core/numbers.hpp>
#include <gliocast/core/random.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace gliocast::learn {
namespace {

constexpr double kRounding = 1e-9;  // of sums of shares

/// The shares with the sum 1.
std::vector<double> checked_shares(std::vector<double> shares) {
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  if (shares.empty() || !std::isfinite(sum) || !std::ranges::all_of(shares, [](double s) { return s > 0; }))
    throw Error(ExitCode::WrongUse, "a split needs shares above 0, for example 6:2:2", "--split");
  for (double& s : shares) s /= sum;
  return shares;
}

/// Gives out places of parts one after another, so that after any number of them each part has its share to less than
/// one: the part that would be late first among those that are due.
class Turns {
 public:
  explicit Turns(const std::vector<double>& shares) : shares_(shares), given_(shares.size(), 0) {}

  std::size_t next() {
    ++turn_;
    if (shares_.size() == 1) return 0;
    const double due = 1 / (2 * static_cast<double>(shares_.size()) - 2);
    std::size_t chosen = 0;
    double least = INFINITY;
    for (std::size_t p = 0; p < shares_.size(); ++p) {
      const double owed = shares_[p] * turn_ - given_[p], left = (1 - due - owed) / shares_[p];
      if (owed < due - kRounding || left > least - kRounding) continue;
      least = left;
      chosen = p;
    }
    ++given_[chosen];
    return chosen;
  }

 private:
  const std::vector<double>& shares_;
  std::vector<double> given_;
  double turn_ = 0;
};

template <class T>
void shuffle(std::vector<T>& items, Random& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

/// Centres of one class with their subjects.
using Centres = std::map<std::string, Rows>;

void check_size(const std::string& label, const Centres& centres, const std::vector<double>& shares) {
  std::size_t n = 0;
  for (const auto& [centre, subjects] : centres) n += subjects.size();
  const double least = *std::ranges::min_element(shares);
  const auto needed = static_cast<std::size_t>(std::ceil(1 / least - kRounding));
  if (n < needed)
    throw unusable_input("class " + label + " has " + counted(n, "patient") + ", and a split with a part of " +
                             plain_number(100 * least, 3) + " % needs " + std::to_string(needed) + " of each class",
                         "", "take larger shares, or cross-validate");
}

}  // namespace

Rows Split::of_part(std::size_t wanted) const {
  Rows rows;
  for (std::size_t i = 0; i < part.size(); ++i)
    if (part[i] == wanted) rows.push_back(i);
  return rows;
}

Split split_subjects(const std::vector<Subject>& subjects, const std::vector<double>& wanted, std::uint64_t seed) {
  const auto shares = checked_shares(wanted);
  std::map<std::string, Centres> classes;
  for (std::size_t i = 0; i < subjects.size(); ++i) classes[subjects[i].label][subjects[i].centre].push_back(i);
  Split split{std::vector<std::size_t>(subjects.size()), {}};
  Random random(seed, "split");
  for (auto& [label, centres] : classes) {
    check_size(label, centres, shares);
    const std::size_t first = split.strata.size();
    std::vector<std::pair<std::size_t, Rows*>> order;  // stratum, subjects
    for (auto& [centre, list] : centres) {
      std::ranges::stable_sort(list, {}, [&](std::size_t i) { return subjects[i].id; });
      shuffle(list, random);
      order.emplace_back(first + order.size(), &list);
      split.strata.push_back({label, centre, std::vector<std::size_t>(shares.size(), 0)});
    }
    shuffle(order, random);
    Turns turns(shares);
    for (const auto& [stratum, list] : order)
      for (const std::size_t i : *list) {
        split.part[i] = turns.next();
        ++split.strata[stratum].subjects[split.part[i]];
      }
  }
  return split;
}

Split split_rows(const FeatureTable& table, const Rows& rows, const std::vector<double>& shares, std::uint64_t seed) {
  auto patients = patients_of(table, rows, true);
  std::vector<Subject> subjects;
  for (auto& [number, p] : patients) {
    p.place = subjects.size();
    subjects.push_back({p.id, std::to_string(p.label), p.centre});
  }
  Split split = split_subjects(subjects, shares, seed);
  const auto of_patient = std::exchange(split.part, {});
  for (const std::size_t r : rows) split.part.push_back(of_patient[patients.at(table.patient[r]).place]);
  return split;
}

std::vector<double> parse_shares(const std::string& text) {
  std::vector<double> shares;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(':', at), text.size());
    const auto share = parse_number(text.substr(at, end - at));
    if (!share || !(*share > 0) || !std::isfinite(*share))
      throw Error(ExitCode::WrongUse, "\"" + text + "\" are no shares of a split", "--split",
                  "write numbers above 0 with colons, for example 6:2:2");
    shares.push_back(*share);
    at = end + 1;
  }
  return shares;
}

std::vector<std::string> strata_not_everywhere(const Split& split) {
  std::vector<std::string> lacking;
  for (const auto& s : split.strata) {
    if (std::ranges::count(s.subjects, std::size_t{0}) == 0) continue;
    const auto n = std::accumulate(s.subjects.begin(), s.subjects.end(), std::size_t{0});
    lacking.push_back("class " + s.label + (s.centre.empty() ? "" : " of centre " + s.centre) + " (" +
                      counted(n, "patient") + ")");
  }
  return lacking;
}

}  // namespace gliocast::learn
