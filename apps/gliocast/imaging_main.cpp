// The executable of the verbs that need ITK and libtorch. Users call `gliocast`, which runs it.
#include "cli.hpp"
#include "commands/bids.hpp"
#include "commands/commands.hpp"

int main(int argc, char** argv) {
  CLI::App app;
  gliocast::cli::describe_program(app);
  app.name("gliocast");
  int result = 0;
  gliocast::cli::add_predict(app, result);
  gliocast::cli::add_bids(app, result);
  gliocast::cli::add_preprocess(app, result);
  gliocast::cli::add_series(app, result);
  gliocast::cli::add_signature_of_images(app, result);
  gliocast::cli::add_simulate(app, result);
  gliocast::cli::add_study(app, result);
  gliocast::cli::add_train(app, result);
  return gliocast::cli::run(app, argc, argv, result);
}
