#pragma once
#include <array>
#include <cstddef>
#include <vector>

namespace gliocast::learn {

// Sums over columns, eight numbers at a time. Columns are padded with zeros to whole lanes and begin at a cache line.
// The order of every sum is fixed, and products and sums stay apart (-ffp-contract=off): each processor gives the same
// bits.

constexpr std::size_t kLane = 8;  // doubles of the widest vector register

/// n rounded up to whole lanes.
[[nodiscard]] constexpr std::size_t padded(std::size_t n) noexcept { return (n + kLane - 1) / kLane * kLane; }

/// Doubles that begin at a cache line; zeros at first.
class LaneBuffer {
 public:
  LaneBuffer() = default;
  explicit LaneBuffer(std::size_t n) : lanes_(padded(n) / kLane), size_(n) {}
  [[nodiscard]] double* data() noexcept { return lanes_.empty() ? nullptr : lanes_.front().values.data(); }
  [[nodiscard]] const double* data() const noexcept { return lanes_.empty() ? nullptr : lanes_.front().values.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] double& operator[](std::size_t i) noexcept { return data()[i]; }
  [[nodiscard]] double operator[](std::size_t i) const noexcept { return data()[i]; }
  /// Keeps what it holds where it is large enough; zeros otherwise.
  void ensure(std::size_t n) {
    if (n > size_) *this = LaneBuffer(n);
  }

 private:
  struct alignas(64) Lane {
    std::array<double, kLane> values{};
  };
  std::vector<Lane> lanes_;
  std::size_t size_ = 0;
};

/// Σ a · b. `n`, here and below: whole lanes.
[[nodiscard]] double dot(const double* a, const double* b, std::size_t n);
/// out[c] = Σ column_c · r.
void dots(const double* const* columns, std::size_t count, const double* r, std::size_t n, double* out);
/// out[c] = Σ column_c² · v.
void weighted_squares(const double* const* columns, std::size_t count, const double* v, std::size_t n, double* out);
/// first_out[c] = Σ column_c · first and second_out[c] = Σ column_c · second.
void paired_dots(const double* const* columns, std::size_t count, const double* first, const double* second,
                 std::size_t n, double* first_out, double* second_out);
/// y += factor · x.
void add_scaled(double* y, const double* x, double factor, std::size_t n);
/// out = a · b, one by one.
void multiply(const double* a, const double* b, std::size_t n, double* out);
/// r −= factor · v · (x − centre), one by one.
void subtract_weighted(double* r, const double* v, const double* x, double centre, double factor, std::size_t n);

}  // namespace gliocast::learn
