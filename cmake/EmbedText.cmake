# cmake -DIN=… -DOUT=… -DNAMESPACE=… -DFUNCTION=… -P EmbedText.cmake: a source file with a function that gives IN's
# text.
file(READ "${IN}" text)
string(LENGTH "${text}" length)
set(pieces "")
set(from 0)
while(from LESS length)  # in pieces: compilers need not take longer literals
  string(SUBSTRING "${text}" ${from} 4000 piece)
  string(APPEND pieces "R\"table(${piece})table\"\n")
  math(EXPR from "${from} + 4000")
endwhile()
file(WRITE "${OUT}" "#include <string_view>\n\nnamespace ${NAMESPACE} {\nstd::string_view ${FUNCTION}();\n"
     "std::string_view ${FUNCTION}() {\n  return {\n${pieces}};\n}\n}  // namespace ${NAMESPACE}\n")
