#include <gliocast/image/metaimage.hpp>

#include "itk_bridge.hpp"

#include <gliocast/core/error.hpp>

#include <itkImageFileReader.h>
#include <itkMetaImageIO.h>

#include <cmath>

namespace gliocast::image {

Volume<float> read_metaimage(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) throw unusable_input("no such file", path.string());
  auto io = itk::MetaImageIO::New();
  try {
    io->SetFileName(path.string());
    io->ReadImageInformation();
    if (io->GetNumberOfDimensions() != 3 || io->GetNumberOfComponents() != 1)
      throw unusable_input(
          "the image is " + std::to_string(io->GetNumberOfDimensions()) + "-D with " + std::to_string(io->GetNumberOfComponents()) + " components; a volume of single numbers is needed",
          path.string());
    double voxels = 1;
    for (unsigned a = 0; a < 3; ++a) {
      voxels *= static_cast<double>(io->GetDimensions(a));
      if (io->GetDimensions(a) < 2) throw unusable_input("the image is 2-D; a volume is needed", path.string());
      if (!(io->GetSpacing(a) > 0) || !std::isfinite(io->GetSpacing(a))) throw unusable_input("the voxel spacing in the header is not a positive number", path.string());
    }
    if (voxels > 1e9) throw unusable_input("the header claims more voxels than any MR image has", path.string(), "the header is damaged");
    auto reader = itk::ImageFileReader<itk::Image<float, 3>>::New();
    reader->SetImageIO(io);
    reader->SetFileName(path.string());
    reader->Update();
    return copy(*reader->GetOutput());
  } catch (const itk::ExceptionObject& e) {
    throw unusable_input(std::string("cannot be read as MetaImage: ") + e.GetDescription(), path.string());
  }
}

}  // namespace gliocast::image
