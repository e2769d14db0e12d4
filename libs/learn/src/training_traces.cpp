#include <gliocast/learn/training_traces.hpp>

namespace gliocast::learn {

void add_traces(const std::vector<std::uint16_t>& marks, const ColumnOrigins& origins, Json& payload) {
  if (!marks.empty()) payload["row_marks"] = marks;
  if (!origins.empty()) payload["origins"] = origins_json(origins);
}

void read_traces(const Json& payload, std::vector<std::uint16_t>& marks, ColumnOrigins& origins) {
  if (payload.contains("row_marks")) marks = payload["row_marks"].get<std::vector<std::uint16_t>>();
  if (payload.contains("origins")) origins = read_origins(payload["origins"]);
}

}  // namespace gliocast::learn
