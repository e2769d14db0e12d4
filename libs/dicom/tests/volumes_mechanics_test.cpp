// How the slices of a series become volumes, and which series of an exam is taken.
#include "../src/volumes.hpp"

#include <gliocast/dicom/choose_series.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using namespace gliocast;
using namespace gliocast::dicom;

namespace {

constexpr int kPlaces = 12;
constexpr double kStepMm = 4;

std::string& teller(Candidate& c, Teller t) { return c.tellers[static_cast<std::size_t>(t)]; }

/// A slice at place `k` of volume `v`, both from 0 on; `header` holds the volume, so that the parts tell it.
Candidate slice(int k, int v, int instance = 0) {
  Candidate c;
  c.along_mm = kStepMm * k;
  c.header = static_cast<std::size_t>(v);
  c.instance = instance;
  return c;
}

/// Volumes whose slices have a value each by `value(volume, place)`; numbers restart in every volume.
template <typename F>
std::vector<Candidate> stack(int volumes, Teller t, F value) {
  std::vector<Candidate> out;
  for (int k = kPlaces - 1; k >= 0; --k)  // in no helpful order
    for (int v = volumes - 1; v >= 0; --v) {
      out.push_back(slice(k, v, k + 1));
      teller(out.back(), t) = value(v, k);
    }
  return out;
}

/// Each part has all places of one volume.
void expect_whole(const std::vector<VolumePart>& parts, std::size_t volumes) {
  ASSERT_EQ(parts.size(), volumes);
  for (std::size_t v = 0; v < volumes; ++v) {
    EXPECT_EQ(parts[v].slices.size(), std::size_t{kPlaces});
    EXPECT_FALSE(parts[v].mixed);
    for (std::size_t k = 0; k < parts[v].slices.size(); ++k) {
      EXPECT_EQ(parts[v].slices[k].header, v);
      EXPECT_DOUBLE_EQ(parts[v].slices[k].along_mm, kStepMm * static_cast<double>(k));
    }
  }
}

/// A series as `choose_series` sees it: 1 x 1 x 1 mm, axial, of a whole head.
Series series(int number, Sequence sequence) {
  Series s;
  s.sequence = sequence;
  s.certainty = 3;
  auto& a = s.acquisition;
  a.series_number = number;
  a.slices = 150;
  a.columns = a.rows = 240;
  a.pixel_mm = {1, 1}, a.slice_distance_mm = 1;
  a.plane = "axial";
  return s;
}

/// The number of the series that is taken, and the end of the remark on it.
std::pair<int, std::string> taken(const std::vector<Series>& all, Sequence sequence) {
  const auto [series, remark] = choose_series(all).at(sequence);
  return {series->acquisition.series_number, remark.empty() ? "" : remark.substr(remark.rfind(": ") + 2)};
}

/// The better of two is taken in either order, for the reason given.
void expect_better(Series good, Series poor, const std::string& why) {
  const Sequence sequence = *good.sequence;
  good.acquisition.series_number = 1;
  poor.acquisition.series_number = 2;
  for (const auto& both : {std::vector{good, poor}, std::vector{poor, good}}) {
    const auto [number, reason] = taken(both, sequence);
    EXPECT_EQ(number, 1) << why;
    EXPECT_EQ(reason, why);
  }
}

}  // namespace

TEST(Volumes, OneSliceAPlaceIsOneVolume) {
  const auto parts = split_volumes(stack(1, Teller::Echo, [](int, int) { return "1"; }));
  expect_whole(parts, 1);
  EXPECT_EQ(parts[0].told_apart_by, "");
}

TEST(Volumes, EveryTellerTellsTwoVolumesApart) {
  const std::vector<std::pair<Teller, const char*>> tellers{{Teller::ImageType, "kind of image"},
                                                            {Teller::Echo, "echo number"},
                                                            {Teller::EchoTime, "echo time"},
                                                            {Teller::InversionTime, "inversion time"},
                                                            {Teller::BValue, "b-value"},
                                                            {Teller::Temporal, "temporal position"},
                                                            {Teller::Dimension1, "a dimension of the file"},
                                                            {Teller::Dimension4, "a dimension of the file"},
                                                            {Teller::Agent, "contrast agent"},
                                                            {Teller::Acquisition, "acquisition number"},
                                                            {Teller::Trigger, "trigger time"},
                                                            {Teller::Flip, "flip angle"},
                                                            {Teller::Repetition, "repetition time"},
                                                            {Teller::PulseSequence, "pulse sequence"},
                                                            {Teller::PlaneOffset, "position in the plane"}};
  for (const auto& [t, words] : tellers) {
    const auto parts = split_volumes(stack(2, t, [](int v, int) { return std::to_string(9 + v); }));
    expect_whole(parts, 2);
    for (const auto& p : parts) {
      EXPECT_EQ(p.told_apart_by, words);
      const bool time = t == Teller::Temporal || t == Teller::Dimension1 || t == Teller::Dimension4 ||
                        t == Teller::Acquisition || t == Teller::Trigger;
      EXPECT_EQ(p.over_time, time) << words;
    }
  }
}

