// Functional groups of enhanced DICOM files (DICOM PS3.3, C.7.6.16 and C.8.13.5).
#include "frames.hpp"

#include "protocol.hpp"

#include <gdcmReader.h>
#include <gdcmSequenceOfItems.h>
#include <gdcmStringFilter.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

namespace gliocast::dicom {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// A data set and what turns its values into text.
class Item {
 public:
  Item(const gdcm::DataSet& set, const gdcm::StringFilter& filter) : set_(&set), filter_(&filter) {}

  /// The value as text, several of them separated by backslashes; empty where it is not there.
  [[nodiscard]] std::string text(std::uint16_t group, std::uint16_t element) const {
    const gdcm::Tag tag(group, element);
    if (!set_->FindDataElement(tag) || set_->GetDataElement(tag).IsEmpty()) return {};
    std::string value = filter_->ToStringPair(set_->GetDataElement(tag)).second;
    while (!value.empty() && (value.back() == ' ' || value.back() == '\0')) value.pop_back();
    return value;
  }

  /// The n-th number of a value.
  [[nodiscard]] double number(std::uint16_t group, std::uint16_t element, std::size_t n = 0) const {
    const std::string value = text(group, element);
    std::size_t from = 0;
    for (; n > 0; --n) {
      const std::size_t next = value.find('\\', from);
      if (next == std::string::npos) return kNone;
      from = next + 1;
    }
    char* end = nullptr;
    const double v = std::strtod(value.c_str() + from, &end);
    return end != value.c_str() + from && std::isfinite(v) ? v : kNone;
  }

  [[nodiscard]] gdcm::SmartPointer<gdcm::SequenceOfItems> sequence(std::uint16_t group, std::uint16_t element) const {
    const gdcm::Tag tag(group, element);
    return set_->FindDataElement(tag) ? set_->GetDataElement(tag).GetValueAsSQ() : nullptr;
  }

  [[nodiscard]] const gdcm::StringFilter& filter() const { return *filter_; }

 private:
  const gdcm::DataSet* set_;
  const gdcm::StringFilter* filter_;
};

/// The functional groups that hold for one frame: its own before the shared ones.
class Groups {
 public:
  Groups(const Item* own, const Item* shared) : places_{own, shared} {}

  /// Calls `use` with the first item of a group's sequence, the frame's own if there is one.
  template <typename F>
  void with(std::uint16_t group, std::uint16_t element, F use) const {
    for (const Item* place : places_) {
      if (place == nullptr) continue;
      const auto items = place->sequence(group, element);
      if (items == nullptr || items->GetNumberOfItems() == 0) continue;
      use(Item(items->GetItem(1).GetNestedDataSet(), place->filter()));
      return;
    }
  }

