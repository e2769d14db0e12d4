#include "training_record.hpp"

#include <gliocast/core/log.hpp>
#include <gliocast/core/numbers.hpp>

#include <cmath>

namespace gliocast::pipeline {

nn::EpochCallback tell_epochs(const std::string& part, const std::string& score_name) {
  return [part, score_name](const nn::EpochRecord& r) {
    log_info(part + "epoch " + std::to_string(r.epoch) + ": training loss " +
             shortest(std::round(r.training_loss * 1e4) / 1e4) + ", validation loss " +
             shortest(std::round(r.validation_loss * 1e4) / 1e4) + ", " + score_name + " " +
             shortest(std::round(r.validation_score * 1e3) / 1e3));
  };
}

Json training_record(const nn::TrainingOptions& o, const std::string& data, std::size_t patients, std::size_t epochs) {
  return {{"data", data},
          {"patients", patients},
          {"epochs", epochs},
          {"seed", o.seed},
          {"learning_rate", o.learning_rate},
          {"batch", o.batch}};
}

void add_training(RunKey& key, const nn::TrainingOptions& t) {
  key.add("seed", t.seed).add("epochs", t.epochs);
  key.add("steps", t.steps_per_epoch).add("batch", t.batch).add("rate", t.learning_rate);
  key.add("decay", t.weight_decay).add("cosine", t.cosine_floor).add("ema", t.ema);
  key.add("patience", t.patience).add("last", t.keep_last);
  key.add("augmentation", t.augmentation.enabled);
}

}  // namespace gliocast::pipeline