TEST(Volumes, NumbersAreOrderedBySizeAndNoValueComesLast) {
  const auto value = [](int v, int) { return v == 2 ? "" : v == 1 ? "10" : "9"; };
  expect_whole(split_volumes(stack(3, Teller::Acquisition, value)), 3);
}

TEST(Volumes, AcquisitionsThatTakeTurnsAreOneVolume) {
  for (const int turns : {2, 3})
    expect_whole(split_volumes(stack(1, Teller::Acquisition, [&](int, int k) { return std::to_string(k % turns); })),
                 1);
  expect_whole(split_volumes(stack(1, Teller::Acquisition, [](int, int k) { return std::to_string(k / 6); })), 1);
}

TEST(Volumes, ValuesOfEachSliceSplitNothing) {
  for (const Teller t : {Teller::Trigger, Teller::Acquisition, Teller::Temporal, Teller::EchoTime})
    expect_whole(split_volumes(stack(1, t, [](int, int k) { return std::to_string(37 * (k * 5 % kPlaces)); })), 1);
}

TEST(Volumes, ThreeVolumesOverTimeBesideValuesOfEachSlice) {
  auto slices = stack(3, Teller::Temporal, [](int v, int) { return std::to_string(v + 1); });
  for (auto& c : slices) {
    teller(c, Teller::Acquisition) = std::to_string(1 + std::lround(c.along_mm / kStepMm) % 2);
    teller(c, Teller::Trigger) = std::to_string(c.along_mm);
  }
  const auto parts = split_volumes(slices);
  expect_whole(parts, 3);
  EXPECT_TRUE(parts[0].over_time);
  EXPECT_EQ(parts[0].told_apart_by, "temporal position");
}

TEST(Volumes, TwoEchoesEachTwice) {
  auto slices = stack(4, Teller::EchoTime, [](int v, int) { return v < 2 ? "12" : "98"; });
  for (auto& c : slices) teller(c, Teller::Trigger) = c.header % 2 == 0 ? "0" : "5000";
  const auto parts = split_volumes(slices);
  expect_whole(parts, 4);
  EXPECT_EQ(parts[3].told_apart_by, "echo time and trigger time");
}

TEST(Volumes, InterleavedAcquisitionsOverTimeAreNotHalved) {
  // The number counts on: 1 and 2 are the first volume's slices in turn, 3 and 4 the second's.
  const auto number = [](int v, int k) { return std::to_string(1 + 2 * v + k % 2); };
  auto slices = stack(2, Teller::Acquisition, number);
  for (auto& c : slices) c.instance += kPlaces * static_cast<int>(c.header);
  auto parts = split_volumes(slices);
  expect_whole(parts, 2);
  EXPECT_EQ(parts[0].told_apart_by, "the order of instance numbers");
  parts = split_volumes(stack(2, Teller::Acquisition, number));  // the numbers restart: nothing tells them apart
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_TRUE(parts[0].mixed);
}

TEST(Volumes, OrderOfNumbersByVolumeAndByPlace) {
  for (const bool by_place : {false, true}) {
    auto slices = stack(3, Teller::Echo, [](int, int) { return "1"; });
    for (auto& c : slices) {
      const int k = static_cast<int>(std::lround(c.along_mm / kStepMm)), v = static_cast<int>(c.header);
      c.instance = by_place ? 3 * k + v : kPlaces * v + k;
    }
    const auto parts = split_volumes(slices);
    expect_whole(parts, 3);
    EXPECT_TRUE(parts[1].over_time);
  }
}

TEST(Volumes, NumbersInDisorderTellNothing) {
  auto slices = stack(2, Teller::Echo, [](int, int) { return "1"; });
  for (auto& c : slices)
    c.instance = static_cast<int>(std::lround(c.along_mm * 7 + static_cast<double>(c.header) * 13)) % 23;
  const auto parts = split_volumes(slices);
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_TRUE(parts[0].mixed);
}

TEST(Volumes, MissingAndRepeatedSlicesLeaveOneVolume) {
  auto slices = stack(1, Teller::Acquisition, [](int, int k) { return std::to_string(k); });
  auto repeated = slices;
  repeated.push_back(slice(4, 0, 99));
  auto parts = split_volumes(repeated);
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].slices.size(), std::size_t{kPlaces} + 1);
  EXPECT_FALSE(parts[0].mixed);
  EXPECT_EQ(parts[0].slices[5].instance, 99);  // after the other one of its place
  std::erase_if(slices, [](const Candidate& c) { return c.along_mm == 3 * kStepMm || c.along_mm == 7 * kStepMm; });
  parts = split_volumes(slices);
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].slices.size(), std::size_t{kPlaces} - 2);
  EXPECT_FALSE(parts[0].mixed);
}

