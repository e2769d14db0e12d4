#include <gliocast/nn/training_case.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/json_count.hpp>
#include <gliocast/nn/safetensors.hpp>

#include <algorithm>
#include <cmath>

namespace gliocast::nn {
namespace {

constexpr float kStep = 0.05F;  // z-score per unit of the stored 8 bits
constexpr const char* kFormat = "gliocast-training-case-1";

std::int8_t stored(float value) {
  return static_cast<std::int8_t>(std::lround(std::clamp(value, -kClip, kClip) / kStep));
}

}  // namespace

void round_as_stored(NetworkInput& input) {
  for (float& v : input.values) v = static_cast<float>(stored(v)) * kStep;
}

void write_training_case(const std::filesystem::path& path, const TrainingCase& c) {
  const auto n = static_cast<std::size_t>(c.input.voxels());
  const auto channels = static_cast<std::size_t>(c.input.channels);
  std::vector<std::uint8_t> bits((n + 7) / 8, 0), labels;
  std::vector<std::vector<std::int8_t>> values(channels);
  for (std::size_t i = 0; i < n; ++i) {
    bool inside = c.label[i] > 0;
    for (std::size_t k = 0; k < channels; ++k) inside = inside || c.input.values[k * n + i] != 0;
    if (!inside) continue;
    bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | (1U << (i % 8)));
    labels.push_back(c.label[i]);
    for (std::size_t k = 0; k < channels; ++k) values[k].push_back(stored(c.input.values[k * n + i]));
  }
  std::vector<std::int8_t> flat;
  for (const auto& v : values) flat.insert(flat.end(), v.begin(), v.end());
  const auto inside = static_cast<std::int64_t>(labels.size());
  TensorFile file;
  file.tensors["inside"] =
      TensorData::from_bytes<std::uint8_t>(DType::U8, {static_cast<std::int64_t>(bits.size())}, bits);
  file.tensors["label"] = TensorData::from_bytes<std::uint8_t>(DType::U8, {inside}, labels);
  file.tensors["image"] = TensorData::from_bytes<std::int8_t>(DType::I8, {c.input.channels, inside}, flat);
  Json present = Json::array();
  for (const bool p : c.present) present.push_back(p);
  file.metadata = {{"format", kFormat},
                   {"id", c.id},
                   {"size_zyx", Json(c.input.size_zyx).dump()},
                   {"spacing_mm", Json(c.input.spacing_mm).dump()},
                   {"present", present.dump()},
                   {"grade", std::to_string(c.grade)},
                   {"group", c.group}};
  write_safetensors(path, file);
}

TrainingCase read_training_case(const std::filesystem::path& path) {
  const TensorFile file = read_safetensors(path);
  const auto damaged = [&](const std::string& what) {
    return unusable_input("not a training case: " + what, path.string(), "delete it; it is made again");
  };
  const auto meta = [&](const std::string& key) {
    const auto found = file.metadata.find(key);
    if (found == file.metadata.end()) throw damaged("no '" + key + "'");
    return found->second;
  };
  if (meta("format") != kFormat) throw damaged("another version");
  TrainingCase c;
  c.id = meta("id");
  c.group = meta("group");
  try {
    const auto size = counts_of(Json::parse(meta("size_zyx")));
    if (size.size() != 3) throw damaged("'size_zyx' has not three numbers");
    for (std::size_t a = 0; a < 3; ++a) c.input.size_zyx[a] = static_cast<std::int64_t>(size[a]);
    c.input.spacing_mm = Json::parse(meta("spacing_mm")).get<double>();
    c.present = Json::parse(meta("present")).get<std::vector<bool>>();
    const Json grade = Json::parse(meta("grade"));
    if (grade != -1 && grade != 0 && grade != 1) throw damaged("'grade' is none");
    c.grade = grade.get<int>();
  } catch (const Json::exception& e) {
    throw damaged(e.what());
  }
  for (const auto n : c.input.size_zyx)
    if (n < 1 || n > 4096) throw damaged("absurd size");
  const auto& inside = file.at("inside");
  const auto& label = file.at("label");
  const auto& image = file.at("image");
  const auto n = static_cast<std::size_t>(c.input.voxels());
  const std::size_t m = label.bytes.size();
  if (inside.dtype != DType::U8 || inside.bytes.size() != (n + 7) / 8 || label.dtype != DType::U8 ||
      image.dtype != DType::I8 || image.shape.size() != 2 ||
      image.shape[0] != static_cast<std::int64_t>(c.present.size()) || image.shape[1] != static_cast<std::int64_t>(m))
    throw damaged("tensors do not fit together");
  c.input.channels = image.shape[0];
  c.input.values.assign(static_cast<std::size_t>(c.input.channels) * n, 0.0F);
  c.label.assign(n, 0);
  std::size_t k = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (!((static_cast<unsigned>(inside.bytes[i / 8]) >> (i % 8)) & 1U)) continue;
    if (k >= m) throw damaged("fewer voxels than its mask says");
    c.label[i] = static_cast<std::uint8_t>(label.bytes[k]);
    for (std::size_t ch = 0; ch < static_cast<std::size_t>(c.input.channels); ++ch)
      c.input.values[ch * n + i] = kStep * static_cast<float>(static_cast<std::int8_t>(image.bytes[ch * m + k]));
    ++k;
  }
  if (k != m) throw damaged("more voxels than its mask says");
  return c;
}

}  // namespace gliocast::nn
