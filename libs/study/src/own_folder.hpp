#pragma once
#include <filesystem>
#include <initializer_list>
#include <string>

namespace gliocast::study {

/// What is not ours is not written over: throws Error{WrongUse} where a folder is there, is not empty, and has none of
/// the `marks` by which a lock or an earlier run of this kind (`what`: "a study") is known.
void require_own_folder(const std::filesystem::path& folder, const std::string& what,
                        std::initializer_list<const char*> marks);

}  // namespace gliocast::study