TEST(Volumes, TheLastVolumeOfSeveralEndsEarly) {
  auto slices = stack(4, Teller::Temporal, [](int v, int) { return std::to_string(v); });
  std::erase_if(slices, [](const Candidate& c) { return c.header == 3 && c.along_mm > 2 * kStepMm; });
  const auto parts = split_volumes(slices);
  ASSERT_EQ(parts.size(), 4U);
  EXPECT_EQ(parts[2].slices.size(), std::size_t{kPlaces});
  EXPECT_EQ(parts[3].slices.size(), 3U);
}

TEST(Volumes, AFewSlicesOfASecondVolumeAreNotMixedIn) {
  auto slices = stack(1, Teller::Acquisition, [](int, int) { return "1"; });
  slices.insert(slices.begin(), slice(5, 1, -1));  // its number would put it first
  teller(slices.front(), Teller::Acquisition) = "2";
  const auto parts = split_volumes(slices);
  ASSERT_EQ(parts.size(), 2U);
  expect_whole({parts[0]}, 1);
  EXPECT_EQ(parts[1].slices.size(), 1U);
}

TEST(Volumes, VolumesOfTheirOwnSpacing) {
  std::vector<Candidate> slices;
  for (int k = 0; k < 10; ++k) {
    slices.push_back(slice(k, 0, k));
    teller(slices.back(), Teller::Repetition) = "500";
  }
  for (int k = 0; k < 14; ++k) {
    slices.push_back(slice(k, 1, k));
    teller(slices.back(), Teller::Repetition) = "4000";
    slices.back().along_mm = 2.7 * k;
  }
  const auto parts = split_volumes(slices);
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].slices.size(), 10U);
  EXPECT_EQ(parts[1].slices.size(), 14U);
}

TEST(SeriesChoice, EachPreferenceGivesItsReason) {
  const auto plain = series(1, Sequence::T1);
  auto other = plain;
  other.certainty = 2;
  expect_better(plain, other, "the surest by name and times");
  other = plain;
  other.acquisition.slices = 60;
  expect_better(plain, other, "it spans the head");
  other = plain;
  other.derived = true;
  expect_better(plain, other, "it is original, not derived");
  other = plain;
  other.volumes = 2;
  expect_better(plain, other, "it is the only volume of its series");
  other = plain;
  other.acquisition.slice_distance_mm = 5;
  expect_better(plain, other, "it is clearly finer");
  other = plain;
  other.acquisition.slice_distance_mm = 1.2;
  expect_better(plain, other, "it has the smaller voxels");
}

TEST(SeriesChoice, EachPreferenceComesBeforeTheNext) {
  auto good = series(1, Sequence::T2), poor = good;
  const auto worsen = [](Series& s, int step) {
    if (step == 0) s.certainty = 1;
    if (step == 1) s.acquisition.slices = 40;
    if (step == 2) s.derived = true;
    if (step == 3) s.volumes = 3;
    if (step == 4) s.acquisition.slice_distance_mm = 5;
  };
  for (int step = 0; step < 4; ++step) {  // worse in this, better in all that come later
    poor = good = series(1, Sequence::T2);
    worsen(poor, step);
    for (int later = step + 1; later < 5; ++later) worsen(good, later);
    if (step == 0) good.acquisition.slices = 40;
    good.acquisition.series_number = 1;
    poor.acquisition.series_number = 2;
    EXPECT_EQ(taken({poor, good}, Sequence::T2).first, 1) << step;
  }
}

TEST(SeriesChoice, ThePlaneOfMostOfTheExam) {
  auto sagittal = series(1, Sequence::T1), axial = series(2, Sequence::T1);
  sagittal.acquisition.plane = "sagittal";
  sagittal.acquisition.slice_distance_mm = 0.9;  // a little finer, and yet
  const std::vector all{sagittal, axial, series(3, Sequence::T2), series(4, Sequence::Flair)};
  EXPECT_EQ(taken(all, Sequence::T1), std::pair(2, std::string("it lies in the plane of most of the exam")));
}

TEST(SeriesChoice, OfEqualsTheFirstAndOfT1GdTheLast) {
  for (const Sequence s : {Sequence::T1, Sequence::T2, Sequence::Flair})
    EXPECT_EQ(taken({series(1, s), series(2, s)}, s), std::pair(1, std::string("it is the first of equals")));
  EXPECT_EQ(taken({series(1, Sequence::T1Gd), series(2, Sequence::T1Gd)}, Sequence::T1Gd),
            std::pair(2, std::string("it is the last of equals")));
  EXPECT_EQ(taken({series(7, Sequence::T1)}, Sequence::T1), std::pair(7, std::string()));
}
