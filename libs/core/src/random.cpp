#include <gliocast/core/random.hpp>

#include <bit>
#include <cmath>

namespace gliocast {

std::uint64_t mix64(std::uint64_t x) noexcept {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

Random::Random(std::uint64_t seed) noexcept {
  for (auto& word : s_) {
    word = mix64(seed);
    seed += 0x9E3779B97F4A7C15ULL;
  }
}

namespace {
std::uint64_t stream_seed(std::uint64_t seed, std::string_view stream, std::uint64_t number) noexcept {
  std::uint64_t h = mix64(seed);
  for (const char c : stream) h = mix64(h ^ static_cast<unsigned char>(c));
  return mix64(h ^ mix64(number));
}
}  // namespace

Random::Random(std::uint64_t seed, std::string_view stream, std::uint64_t number) noexcept
    : Random(stream_seed(seed, stream, number)) {}

Random::result_type Random::operator()() noexcept {
  const std::uint64_t result = std::rotl(s_[1] * 5, 7) * 9;
  const std::uint64_t t = s_[1] << 17;
  s_[2] ^= s_[0];
  s_[3] ^= s_[1];
  s_[1] ^= s_[2];
  s_[0] ^= s_[3];
  s_[2] ^= t;
  s_[3] = std::rotl(s_[3], 45);
  return result;
}

double Random::uniform() noexcept { return static_cast<double>((*this)() >> 11) * 0x1.0p-53; }

double Random::uniform(double low, double high) noexcept { return low + (high - low) * uniform(); }

std::uint64_t Random::below(std::uint64_t n) noexcept {
  const std::uint64_t limit = max() - max() % n;  // rejection: no modulo bias
  std::uint64_t x = (*this)();
  while (x >= limit) x = (*this)();
  return x % n;
}

double Random::normal() noexcept {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  double u = 0, v = 0, r = 0;
  do {
    u = uniform(-1, 1);
    v = uniform(-1, 1);
    r = u * u + v * v;
  } while (r >= 1 || r == 0);
  const double f = std::sqrt(-2 * std::log(r) / r);
  spare_ = v * f;
  has_spare_ = true;
  return u * f;
}

double Random::exponential() noexcept { return -std::log1p(-uniform()); }

}  // namespace gliocast
