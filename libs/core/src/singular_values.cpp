#include <gliocast/core/singular_values.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <type_traits>
#include <utility>

namespace gliocast {
namespace {

template <typename T>
using Column = std::array<T, 3>;
constexpr std::size_t kSize = 3;

// The vectors start at element `first`, as DSVDC works on lower right blocks.

template <typename T>
T dot(const Column<T>& a, const Column<T>& b, std::size_t first) {
  T sum = 0;
  for (std::size_t i = first; i < kSize; ++i) sum += a[i] * b[i];
  return sum;
}

template <typename T>
void add(T factor, const Column<T>& a, Column<T>& to, std::size_t first) {
  if (factor == 0) return;
  for (std::size_t i = first; i < kSize; ++i) to[i] += factor * a[i];
}

template <typename T>
void scale(std::type_identity_t<T> factor, Column<T>& a, std::size_t first) {
  for (std::size_t i = first; i < kSize; ++i) a[i] = factor * a[i];
}

/// The root in double precision, as C's sqrt().
template <typename T>
T times_root(T factor, T square) {
  return static_cast<T>(static_cast<double>(factor) * std::sqrt(static_cast<double>(square)));
}

/// Euclidean norm without overflow (DNRM2 of 1993).
template <typename T>
T norm(const Column<T>& a, std::size_t first) {
  if (first + 1 == kSize) return std::abs(a[first]);
  T most = 0, sum = 1;
  for (std::size_t i = first; i < kSize; ++i) {
    if (a[i] == 0) continue;
    const T v = std::abs(a[i]);
    if (most < v) {
      const T r = most / v;
      sum = sum * (r * r) + 1;
      most = v;
    } else {
      const T r = v / most;
      sum += r * r;
    }
  }
  return times_root(most, sum);
}

template <typename T>
struct Rotation {
  T cosine, sine;
};

/// Rotation that turns (a, b) to (r, 0); a becomes r (DROTG).
template <typename T>
Rotation<T> rotation_of(T& a, T b) {
  const T larger = std::abs(a) > std::abs(b) ? a : b, sum = std::abs(a) + std::abs(b);
  if (sum == 0) {
    a = 0;
    return {1, 0};
  }
  const T u = a / sum, v = b / sum;
  T r = times_root(sum, u * u + v * v);
  if (larger < 0) r = -r;
  const Rotation<T> out{a / r, b / r};
  a = r;
  return out;
}

template <typename T>
void rotate(Column<T>& a, Column<T>& b, const Rotation<T>& r) {
  for (std::size_t i = 0; i < kSize; ++i) {
    const T t = r.cosine * a[i] + r.sine * b[i];
    b[i] = r.cosine * b[i] - r.sine * a[i];
    a[i] = t;
  }
}

template <typename T>
class Decomposition : public SingularValues<T> {
 public:
  explicit Decomposition(const std::array<T, 9>& m) {
    for (std::size_t c = 0; c < kSize; ++c)
      for (std::size_t r = 0; r < kSize; ++r) x_[c][r] = m[3 * r + c];
    bidiagonalise();
    form_left();
    form_right();
    iterate();
  }

 private:
  using SingularValues<T>::left, SingularValues<T>::right, SingularValues<T>::values;

  void bidiagonalise();
  void row_transformation();
  void form_left();
  void form_right();
  void iterate();
  std::size_t split(std::size_t last);
  std::optional<std::size_t> negligible_value(std::size_t first, std::size_t last);
  void deflate_last(std::size_t first, std::size_t last);
  void deflate_before(std::size_t at, std::size_t last);
  void qr_step(std::size_t first, std::size_t last);
  void settle(std::size_t at);

