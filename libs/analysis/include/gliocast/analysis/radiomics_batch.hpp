#pragma once
#include <gliocast/analysis/radiomics_case.hpp>
#include <gliocast/analysis/radiomics_table.hpp>
#include <gliocast/core/batch.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gliocast::analysis {

/// A row of a table of cases.
struct BatchCase {
  std::size_t line = 0;
  std::string id;       ///< its cell of a column ID, else "line 7"
  std::string problem;  ///< why the row cannot be computed; empty where it may
  std::filesystem::path image, mask;
  std::optional<std::uint32_t> label, label_channel;
  std::vector<std::pair<std::string, std::string>> inputs;  ///< column and cell
};
struct BatchTable {
  std::vector<BatchCase> cases;
  std::vector<std::string> warnings;  ///< the reader's remarks, and columns that look like more than they are
};
/// Cases of a CSV or TSV with columns Image and Mask, as PyRadiomics' batch takes it; relative paths start at the
/// table. Label and Label_channel of a row come before the settings'; other columns are carried over. A row that cannot
/// be computed has its `problem`.
[[nodiscard]] BatchTable read_batch(const std::filesystem::path& path);

struct RadiomicsBatchOptions {
  radiomics::Parameters parameters;
  std::filesystem::path out;  ///< the table; finished cases lie in "<out>.cases" until all are done
  RowFormat format = RowFormat::Csv;
  BatchOptions batch;
  std::size_t threads = 1;  ///< of one case
  bool resume = false;      ///< cases done before with the same files and settings are not computed again
};
struct RadiomicsBatchResult {
  std::vector<Failure> failures;  ///< also in `failures_file`, which is gone where there is none
  std::filesystem::path failures_file;
  std::vector<std::string> warnings;  ///< each once
};
/// Features of all cases into one table, in the order of the rows; failed ones into "<out>.failures.tsv". A shard
/// leaves its cases in "<out>.cases" and writes no table: a run of the whole with `resume` collects them.
[[nodiscard]] RadiomicsBatchResult extract_batch(const BatchTable& table, const RadiomicsBatchOptions& options);

}  // namespace gliocast::analysis