 private:
  std::array<const Item*, 2> places_;
};

std::int32_t whole(double v) { return std::isfinite(v) && std::abs(v) < 1e9 ? static_cast<std::int32_t>(v) : 0; }

/// For each of the file's dimensions, whether it says more than where a frame lies.
std::vector<bool> telling_dimensions(const Item& file) {
  std::vector<bool> out;
  const auto items = file.sequence(0x0020, 0x9222);
  for (std::size_t i = 1; items != nullptr && i <= items->GetNumberOfItems(); ++i) {
    const std::string pointer = Item(items->GetItem(i).GetNestedDataSet(), file.filter()).text(0x0020, 0x9165);
    const auto is = [&](const char* tag) { return pointer.find(tag) != std::string::npos; };
    out.push_back(!(is("0020,9056") || is("0020,9057") || is("0020,0032") || is("0020,9157")));
  }
  return out;
}

FrameHeader frame_of(const Groups& groups, const std::vector<bool>& telling) {
  FrameHeader f{};
  std::fill(std::begin(f.position_mm), std::end(f.position_mm), kNone);
  std::fill(std::begin(f.orientation), std::end(f.orientation), kNone);
  f.spacing_mm[0] = f.spacing_mm[1] = f.te_ms = f.b_value = f.trigger_ms = kNone;
  f.slope = 1;
  groups.with(0x0020, 0x9113, [&](const Item& i) {
    for (std::size_t a = 0; a < 3; ++a) f.position_mm[a] = i.number(0x0020, 0x0032, a);
  });
  groups.with(0x0020, 0x9116, [&](const Item& i) {
    for (std::size_t a = 0; a < 6; ++a) f.orientation[a] = i.number(0x0020, 0x0037, a);
  });
  groups.with(0x0028, 0x9110, [&](const Item& i) {
    f.spacing_mm[0] = i.number(0x0028, 0x0030, 1);
    f.spacing_mm[1] = i.number(0x0028, 0x0030, 0);
  });
  groups.with(0x0018, 0x9114, [&](const Item& i) { f.te_ms = i.number(0x0018, 0x9082); });
  groups.with(0x0018, 0x9117, [&](const Item& i) { f.b_value = i.number(0x0018, 0x9087); });
  groups.with(0x0018, 0x9118, [&](const Item& i) { f.trigger_ms = i.number(0x0020, 0x9153); });
  groups.with(0x0028, 0x9145, [&](const Item& i) {
    if (const double slope = i.number(0x0028, 0x1053); slope > 0) f.slope = slope;
    if (const double intercept = i.number(0x0028, 0x1052); std::isfinite(intercept)) f.intercept = intercept;
  });
  groups.with(0x0020, 0x9111, [&](const Item& i) {
    f.temporal = whole(i.number(0x0020, 0x9128));
    f.acquisition = whole(i.number(0x0020, 0x9156));
    std::size_t kept = 0;
    for (std::size_t d = 0; d < telling.size() && kept < std::size(f.dimensions); ++d)
      if (telling[d]) f.dimensions[kept++] = whole(i.number(0x0020, 0x9157, d));
  });
  groups.with(0x0018, 0x9226, [&](const Item& i) {
    const std::string text = i.text(0x0008, 0x9007) + "\\" + i.text(0x0008, 0x9208);
    text.copy(f.type, std::min(text.size(), std::size(f.type) - 1));
  });
  return f;
}

/// What the first frame says, where the top of the file is silent.
void fill_top(const Groups& groups, Header& header) {
  const auto take = [&](Tag tag, std::uint16_t group, std::uint16_t element, std::uint16_t value_group,
                        std::uint16_t value) {
    if (auto& text = header.values[static_cast<std::size_t>(tag)]; text.empty())
      groups.with(group, element, [&](const Item& i) { text = i.text(value_group, value); });
  };
  take(Tag::Te, 0x0018, 0x9114, 0x0018, 0x9082);
  take(Tag::Tr, 0x0018, 0x9112, 0x0018, 0x0080);
  take(Tag::Flip, 0x0018, 0x9112, 0x0018, 0x1314);
  take(Tag::Ti, 0x0018, 0x9115, 0x0018, 0x9079);
  take(Tag::Thickness, 0x0028, 0x9110, 0x0018, 0x0050);
  take(Tag::SliceSpacing, 0x0028, 0x9110, 0x0018, 0x0088);
  take(Tag::BodyPart, 0x0020, 0x9071, 0x0018, 0x0015);
  groups.with(0x0018, 0x9341, [&](const Item& i) {
    auto& text = header.values[static_cast<std::size_t>(Tag::Contrast)];
    if (const std::string given = i.text(0x0018, 0x9342); text.empty() && !given.empty()) text = given;
  });
}

}  // namespace

void add_functional_groups(const std::filesystem::path& path, Header& header) {
  gdcm::Reader reader;
  reader.SetFileName(path.c_str());
  if (!reader.ReadUpToTag(gdcm::Tag(0x7fe0, 0x0010))) return;
  gdcm::StringFilter filter;
  filter.SetFile(reader.GetFile());
  const Item file(reader.GetFile().GetDataSet(), filter);
  const auto shared_items = file.sequence(0x5200, 0x9229), frames = file.sequence(0x5200, 0x9230);
  const std::size_t count = frames == nullptr ? 0 : frames->GetNumberOfItems();
  if (count == 0 || count > protocol::kMostFrames) return;
  std::optional<Item> shared;
  if (shared_items != nullptr && shared_items->GetNumberOfItems() > 0)
    shared.emplace(shared_items->GetItem(1).GetNestedDataSet(), filter);
  const auto telling = telling_dimensions(file);
  for (std::size_t n = 1; n <= count; ++n) {
    const Item own(frames->GetItem(n).GetNestedDataSet(), filter);
    const Groups groups(&own, shared ? &*shared : nullptr);
    header.frames.push_back(frame_of(groups, telling));
    if (n == 1) fill_top(groups, header);
  }
  // An agent that the file describes, and no word whether it was given: it was.
  const auto agents = file.sequence(0x0018, 0x0012);
  if (auto& text = header.values[static_cast<std::size_t>(Tag::Contrast)];
      text.empty() && agents != nullptr && agents->GetNumberOfItems() > 0)
    text = "YES";
}

}  // namespace gliocast::dicom
