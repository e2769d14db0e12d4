#include "table_text.hpp"

#include <gliocast/core/error.hpp>

#include <gliocast/core/text.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

namespace gliocast {
namespace {

using namespace std::string_view_literals;

struct KnownFile {
  std::string_view magic;
  const char* what;
  const char* hint;
};

constexpr const char* kSaveAsCsv = "open it in the program it comes from and save the sheet as CSV (UTF-8)";
constexpr const char* kFromR = "write it as text in R: write.csv(data, \"table.csv\", row.names = FALSE)";
constexpr const char* kUnpack = "unpack it first and give the table inside";
constexpr const char* kExport = "export it as CSV first";

constexpr std::array kKnownFiles{
    KnownFile{"\x1F\x8B"sv, "is packed (gzip)",
              "unpack it first: gunzip -k FILE; an .rds or .RData file is saved as CSV in R"},
    KnownFile{"\xFD"
              "7zXZ"sv,
              "is packed (xz)", "unpack it first: unxz -k FILE"},
    KnownFile{"\x28\xB5\x2F\xFD"sv, "is packed (zstd)", "unpack it first: unzstd FILE"},
    KnownFile{"7z\xBC\xAF\x27\x1C"sv, "is packed (7z)", kUnpack},
    KnownFile{"Rar!\x1A"sv, "is packed (rar)", kUnpack},
    KnownFile{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, "is an old Excel workbook (.xls) or Office file, not text",
              kSaveAsCsv},
    KnownFile{"RDX2\n"sv, "is R data (.RData), not text", kFromR},
    KnownFile{"RDX3\n"sv, "is R data (.RData), not text", kFromR},
    KnownFile{"X\n\0\0"sv, "is R data (.rds), not text", kFromR},
    KnownFile{"$FL2"sv, "is SPSS data (.sav), not text", kExport},
    KnownFile{"$FL3"sv, "is SPSS data (.zsav), not text", kExport},
    KnownFile{"<stata_dta>"sv, "is Stata data (.dta), not text", kExport},
    KnownFile{"\0\0\0\0\0\0\0\0\0\0\0\0\xC2\xEA\x81\x60"sv, "is SAS data (.sas7bdat), not text", kExport},
    KnownFile{"HEADER RECORD*******LIBRARY"sv, "is SAS data (.xpt), not a text table", kExport},
    KnownFile{"ARROW1\0\0"sv, "is a Feather (Arrow) file, not text", kExport},
    KnownFile{"\x89HDF\r\n"sv, "is an HDF5 file, not text", kExport},
    KnownFile{"SQLite format 3"sv, "is an SQLite database, not text", kExport},
    KnownFile{"\x93NUMPY"sv, "is a NumPy array, not text", kExport},
    KnownFile{"\x80\x04\x95"sv, "is a Python pickle, not text", kExport},
    KnownFile{"%PDF"sv, "is a PDF, not a text table", "give the table itself, as CSV"},
    KnownFile{"{\\rtf"sv, "is a word processor's file (RTF), not a text table", kSaveAsCsv},
    KnownFile{"\x89PNG"sv, "is an image (PNG), not a text table", "give the table itself, as CSV"},
};

std::string lower_head(std::string_view bytes) {
  std::string head(bytes.substr(0, 200));
  std::ranges::transform(head, head.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  head.erase(0, std::min(head.size(), head.find_first_not_of(" \t\r\n")));
  return head;
}

/// Names what a ZIP archive holds, by the names of its entries.
Error zip_error(std::string_view bytes, const std::string& name) {
  const auto head = bytes.substr(0, std::size_t{1} << 20);
  const auto tail = bytes.substr(bytes.size() - std::min(bytes.size(), std::size_t{1} << 20));  // the directory
  const auto holds = [&](std::string_view entry) {
    return head.find(entry) != std::string_view::npos || tail.find(entry) != std::string_view::npos;
  };
  if (holds("opendocument.spreadsheet"))
    return unusable_input("is a spreadsheet (OpenDocument, .ods), not text", name, kSaveAsCsv);
  if (holds("xl/workbook") || holds("xl/worksheets"))
    return unusable_input("is a spreadsheet (Excel workbook, .xlsx), not text", name, kSaveAsCsv);
  if (holds("word/document"))
    return unusable_input("is a word processor's file (.docx), not a text table", name, kSaveAsCsv);
  if (holds("Index/Document.iwa"))
    return unusable_input("is a spreadsheet (Apple Numbers), not text", name, kSaveAsCsv);
  return unusable_input("is packed (zip)", name, kUnpack);
}

void refuse_other_files(std::string_view bytes, const std::string& name) {
  if (bytes.starts_with("PK\x03\x04"sv) || bytes.starts_with("PK\x05\x06"sv)) throw zip_error(bytes, name);
  for (const auto& k : kKnownFiles)
    if (bytes.starts_with(k.magic)) throw unusable_input(k.what, name, k.hint);
  if (bytes.starts_with("BZh") && bytes.size() > 10 &&
      bytes.substr(4).starts_with("1AY&SY"))  // the digit between is the block size
    throw unusable_input("is packed (bzip2)", name, "unpack it first: bunzip2 -k FILE");
  if (bytes.size() > 8 && bytes.starts_with("PAR1") && bytes.ends_with("PAR1"))
    throw unusable_input("is a Parquet file, not text", name, kExport);
  const std::string head = lower_head(bytes.starts_with("\xEF\xBB\xBF") ? bytes.substr(3) : bytes);
  if (head.starts_with("<!doctype html") || head.starts_with("<html"))
    throw unusable_input("is a web page (HTML), not a text table", name,
                         "download the table itself, or save it as CSV");
  if (head.starts_with("[{") || head.starts_with("{\"") || head.starts_with("{\n"))
    throw unusable_input("is JSON, not a text table", name, kExport);
  if (head.starts_with("<?xml")) throw unusable_input("is XML, not a text table", name, kSaveAsCsv);
}

/// Whether text without a byte order mark is UTF-16: ASCII's zero bytes stand at every other place. 1 little endian, 2
/// big.
int guess_utf16(std::string_view bytes) {
  std::size_t zeros[2] = {0, 0};
  const std::size_t n = std::min<std::size_t>(bytes.size() / 2 * 2, 2000);
  for (std::size_t i = 0; i < n; ++i) zeros[i % 2] += bytes[i] == 0;
  if (n < 4) return 0;
  if (zeros[0] == 0 && zeros[1] * 4 >= n) return 1;  // at least half of the characters
  if (zeros[1] == 0 && zeros[0] * 4 >= n) return 2;
  return 0;
}

std::string from_utf16(std::string_view bytes, bool big, const std::string& name) {
  if (bytes.size() % 2 == 1)
    throw unusable_input("the UTF-16 text ends within a character", name, "the file seems cut off: copy it again");
  const auto unit = [&](std::size_t i) {
    const auto a = static_cast<unsigned char>(bytes[i]), b = static_cast<unsigned char>(bytes[i + 1]);
    return static_cast<std::uint32_t>(big ? a << 8 | b : b << 8 | a);
  };
  std::string text;
  text.reserve(bytes.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    std::uint32_t c = unit(i);
    if (c >= 0xD800 && c < 0xE000) {
      const std::uint32_t next = i + 2 < bytes.size() ? unit(i + 2) : 0;
      if (c < 0xDC00 && next >= 0xDC00 && next < 0xE000) {
        c = 0x10000 + ((c - 0xD800) << 10 | (next - 0xDC00));
        i += 2;
      } else {
        c = 0xFFFD;  // half of a pair
      }
    }
    if (c != 0xFEFF || i > 0) append_utf8(text, c);
  }
  return text;
}

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto [value, length] = first_code_point(bytes);
    if (value == kNoCodePoint) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

/// Windows-1252, which is Latin-1 but for 0x80 to 0x9F.
std::string from_windows_1252(std::string_view bytes) {
  static constexpr std::array<std::uint16_t, 32> kHigh{0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                       0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                                       0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                       0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
  std::string text;
  text.reserve(bytes.size() + bytes.size() / 8);
  for (const char byte : bytes) {
    const auto c = static_cast<unsigned char>(byte);
    append_utf8(text, c >= 0x80 && c < 0xA0 ? kHigh[c - 0x80] : c);
  }
  return text;
}

std::ptrdiff_t line_of(const std::string& text, std::size_t position) {
  return 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(position), '\n');
}

}  // namespace

TableText decode_table_text(std::string_view bytes, const std::string& name) {
  refuse_other_files(bytes, name);
  TableText result;
  if (bytes.starts_with("\xFF\xFE\0\0"sv) || bytes.starts_with("\0\0\xFE\xFF"sv))
    throw unusable_input("is text in UTF-32", name, "save it as UTF-8");
  const int marked = bytes.starts_with("\xFF\xFE") ? 1 : bytes.starts_with("\xFE\xFF") ? 2 : 0;
  if (const int order = marked ? marked : guess_utf16(bytes)) {
    result.text = from_utf16(bytes, order == 2, name);
    if (!marked) result.note = "the table is read as UTF-16 text without a byte order mark";
  } else if (is_utf8(bytes)) {
    result.text = bytes.substr(bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0);
  } else {
    result.text = from_windows_1252(bytes);
    result.note = "the table is not UTF-8 text: its letters are read as Windows-1252 (Latin-1)";
  }
  if (result.text.ends_with('\x1A')) result.text.pop_back();  // end of file in DOS
  if (const auto zero = result.text.find('\0'); zero != std::string::npos)
    throw unusable_input("there are NUL bytes: this is no text table",
                         name + ", line " + std::to_string(line_of(result.text, zero)),
                         "give a table as CSV or TSV text");
  return result;
}

}  // namespace gliocast
