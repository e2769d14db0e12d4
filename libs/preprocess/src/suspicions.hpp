#pragma once
#include <gliocast/preprocess/preprocess.hpp>

namespace gliocast::preprocess {

/// Adds warnings, in plain words, where the images themselves speak against what they were given as: T1 and T1-Gd or T2
/// and FLAIR exchanged, left and right exchanged between sequences, a head that lies other than the header says, a
/// brain cut by the edge of the image. Throws Error{UnusableInput} where what was found cannot be a human brain.
void add_suspicions(PreparedExam& exam);

}  // namespace gliocast::preprocess
