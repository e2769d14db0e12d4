#include <gliocast/signature/signature_bundle.hpp>

#include <gliocast/core/error.hpp>
#include <gliocast/learn/training_traces.hpp>
#include <gliocast/models/bundle.hpp>

#include <utility>

namespace gliocast::signature {
namespace {

Error damaged(const std::string& why, const std::filesystem::path& folder) {
  return Error(ExitCode::MissingModel, "the signature is damaged" + why, folder.string(), "train it anew");
}

}  // namespace

void write_signature(const std::filesystem::path& folder, const TrainedSignature& t) {
  models::Bundle bundle;
  bundle.kind = models::Kind::Signature;
  bundle.name = t.name;
  bundle.card = t.card;
  bundle.payload = {
      {"time", t.time}, {"event", t.event}, {"demonstration", t.demonstration}, {"model", t.model->to_json()}};
  learn::add_traces(t.marks, t.origins, bundle.payload);
  std::filesystem::create_directories(folder);
  models::write_bundle(folder, std::move(bundle));
}

TrainedSignature read_signature(const std::filesystem::path& folder) {
  const auto bundle = models::read_bundle(folder, models::Kind::Signature);
  try {
    const Json& p = bundle.payload;
    TrainedSignature t;
    t.name = bundle.name;
    t.card = bundle.card;
    t.checksum = bundle.checksum;
    t.time = p.at("time").get<std::string>();
    t.event = p.at("event").get<std::string>();
    t.demonstration = p.at("demonstration").get<bool>();
    t.model = SignatureModel::from_json(p.at("model"));
    learn::read_traces(p, t.marks, t.origins);
    return t;
  } catch (const Json::exception&) {
    throw damaged("", folder);
  } catch (const Error& e) {
    throw damaged(": " + e.problem(), folder);
  }
}

}  // namespace gliocast::signature
