"""Judges the SVG figures that gnuplot writes: where texts stand, and whether they meet each other, a line or the
edge."""

import re
import xml.etree.ElementTree as ElementTree

# Advance widths of Helvetica from the blank to the tilde, thousandths of the font size (Adobe's font metrics).
HELVETICA = (
    [278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278]
    + 10 * [556]
    + [
        278,
        278,
        584,
        584,
        584,
        556,
        1015,
        667,
        667,
        722,
        722,
        667,
        611,
        778,
        722,
        278,
        500,
        667,
        556,
        833,
        722,
        778,
        667,
        778,
        722,
        667,
        611,
        722,
        667,
        944,
        667,
        667,
        611,
        278,
        278,
        278,
        469,
        556,
        333,
        556,
        556,
        500,
        556,
        556,
        278,
        556,
        556,
        222,
        222,
        500,
        222,
        833,
        556,
        556,
        556,
        556,
        333,
        500,
        278,
        556,
        500,
        722,
        500,
        500,
        500,
        334,
        260,
        334,
        584,
    ]
)


def text_width(text, size):
    def advance(c):
        code = ord(c)
        return HELVETICA[code - 32] if 32 <= code < 127 else 1000 if code >= 0x2E80 else 600

    return sum(map(advance, text)) / 1000 * size


class Text:
    """A text and the box of its capitals' height."""

    def __init__(self, words, x, y, size, anchor, turned):
        self.words, self.size, self.turned = words, size, turned
        width = text_width(words, size)
        start = -width * {"start": 0, "middle": 0.5, "end": 1}[anchor]
        if turned == 270:  # runs upwards
            self.left, self.right, self.top, self.bottom = x - 0.72 * size, x, y - start - width, y - start
        elif turned == 90:  # downwards
            self.left, self.right, self.top, self.bottom = x, x + 0.72 * size, y + start, y + start + width
        else:
            self.left, self.right, self.top, self.bottom = x + start, x + start + width, y - 0.72 * size, y


def move(transform, x, y):
    """Where a group's transform moves a point, and how far it turns, clockwise in degrees."""
    shift = re.search(r"translate\(\s*([-\d.]+)[ ,]+([-\d.]+)", transform)
    turn = re.search(r"rotate\(\s*([-\d.]+)", transform)
    dx, dy = (float(shift.group(1)), float(shift.group(2))) if shift else (0.0, 0.0)
    return x + dx, y + dy, round(float(turn.group(1))) % 360 if turn else 0


class Figure:
    """Texts and straight strokes of an SVG."""

    def __init__(self, path):
        self.root = ElementTree.fromstring(path.read_bytes())
        self.width, self.height = [float(v) for v in self.root.get("viewBox").split()[2:]]
        self.texts, self.strokes, self.shapes, self.lines = [], [], [], []
        self._read(self.root, 0.0, 0.0, 0, 12.0, "start")

    def _read(self, element, x, y, turned, size, anchor):
        tag = element.tag.split("}")[-1]
        if tag in ("defs", "title", "desc"):
            return
        x, y, turn = move(element.get("transform", ""), x, y)
        turned = turned or turn
        size = float(re.match(r"[\d.]+", element.get("font-size") or str(size)).group(0))
        anchor = element.get("text-anchor") or anchor
        if tag == "text":
            words = "".join(element.itertext()).strip()
            if words:
                self.texts.append(Text(words, x, y, size, anchor, turned))
            return
        if tag in ("path", "polygon"):
            points = [
                (float(a), float(b))
                for a, b in re.findall(r"(-?[\d.]+),(-?[\d.]+)", element.get("d") or element.get("points"))
            ]
            if tag == "polygon" or element.get("fill") not in (None, "none"):
                self.shapes.append(points)
            else:
                self.strokes += list(zip(points, points[1:]))
                self.lines.append(points)
        for child in element:
            self._read(child, x, y, turned, size, anchor)

    def words(self):
        """All texts in the order of the file, lines of a name one after another."""
        return " ".join(t.words for t in self.texts)

    def curves(self):
        """Lines of at least 8 points, as curves are and axes, marks and frames are not."""
        return [points for points in self.lines if len(points) >= 8]

    def ticks(self, axis):
        """Numbers in a row (axis x) or in a column (axis y), of the longest there is, as text."""
        numbers = [t for t in self.texts if re.fullmatch(r"[-−]?\d+(\.\d+)?", t.words)]
        place = (lambda t: round(t.bottom)) if axis == "x" else (lambda t: round(t.right))
        rows = {}
        for t in numbers:
            rows.setdefault(place(t), []).append(t.words)
        return max(rows.values(), key=len, default=[])

    def faults(self):
        """What a reader would call wrong: texts over each other, off the page, or under a stroke."""
        found = []
        for i, t in enumerate(self.texts):
            if t.left < -1 or t.right > self.width + 1 or t.top < -1 or t.bottom > self.height + 1:
                found.append(f"{t.words!r} leaves the page")
            for other in self.texts[:i]:
                across = min(t.right, other.right) - max(t.left, other.left)
                if across > 1 and min(t.bottom, other.bottom) - max(t.top, other.top) > 1:
                    found.append(f"{t.words!r} over {other.words!r}")
            for (xa, ya), (xb, yb) in self.strokes:
                across = min(t.right, max(xa, xb)) - max(t.left, min(xa, xb))
                along = min(t.bottom, max(ya, yb)) - max(t.top, min(ya, yb))
                horizontal = abs(ya - yb) < 1 and across > 2 and t.top + 1 < ya < t.bottom - 1
                vertical = abs(xa - xb) < 1 and along > 2 and t.left + 1 < xa < t.right - 1
                if horizontal or vertical:
                    found.append(f"a line through {t.words!r}")
        return found

    def band_parts(self):
        """Left and right ends of the filled shapes with some height, sorted."""
        parts = []
        for points in self.shapes:
            xs, ys = [p[0] for p in points], [p[1] for p in points]
            if points and max(ys) - min(ys) > 3 and max(xs) - min(xs) > 3 and max(xs) - min(xs) < 0.99 * self.width:
                parts.append((min(xs), max(xs)))
        return sorted(parts)