  std::array<Column<T>, 3> x_{};
  Column<T> above_{};  ///< the superdiagonal
};

/// Householder transformations of columns 0 and 1 and of row 0.
template <typename T>
void Decomposition<T>::bidiagonalise() {
  for (std::size_t l = 0; l + 1 < kSize; ++l) {
    Column<T>& column = x_[l];
    values[l] = norm(column, l);
    if (values[l] != 0) {
      if (column[l] < 0) values[l] = -values[l];
      scale(1 / values[l], column, l);
      column[l] += 1;
    }
    values[l] = -values[l];
    for (std::size_t j = l + 1; j < kSize; ++j) {
      if (values[l] != 0) add(-dot(column, x_[j], l) / column[l], column, x_[j], l);
      above_[j] = x_[j][l];
    }
    for (std::size_t i = l; i < kSize; ++i) left[l][i] = column[i];
    if (l == 0) row_transformation();
  }
  values[2] = x_[2][2];
  above_[1] = x_[2][1];
  above_[2] = 0;
}

template <typename T>
void Decomposition<T>::row_transformation() {
  Column<T>& e = above_;
  e[0] = norm(e, 1);
  if (e[0] != 0) {
    if (e[1] < 0) e[0] = -e[0];
    scale(1 / e[0], e, 1);
    e[1] += 1;
  }
  e[0] = -e[0];
  if (e[0] != 0) {
    Column<T> work{};
    for (std::size_t j = 1; j < kSize; ++j) add(e[j], x_[j], work, 1);
    for (std::size_t j = 1; j < kSize; ++j) add(-e[j] / e[1], work, x_[j], 1);
  }
  for (std::size_t i = 1; i < kSize; ++i) right[0][i] = e[i];
}

template <typename T>
void Decomposition<T>::form_left() {
  left[2] = {0, 0, 1};
  for (std::size_t l = 2; l-- > 0;) {
    Column<T>& u = left[l];
    if (values[l] == 0) {
      u = {};
      u[l] = 1;
      continue;
    }
    for (std::size_t j = l + 1; j < kSize; ++j) add(-dot(u, left[j], l) / u[l], u, left[j], l);
    scale(-1, u, l);
    u[l] += 1;
    for (std::size_t i = 0; i < l; ++i) u[i] = 0;
  }
}

template <typename T>
void Decomposition<T>::form_right() {
  right[1] = {0, 1, 0};
  right[2] = {0, 0, 1};
  if (above_[0] != 0)
    for (std::size_t j = 1; j < kSize; ++j) add(-dot(right[0], right[j], 1) / right[0][1], right[0], right[j], 1);
  right[0] = {1, 0, 0};
}

/// Where the block that ends at `last` begins: behind the last negligible element above the diagonal, which becomes 0.
template <typename T>
std::size_t Decomposition<T>::split(std::size_t last) {
  for (std::size_t l = last; l-- > 0;) {
    const T test = std::abs(values[l]) + std::abs(values[l + 1]);
    if (test + std::abs(above_[l]) != test) continue;
    above_[l] = 0;
    return l + 1;
  }
  return 0;
}

/// The last value of a block that is 0 beside its neighbours above the diagonal, and becomes 0.
template <typename T>
std::optional<std::size_t> Decomposition<T>::negligible_value(std::size_t first, std::size_t last) {
  for (std::size_t k = last + 1; k-- > first;) {
    T test = 0;
    if (k != last) test += std::abs(above_[k]);
    if (k != first) test += std::abs(above_[k - 1]);
    if (test + std::abs(values[k]) != test) continue;
    values[k] = 0;
    return k;
  }
  return std::nullopt;
}

template <typename T>
void Decomposition<T>::iterate() {
  constexpr int kMostSteps = 1000;
  std::size_t last = kSize - 1;
  for (int steps = 0; steps < kMostSteps; ++steps) {  // of every kind: denormal values can be set to 0 for ever
    const std::size_t first = split(last);
    if (first == last) {
      settle(last);
      if (last-- == 0) return;
      steps = -1;
      continue;
    }
    const auto zero = negligible_value(first, last);
    if (!zero) {
      qr_step(first, last);
    } else if (*zero == last) {
      deflate_last(first, last);
    } else {
      deflate_before(*zero + 1, last);
    }
  }
}

template <typename T>
void Decomposition<T>::deflate_last(std::size_t first, std::size_t last) {
  T f = above_[last - 1];
  above_[last - 1] = 0;
  for (std::size_t k = last; k-- > first;) {
    const Rotation<T> r = rotation_of(values[k], f);
    if (k != first) {
      f = -r.sine * above_[k - 1];
      above_[k - 1] = r.cosine * above_[k - 1];
    }
    rotate(right[k], right[last], r);
  }
}

template <typename T>
void Decomposition<T>::deflate_before(std::size_t at, std::size_t last) {
  T f = above_[at - 1];
  above_[at - 1] = 0;
  for (std::size_t k = at; k <= last; ++k) {
    const Rotation<T> r = rotation_of(values[k], f);
    f = -r.sine * above_[k];
    above_[k] = r.cosine * above_[k];
    rotate(left[k], left[at - 1], r);
  }
}

template <typename T>
void Decomposition<T>::qr_step(std::size_t first, std::size_t last) {
  Column<T>&s = values, &e = above_;
  const T most = std::max(
      {std::abs(s[last]), std::abs(s[last - 1]), std::abs(e[last - 1]), std::abs(s[first]), std::abs(e[first])});
  const T sm = s[last] / most, before = s[last - 1] / most, link = e[last - 1] / most;
  const T sl = s[first] / most, el = e[first] / most;
  const T b = ((before + sm) * (before - sm) + link * link) / 2, root = sm * link, c = root * root;
  T shift = 0;
  if (b != 0 || c != 0) {
    shift = std::sqrt(b * b + c);
    if (b < 0) shift = -shift;
    shift = c / (b + shift);
  }
  T f = (sl + sm) * (sl - sm) + shift, g = sl * el;
  for (std::size_t k = first; k < last; ++k) {
    Rotation<T> r = rotation_of(f, g);
    if (k != first) e[k - 1] = f;
    f = r.cosine * s[k] + r.sine * e[k];
    e[k] = r.cosine * e[k] - r.sine * s[k];
    g = r.sine * s[k + 1];
    s[k + 1] = r.cosine * s[k + 1];
    rotate(right[k], right[k + 1], r);
    r = rotation_of(f, g);
    s[k] = f;
    f = r.cosine * e[k] + r.sine * s[k + 1];
    s[k + 1] = -r.sine * e[k] + r.cosine * s[k + 1];
    g = r.sine * e[k + 1];
    e[k + 1] = r.cosine * e[k + 1];
    rotate(left[k], left[k + 1], r);
  }
  e[last - 1] = f;
}

/// A value that is found: made positive, and put behind the larger ones.
template <typename T>
void Decomposition<T>::settle(std::size_t at) {
  if (values[at] < 0) {
    values[at] = -values[at];
    scale(-1, right[at], 0);
  }
  for (; at + 1 < kSize && values[at] < values[at + 1]; ++at) {
    std::swap(values[at], values[at + 1]);
    std::swap(right[at], right[at + 1]);
    std::swap(left[at], left[at + 1]);
  }
}

}  // namespace

template <typename T>
SingularValues<T> singular_values(const std::array<T, 9>& m) {
  return Decomposition<T>(m);
}

template <typename T>
std::array<T, 9> inverse_by_singular_values(const std::array<T, 9>& m) {
  const SingularValues<T> d = singular_values(m);
  std::array<T, 9> out{};
  for (std::size_t r = 0; r < kSize; ++r)
    for (std::size_t c = 0; c < kSize; ++c)
      for (std::size_t k = 0; k < kSize; ++k)
        if (d.values[k] > 0) out[3 * r + c] += d.right[k][r] * (1 / d.values[k]) * d.left[k][c];
  return out;
}

template SingularValues<float> singular_values(const std::array<float, 9>&);
template SingularValues<double> singular_values(const std::array<double, 9>&);
template std::array<float, 9> inverse_by_singular_values(const std::array<float, 9>&);
template std::array<double, 9> inverse_by_singular_values(const std::array<double, 9>&);

}  // namespace gliocast
