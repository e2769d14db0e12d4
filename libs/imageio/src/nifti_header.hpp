#pragma once
#include <cstddef>
#include <cstdint>

namespace gliocast::imageio {

/// Byte offsets of the fields we use, NIfTI-1 (348 bytes).
struct Nifti1Layout {
  static constexpr std::size_t kHeaderSize = 348;
  static constexpr std::size_t kDim = 40, kDatatype = 70, kBitpix = 72, kPixdim = 76, kVoxOffset = 108, kSclSlope = 112,
                               kSclInter = 116, kXyztUnits = 123, kDescrip = 148, kQformCode = 252, kSformCode = 254,
                               kQuaternB = 256, kQoffsetX = 268, kSrowX = 280, kMagic = 344;
};
/// The same of NIfTI-2 (540 bytes).
struct Nifti2Layout {
  static constexpr std::size_t kHeaderSize = 540;
  static constexpr std::size_t kMagic = 4, kDatatype = 12, kDim = 16, kPixdim = 104, kVoxOffset = 168, kSclSlope = 176,
                               kSclInter = 184, kQformCode = 344, kSformCode = 348, kQuaternB = 352, kQoffsetX = 376,
                               kSrowX = 400, kXyztUnits = 500;
};

}  // namespace gliocast::imageio
