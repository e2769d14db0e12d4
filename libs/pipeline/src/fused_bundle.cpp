#include "fused_bundle.hpp"

#include <gliocast/core/checksum.hpp>

#include <utility>

namespace gliocast::pipeline {
namespace {

constexpr std::size_t kMostMembers = 100;

}  // namespace

Error unfit_bundle(const std::string& what, const std::filesystem::path& where) {
  return Error(ExitCode::MissingModel, what, where.string(), "copy the whole bundle again, or train it anew");
}

std::string network_folder(std::size_t member) { return "network_" + std::to_string(member); }

FusedHeader read_fused_header(const models::Bundle& bundle) {
  const auto sequence = sequence_of_key(bundle.payload.at("sequence").get<std::string>());
  if (!sequence) throw unfit_bundle("the model's sequence is not known here", bundle.folder);
  const Json& members = bundle.payload.at("members");
  if (!members.is_array() || members.empty() || members.size() > kMostMembers)
    throw unfit_bundle("the model has no members, or too many", bundle.folder);
  return {*sequence, bundle.payload.at("demonstration").get<bool>()};
}

std::string member_checksum(const std::filesystem::path& folder, const std::string& member) {
  return sha256_file(folder / member / "model.json");
}

void write_fused_bundle(const std::filesystem::path& folder, models::Bundle bundle, models::Kind kind,
                        const FusedHeader& header, Json members) {
  bundle.kind = kind;
  bundle.files.clear();
  bundle.payload["sequence"] = key_name(header.sequence);
  bundle.payload["demonstration"] = header.demonstration;
  bundle.payload["members"] = std::move(members);
  models::write_bundle(folder, std::move(bundle));
}

}  // namespace gliocast::pipeline
