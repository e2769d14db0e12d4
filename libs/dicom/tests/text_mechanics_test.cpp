// Character sets of DICOM, against iconv's own encoding of the same text and the standard's examples of escapes.
#include "../src/text.hpp"

#include <gtest/gtest.h>

#include <iconv.h>
#include <random>
#include <string>

using gliocast::dicom::to_utf8;

namespace {

std::string encoded(std::string text, const char* as) {
  const iconv_t converter = iconv_open(as, "UTF-8");
  EXPECT_NE(converter, reinterpret_cast<iconv_t>(-1)) << as;
  std::string out(4 * text.size() + 16, '\0');
  char *read = text.data(), *write = out.data();
  std::size_t left = text.size(), room = out.size();
  EXPECT_NE(iconv(converter, &read, &left, &write, &room), static_cast<std::size_t>(-1)) << as;
  iconv_close(converter);
  out.resize(out.size() - room);
  return out;
}

}  // namespace

TEST(Text, SingleByteSetsAndUtf8RoundTrip) {
  struct Case {
    const char *set, *iconv_name, *text;
  };
  for (const auto& [set, name, text] :
       {Case{"ISO_IR 100", "ISO-8859-1", "T1 après gadolinium, Schädel"},
        Case{"ISO_IR 101", "ISO-8859-2", "T1 před kontrastem, źródło"}, Case{"ISO_IR 109", "ISO-8859-3", "ĉirkaŭ"},
        Case{"ISO_IR 110", "ISO-8859-4", "pēc kontrasta"}, Case{"ISO_IR 144", "ISO-8859-5", "Т1 с контрастом"},
        Case{"ISO_IR 127", "ISO-8859-6", "بعد الحقن"}, Case{"ISO_IR 126", "ISO-8859-7", "μετά σκιαγραφικό"},
        Case{"ISO_IR 138", "ISO-8859-8", "ללא חומר"}, Case{"ISO_IR 148", "ISO-8859-9", "kontrast sonrası öncesi"},
        Case{"ISO_IR 166", "TIS-620", "หลังฉีดสี"}, Case{"ISO_IR 203", "ISO-8859-15", "œdème"},
        Case{"ISO_IR 13", "SHIFT_JIS", "ｿﾞｳｴｲｺﾞ"}, Case{"ISO_IR 192", "UTF-8", "增强 Т1 é"},
        Case{"GB18030", "GB18030", "T1轴位增强"}, Case{"GBK", "GBK", "T1平掃"},
        Case{"ISO 2022 IR 100", "ISO-8859-1", "après"}, Case{"\\ISO 2022 IR 149", "EUC-KR", "조영증강"},
        Case{"ISO 2022 IR 6\\ISO 2022 IR 58", "GB2312", "增强"},
        Case{"ISO 2022 IR 13\\ISO 2022 IR 87", "SHIFT_JIS", "造影後"}})
    EXPECT_EQ(to_utf8(encoded(text, name), set), text) << set;
}

TEST(Text, Escapes) {
  EXPECT_EQ(to_utf8("T1 \x1B$B" + encoded("造影後", "ISO-2022-JP").substr(3), "\\ISO 2022 IR 87"), "T1 造影後");
  EXPECT_EQ(to_utf8("Yamada^Tarou=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B", "\\ISO 2022 IR 87"), "Yamada^Tarou=山田^太郎");
  EXPECT_EQ(to_utf8("\xD4\xCF\xC0\xDE=\x1B$B;3ED\x1B(J", "ISO 2022 IR 13\\ISO 2022 IR 87"), "ﾔﾏﾀﾞ=山田");
  EXPECT_EQ(to_utf8("T1 \x1B$)C" + encoded("조영 후", "EUC-KR"), "\\ISO 2022 IR 149"), "T1 조영 후");
  EXPECT_EQ(to_utf8("\x1B$)A" + encoded("增强", "GB2312"), "\\ISO 2022 IR 58"), "增强");
  EXPECT_EQ(to_utf8("caf\x1B-A\xE9 \x1B-L" + encoded("до", "ISO-8859-5"), "\\ISO 2022 IR 100\\ISO 2022 IR 144"),
            "café до");
  EXPECT_EQ(to_utf8("\x1B$(D\x30\x21\x1B(B", "\\ISO 2022 IR 159"), "丂");
}

TEST(Text, WrongOrMissingSets) {
  EXPECT_EQ(to_utf8("après", ""), "après");
  EXPECT_EQ(to_utf8("apr\xE8s", ""), "après");
  EXPECT_EQ(to_utf8("apr\xE8s", "ISO_IR 192"), "après");
  EXPECT_EQ(to_utf8("增强", "ISO_IR 100"), "增强");
  EXPECT_EQ(to_utf8("apr\xE8s", "ISO_IR 6"), "après");
  EXPECT_EQ(to_utf8("apr\xE8s", "NO SUCH SET"), "après");
  EXPECT_EQ(to_utf8("apr\xE8s", "ISO-8859-1"), "après");
  EXPECT_EQ(to_utf8("plain", "GB18030"), "plain");
}

TEST(Text, AnyBytesWithAnySetGiveUtf8) {
  std::mt19937 random(3);
  const char* sets[] = {"",
                        "ISO_IR 13",
                        "ISO_IR 166",
                        "ISO_IR 192",
                        "GB18030",
                        "GBK",
                        "ISO 2022 IR 13\\ISO 2022 IR 87",
                        "\\ISO 2022 IR 149",
                        "\\ISO 2022 IR 58",
                        "ISO_IR 127",
                        "ISO_IR 999999999999",
                        "\\\\\\",
                        "\xFF"};
  for (int i = 0; i < 20000; ++i) {
    std::string bytes;
    for (auto n = random() % 40; n > 0; --n)
      bytes += random() % 9 == 0 ? std::string("\x1B$B") : std::string(1, static_cast<char>(random() & 0xFF));
    const auto text = to_utf8(bytes, sets[random() % std::size(sets)]);
    EXPECT_EQ(to_utf8(text, "ISO_IR 192"), text);
  }
}
