#pragma once
#include <stdexcept>
#include <string>

namespace gliocast {

/// Process exit codes. They are the same for every verb and are listed in `gliocast --help`.
enum class ExitCode : int {
  Done = 0,
  SomeCasesFailed = 1,  ///< a cohort ran, but at least one patient failed
  WrongUse = 2,         ///< arguments that make no sense
  UnusableInput = 3,    ///< a file or value that nothing can be computed from
  MissingModel = 4,     ///< a model or atlas is absent or unfit for this input
  InternalFault = 5,    ///< a defect of gliocast
  CannotWrite = 6,      ///< the output cannot be written
  Interrupted = 130,    ///< stopped by the user
};

/// The one exception of the library: what went wrong, where, and what to do about it. Printed by the program's `main`.
/// Problem and hint may go into outputs; paths and text out of files belong into `where`, which the console alone
/// shows.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, std::string what, std::string where = {}, std::string hint = {});

  [[nodiscard]] ExitCode code() const noexcept { return code_; }
  [[nodiscard]] const std::string& problem() const noexcept {
    return what_;
  }  ///< what went wrong, without place and hint
  [[nodiscard]] const std::string& where() const noexcept { return where_; }  ///< file, case or setting
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }    ///< what to do; may be empty

  /// The same error with `outer` put before the place, e.g. the patient's name.
  [[nodiscard]] Error within(const std::string& outer) const;

 private:
  ExitCode code_;
  std::string what_, where_, hint_;
};

/// Shorthand for the commonest case.
[[nodiscard]] inline Error unusable_input(std::string what, std::string where = {}, std::string hint = {}) {
  return Error(ExitCode::UnusableInput, std::move(what), std::move(where), std::move(hint));
}

}  // namespace gliocast
