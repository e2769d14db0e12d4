#include <gliocast/findings/lobe.hpp>

namespace gliocast::findings {

Lobe lobe_of_aal(std::uint32_t label) noexcept {
  if (label == 0) return Lobe::None;
  if (label >= 91) return Lobe::Cerebellum;
  const std::uint32_t pair = (label - 1) / 2;  // 0 precentral, 1 frontal sup, …
  if (pair <= 13) return Lobe::Frontal;        // precentral … gyrus rectus
  if (pair == 14) return Lobe::Insular;
  if (pair <= 17) return Lobe::Frontal;                                  // cingulum
  if (pair <= 20) return pair == 20 ? Lobe::Deep : Lobe::Temporal;       // hippocampus, parahippocampal; amygdala
  if (pair <= 27) return pair == 27 ? Lobe::Temporal : Lobe::Occipital;  // calcarine … occipital inf; fusiform
  if (pair <= 34) return Lobe::Parietal;                                 // postcentral … paracentral
  if (pair <= 38) return Lobe::Deep;                                     // caudate, putamen, pallidum, thalamus
  return Lobe::Temporal;
}

const char* lobe_name(Lobe lobe) noexcept {
  switch (lobe) {
    case Lobe::Frontal:
      return "frontal";
    case Lobe::Temporal:
      return "temporal";
    case Lobe::Parietal:
      return "parietal";
    case Lobe::Occipital:
      return "occipital";
    case Lobe::Insular:
      return "insular";
    case Lobe::Deep:
      return "deep";
    case Lobe::Cerebellum:
      return "cerebellum";
    case Lobe::None:
      break;
  }
  return "unknown";
}

}  // namespace gliocast::findings
