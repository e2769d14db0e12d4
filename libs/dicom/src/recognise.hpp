#pragma once
#include <gliocast/dicom/series.hpp>
#include <gliocast/dicom/series_names.hpp>

namespace gliocast::dicom {

/// Texts of a header that say what a series is, as UTF-8; read to recognise the sequence, never passed on.
struct HeaderText {
  std::string description = {};        ///< SeriesDescription
  std::string protocol = {};           ///< ProtocolName where it names the series, not the exam; else empty
  std::string sequence_name = {};      ///< the manufacturer's pulse sequence
  std::string image_type = {};         ///< backslash-separated, as the next two
  std::string scanning_sequence = {};  ///< SE, IR, GR, EP
  std::string sequence_variant = {};   ///< SK, MTC, SS, TRSS, SP, MP, OSP
  std::string contrast_agent = {};     ///< ContrastBolusAgent
  std::string body_part = {};          ///< BodyPartExamined
};

struct Recognised {
  std::optional<Sequence> sequence;
  std::string reason;          ///< plain words; none of the header's text
  int certainty = 0;           ///< as Series::certainty
  int contrast_certainty = 0;  ///< of T1 against T1-Gd: 2 its name says so, 1 the agent's tag, 0 neither says anything
};

/// T1, T1-Gd, T2 or FLAIR, or why it is none of them: by the description's words, the protocol's where it has none, and
/// by the times where they contradict a word or no word helps. Times in seconds are noticed.
[[nodiscard]] Recognised recognise_sequence(const HeaderText& text, const Acquisition& acquisition,
                                            const SeriesNames& names = SeriesNames::built_in());

/// Whether a ContrastBolusAgent says that an agent was given: not where it is empty, 0, or says none in any language.
[[nodiscard]] bool names_contrast_agent(const std::string& tag, const SeriesNames& names = SeriesNames::built_in());

/// Whether an ImageType says phase (Siemens and Philips: a value P, or one that begins with P_ or holds PHASE).
[[nodiscard]] bool is_phase(const std::string& image_type);
[[nodiscard]] std::string lower_case(std::string text);

/// The values of a DICOM text with several of them.
[[nodiscard]] std::vector<std::string> split_values(const std::string& text);

}  // namespace gliocast::dicom
