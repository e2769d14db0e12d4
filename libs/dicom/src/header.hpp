#pragma once
// What is read of a DICOM file's header: the values of a fixed list of tags, as text.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace gliocast::dicom {

/// One attribute of a header.
enum class Tag : std::size_t {
  Modality,
  SopInstance,
  Series,
  PatientId,
  Description,
  Protocol,
  SequenceName,
  AcquisitionType,
  Tr,
  Te,
  Ti,
  Flip,
  Field,
  Manufacturer,
  Thickness,
  Contrast,
  ImageType,
  Position,
  Orientation,
  Rows,
  Columns,
  Frames,
  Echo,
  Number,
  Instance,
  Study,
  StudyDate,
  CharacterSet,
  ScanningSequence,
  SequenceVariant,
  BodyPart,
  PixelSpacing,
  AcquisitionNumber,
  TemporalPosition,
  BValue,
  TriggerTime,
  SliceSpacing,
  Complex,
  GeDataKind,
  BitsAllocated,
  Samples,
  TransferSyntax,
  SeriesDate,
  AcquisitionDate
};

struct TagNumber {
  std::uint16_t group, element;
};

/// In the order of Tag.
inline constexpr std::array<TagNumber, 44> kTags{
    {{0x0008, 0x0060}, {0x0008, 0x0018}, {0x0020, 0x000e}, {0x0010, 0x0020}, {0x0008, 0x103e}, {0x0018, 0x1030},
     {0x0018, 0x0024}, {0x0018, 0x0023}, {0x0018, 0x0080}, {0x0018, 0x0081}, {0x0018, 0x0082}, {0x0018, 0x1314},
     {0x0018, 0x0087}, {0x0008, 0x0070}, {0x0018, 0x0050}, {0x0018, 0x0010}, {0x0008, 0x0008}, {0x0020, 0x0032},
     {0x0020, 0x0037}, {0x0028, 0x0010}, {0x0028, 0x0011}, {0x0028, 0x0008}, {0x0018, 0x0086}, {0x0020, 0x0011},
     {0x0020, 0x0013}, {0x0020, 0x000d}, {0x0008, 0x0020}, {0x0008, 0x0005}, {0x0018, 0x0020}, {0x0018, 0x0021},
     {0x0018, 0x0015}, {0x0028, 0x0030}, {0x0020, 0x0012}, {0x0020, 0x0100}, {0x0018, 0x9087}, {0x0018, 0x1060},
     {0x0018, 0x0088}, {0x0008, 0x9208}, {0x0043, 0x102f}, {0x0028, 0x0100}, {0x0028, 0x0002}, {0x0002, 0x0010},
     {0x0008, 0x0021}, {0x0008, 0x0022}}};

/// What the functional groups of an enhanced file say of one frame; NaN where they are silent.
struct FrameHeader {
  double position_mm[3], orientation[6];
  double spacing_mm[2];  ///< along a row, along a column
  double te_ms, b_value, trigger_ms, slope, intercept;
  std::int32_t temporal, acquisition;
  std::int32_t dimensions[4];  ///< its indices in the file's dimensions other than stack and place
  char type[96];               ///< FrameType and complex component, backslash-separated, NUL-terminated
};
static_assert(std::is_trivially_copyable_v<FrameHeader>);

/// The text of each tag, without padding at its end; empty where the header has none.
struct Header {
  std::array<std::string, kTags.size()> values;
  std::vector<FrameHeader> frames;  ///< of an enhanced file, in its order; empty for others
  [[nodiscard]] const std::string& text(Tag tag) const { return values[static_cast<std::size_t>(tag)]; }
};

}  // namespace gliocast::dicom
