#pragma once
#include <gliocast/learn/column_origins.hpp>
#include <gliocast/signature/signature_model.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace gliocast::signature {

/// A signature that was trained to be used: a bundle of kind signature. Holds no row of a patient
/// but its short mark.
struct TrainedSignature {
  std::string name;
  Json card = Json::object();  ///< sentences for people
  std::string time, event;     ///< columns of the training
  std::shared_ptr<const SignatureModel> model;
  learn::ColumnOrigins origins{};      ///< what made its columns
  std::vector<std::uint16_t> marks{};  ///< learn::row_marks() of its needed_columns(), sorted; may be empty
  bool demonstration = false;          ///< fitted to simulated patients: its numbers say nothing of a real one
  std::string checksum;                ///< of the bundle it was read from
};

/// Writes folder/model.json, whole or not at all.
void write_signature(const std::filesystem::path& folder, const TrainedSignature& trained);
/// Throws Error{MissingModel} where it is no bundle of this kind, or damaged.
[[nodiscard]] TrainedSignature read_signature(const std::filesystem::path& folder);

}  // namespace gliocast::signature
