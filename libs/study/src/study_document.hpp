#pragma once
#include "study_stages.hpp"

#include <gliocast/core/stage_graph.hpp>
#include <gliocast/study/run.hpp>

namespace gliocast::study {

/// The report of what the stages wrote: out/report.html, out/report.md; the tables and figures of a paper once more
/// under its names in out/tables and out/figures; study.json with settings, provenance and the audit.
void write_report(const StudyContext& context, const StageGraph& graph, const StudyOutcome& outcome);

}  // namespace gliocast::study
