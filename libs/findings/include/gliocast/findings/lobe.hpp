#pragma once
#include <cstdint>

namespace gliocast::findings {

/// Lobes of the brain, and what lies deep (amygdala, basal ganglia, thalamus) or in the cerebellum.
enum class Lobe : std::uint8_t { None, Frontal, Temporal, Parietal, Occipital, Insular, Deep, Cerebellum };
/// "frontal", "temporal", …; "unknown" for None.
[[nodiscard]] const char* lobe_name(Lobe lobe) noexcept;
/// Lobe of an AAL label (1 … 116, left and right alternate; Tzourio-Mazoyer 2002); None for 0.
[[nodiscard]] Lobe lobe_of_aal(std::uint32_t label) noexcept;

}  // namespace gliocast::findings
