#include "decode.hpp"

#include <itk_bridge.hpp>
#include "frames.hpp"

#include <gdcmReader.h>
#include <gdcmScanner.h>
#include <gdcmTrace.h>
#include <itkGDCMImageIO.h>
#include <itkImageFileReader.h>

#include <cmath>
#include <cstdint>
#include <cstring>

namespace gliocast::dicom {
namespace {

using Image = itk::Image<float, 3>;

/// Magnitude, phase, real or imaginary as GE's private tag (0043,102f) numbers them; empty where it is not there.
std::string ge_data_kind(const std::filesystem::path& path) {
  const gdcm::Tag tag(0x0043, 0x102f);
  gdcm::Reader reader;
  reader.SetFileName(path.c_str());
  if (!reader.ReadUpToTag(gdcm::Tag(0x0043, 0x1030))) return {};
  const gdcm::DataSet& set = reader.GetFile().GetDataSet();
  if (!set.FindDataElement(tag) || set.GetPrivateCreator(tag) != "GEMS_PARM_01") return {};
  const auto* bytes = set.GetDataElement(tag).GetByteValue();
  if (bytes == nullptr || bytes->GetLength() < 2) return {};
  std::uint16_t number = 0;
  std::memcpy(&number, bytes->GetPointer(), sizeof number);  // GDCM has brought it to this machine's order
  return std::to_string(number);
}

/// A header may ask for any size: what no file of its length can hold is refused before memory is.
bool has_plausible_size(itk::GDCMImageIO& io, const std::filesystem::path& path) {
  io.SetFileName(path.string());
  io.ReadImageInformation();
  double voxels = 1;
  for (unsigned d = 0; d < io.GetNumberOfDimensions(); ++d) voxels *= static_cast<double>(io.GetDimensions(d));
  std::error_code error;
  const auto bytes = static_cast<double>(std::filesystem::file_size(path, error));
  // A deflated or JPEG file of one value is a thousand times smaller at most.
  return voxels > 0 && voxels <= protocol::kMostVoxels && voxels <= 1000 * bytes;
}

}  // namespace

void quiet_gdcm() {
  gdcm::Trace::DebugOff();
  gdcm::Trace::WarningOff();
  gdcm::Trace::ErrorOff();
}

std::optional<Header> decode_header(const std::filesystem::path& path) {
  gdcm::Scanner scanner;
  for (const auto& t : kTags)
    if (t.group % 2 == 0) scanner.AddTag(gdcm::Tag(t.group, t.element));
  if (!scanner.Scan({path.string()}) || !scanner.IsKey(path.c_str())) return std::nullopt;
  Header header;
  for (std::size_t i = 0; i < kTags.size(); ++i) {
    if (kTags[i].group % 2 != 0) continue;
    const char* value = scanner.GetValue(path.c_str(), gdcm::Tag(kTags[i].group, kTags[i].element));
    std::string& text = header.values[i];
    text = value != nullptr ? value : "";
    while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.pop_back();
  }
  if (header.text(Tag::Manufacturer).starts_with("GE"))
    header.values[static_cast<std::size_t>(Tag::GeDataKind)] = ge_data_kind(path);
  // Enhanced files keep in sequences what others have at the top.
  if (header.text(Tag::Position).empty() && !header.text(Tag::Rows).empty()) add_functional_groups(path, header);
  return header;
}

protocol::Outcome decode_volume(const std::filesystem::path& path, Volume<float>& volume) {
  auto io = itk::GDCMImageIO::New();
  try {
    if (!has_plausible_size(*io, path)) return protocol::Outcome::AbsurdSize;
    auto reader = itk::ImageFileReader<Image>::New();
    reader->SetImageIO(io);
    reader->SetFileName(path.string());
    reader->Update();
    volume = itk_bridge::copy(*reader->GetOutput());
  } catch (const std::exception&) {  // its text may hold what the header says
    return protocol::Outcome::Undecodable;
  }
  const Geometry& g = volume.geometry;
  const double det = std::abs(determinant(g.direction));
  const bool usable = det > 0.5 && det < 1.5 && g.spacing_mm[0] > 0 && g.spacing_mm[1] > 0;
  return usable ? protocol::Outcome::Done : protocol::Outcome::NoGeometry;
}

}  // namespace gliocast::dicom
