#pragma once
// What program and DICOM worker say to each other over a socket; both are built together, so values go as they lie in
// memory.
#include <gliocast/core/geometry.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace gliocast::dicom::protocol {

inline constexpr const char* kWorkerName = "gliocast-dicom";
inline constexpr double kMostVoxels = 1 << 29;
inline constexpr std::uint32_t kLongestText = 1 << 20;
inline constexpr std::uint32_t kMostFrames = 1 << 17;

enum class Wish : std::uint32_t { Header = 1, Volume = 2 };

/// Asked of the worker; `length` bytes of the path follow.
struct Request {
  Wish wish;
  std::uint32_t length;
};

enum class Outcome : std::uint32_t { Done = 0, Undecodable = 1, AbsurdSize = 2, NoGeometry = 3 };

/// After a Volume's Outcome::Done; its voxels follow as floats. After a Header's: for each tag a length (uint32) and
/// its bytes, then the number of frames (uint32) and a FrameHeader for each.
struct Grid {
  std::uint64_t size[3];
  double spacing_mm[3], origin_mm[3], direction[9];
};
static_assert(std::is_trivially_copyable_v<Grid> && std::is_trivially_copyable_v<Request>);

}  // namespace gliocast::dicom::protocol
