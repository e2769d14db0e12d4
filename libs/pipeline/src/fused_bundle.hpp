#pragma once
// What bundles of several members, each a network and what was fitted to its features, have in common.
#include <gliocast/core/error.hpp>
#include <gliocast/core/json.hpp>
#include <gliocast/core/sequence.hpp>
#include <gliocast/models/bundle.hpp>

#include <cstddef>
#include <filesystem>
#include <string>

namespace gliocast::pipeline {

/// A bundle whose parts do not fit together.
[[nodiscard]] Error unfit_bundle(const std::string& what, const std::filesystem::path& where);

/// Name of the folder of a member's network.
[[nodiscard]] std::string network_folder(std::size_t member);

/// What the payload says of all members.
struct FusedHeader {
  Sequence sequence = Sequence::T1Gd;  ///< of the radiomics
  bool demonstration = false;          ///< fitted to simulated patients
};
/// Throws unfit_bundle() where the sequence is not known or there are no members, or too many, and Json::exception
/// where an entry is not there.
[[nodiscard]] FusedHeader read_fused_header(const models::Bundle& bundle);

/// SHA-256 of a member's model.json, which binds it to the bundle.
[[nodiscard]] std::string member_checksum(const std::filesystem::path& folder, const std::string& member);

/// Writes model.json of the whole, when its members lie in `folder`.
void write_fused_bundle(const std::filesystem::path& folder, models::Bundle bundle, models::Kind kind,
                        const FusedHeader& header, Json members);

}  // namespace gliocast::pipeline
