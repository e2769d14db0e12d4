#include "inline_svg.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace gliocast::report {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

/// Goes through the text of an SVG once, part by part.
class Inliner {
 public:
  Inliner(std::string_view text, const std::string& prefix) : text_(text), prefix_(prefix) {}

  std::string run() {
    while (at_ < text_.size()) {
      if (text_[at_] != '<') {
        copy_to(text_.find('<', at_));
      } else if (starts("<!--")) {
        skip_past("-->");
      } else if (starts("<![CDATA[")) {
        copy_to(past("]]>"));
      } else if (starts("<!") || starts("<?")) {
        skip_past(">");
      } else {
        tag();
      }
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool starts(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  [[nodiscard]] std::size_t past(std::string_view what) const {
    const auto found = text_.find(what, at_);
    return found == std::string_view::npos ? text_.size() : found + what.size();
  }
  void skip_past(std::string_view what) { at_ = past(what); }
  void copy_to(std::size_t end) {
    end = std::min(end, text_.size());
    out_ += text_.substr(at_, end - at_);
    at_ = end;
  }

  /// From < to >: its name, then its attributes.
  void tag() {
    copy_to(text_.find_first_of(" \t\r\n>", at_));
    while (at_ < text_.size() && text_[at_] != '>') {
      if (text_[at_] == '/') {
        copy_to(at_ + 1);
      } else if (kBlanks.find(text_[at_]) != std::string_view::npos) {
        at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size());
      } else {
        attribute();
      }
    }
    copy_to(at_ + 1);
  }

  void attribute() {
    const std::size_t equals = text_.find('=', at_), quote = text_.find_first_of("'\"", at_);
    const std::size_t end = quote == std::string_view::npos ? quote : text_.find(text_[quote], quote + 1);
    if (equals == std::string_view::npos || end == std::string_view::npos || equals > quote) {
      copy_to(text_.size());  // no XML: left as it is
      return;
    }
    std::string_view name = text_.substr(at_, equals - at_);
    name = name.substr(0, name.find_last_not_of(kBlanks) + 1);
    std::string value(text_.substr(quote + 1, end - quote - 1));
    at_ = end + 1;
    if (name == "id") {
      if (!ids_.insert(value).second) return;
      value = prefix_ + value;
    } else if ((name == "href" || name.ends_with(":href")) && value.starts_with('#')) {
      value = "#" + prefix_ + value.substr(1);
    } else {
      for (std::size_t u = value.find("url(#"); u != std::string::npos; u = value.find("url(#", u + 5))
        value.insert(u + 5, prefix_);
    }
    out_ += ' ';
    out_ += name;
    out_ += '=';
    out_ += text_[quote] + value + text_[quote];
  }

  std::string_view text_;
  const std::string& prefix_;
  std::size_t at_ = 0;
  std::string out_;
  std::set<std::string> ids_;
};

}  // namespace

std::string inline_svg(std::string_view svg, const std::string& prefix) {
  const auto root = svg.find("<svg");
  constexpr std::array<std::string_view, 3> kReachingOut{"<style", "<script", "<foreignObject"};
  const bool reaches_out =
      std::ranges::any_of(kReachingOut, [&](auto name) { return svg.find(name) != std::string_view::npos; });
  if (root == std::string_view::npos || reaches_out) return {};
  return Inliner(svg.substr(root), prefix).run();
}

}  // namespace gliocast::report
