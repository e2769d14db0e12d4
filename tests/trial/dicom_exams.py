"""Random DICOM exams whose answer is known: what each image is, which ones must be taken, or that the exam is refused.

Every volume has voxels of its own, so that what a program read tells which images it came from. Nothing here comes
from a patient; the names are those that nobody can mistake."""

import pathlib
import random
import sys

import numpy as np
from pydicom.uid import generate_uid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
from dicom_writer import Grid, enhanced_file, new_file, save, set_pixels, set_tags, slice_file

KEYS = ("t1", "t1gd", "t2", "flair")
TIMES = {"t1": (12, 500, None), "t1gd": (12, 500, None), "t2": (100, 4000, None), "flair": (120, 9000, 2500)}
VENDORS = ("SIEMENS", "Philips Medical Systems", "GE MEDICAL SYSTEMS", "Canon_MEC", "UIH")
NAMES = {
    "SIEMENS": ("t1_se_tra", "t1_se_tra post gad", "t2_tse_tra", "t2_flair_tra"),
    "Philips Medical Systems": ("T1W_SE", "T1W_SE POST GAD", "T2W_TSE", "FLAIR"),
    "GE MEDICAL SYSTEMS": ("AX T1 SE", "AX T1 SE POST GAD", "AX T2 FSE", "AX T2 FLAIR"),
    "Canon_MEC": ("Ax T1 SE", "Ax T1 SE post gad", "Ax T2 FSE", "Ax FLAIR"),
    "UIH": ("t1_se_tra", "t1_se_tra post gad", "t2_fse_tra", "t2_flair_tra"),
}
PULSES = {
    "SIEMENS": ("*se2d1", "*se2d1", "*tse2d1_9", "*tir2d1_16"),
    "UIH": ("se", "se", "fse", "fse_ir"),
    "Canon_MEC": ("SE", "SE", "FSE2D", "FSE_IR"),
}
TYPES = {
    "SIEMENS": (["M", "ND"], ["M", "NORM", "DIS2D"]),
    "Philips Medical Systems": (["M_SE", "M", "SE"],),
    "GE MEDICAL SYSTEMS": (["OTHER"],),
    "Canon_MEC": ([],),
    "UIH": (["M", "ND"],),
}
PARTS = {  # ImageType's values for phase, real and imaginary parts
    "SIEMENS": (["P", "ND"], ["R", "ND"], ["I", "ND"]),
    "Philips Medical Systems": (["PHASE MAP", "P", "SE"], ["R_SE", "R", "SE"], ["I_SE", "I", "SE"]),
}
DIXON = {  # water, fat, in phase, opposed phase
    "SIEMENS": (
        ["M", "DIXON", "WATER"],
        ["M", "DIXON", "FAT"],
        ["M", "DIXON", "IN_PHASE"],
        ["M", "DIXON", "OPP_PHASE"],
    ),
    "Philips Medical Systems": (
        ["W", "W", "DERIVED"],
        ["F", "F", "DERIVED"],
        ["IP", "IP", "DERIVED"],
        ["OP", "OP", "DERIVED"],
    ),
}


class Volume:
    """One volume as it should be read, and what it must be taken for (None: passed over)."""

    def __init__(self, voxels, grid, key=None):
        self.voxels, self.grid, self.key = voxels, grid, key
        self.affine = grid.affine()
        self.warning = None  # a word that reading it must warn with
        self.unreadable = False  # reading it must fail


class Image:
    """One slice: which of a volume, its pixels, its own tags and frame attributes."""

    def __init__(self, volume, k, pixels, tags, frame):
        self.volume, self.k, self.pixels, self.tags, self.frame = volume, k, pixels, tags, frame


class Series:
    def __init__(self, exam, key, name=None):
        vendor, rng = exam.vendor, exam.rng
        self.key, self.uid, self.study = key, exam.uid(), exam.study
        self.number = exam.next_number()
        i = KEYS.index(key) if key else 0
        te, tr, ti = TIMES[key] if key else (90, 5000, None)
        self.description = name or NAMES[vendor][i]
        self.te, self.tr, self.ti = te, tr, ti
        self.type = ["ORIGINAL", "PRIMARY", *rng.choice(TYPES[vendor])]
        self.tags = {
            "SeriesDescription": self.description,
            "Manufacturer": vendor,
            "RepetitionTime": str(tr),
            "MagneticFieldStrength": "1.5",
            "FlipAngle": "90",
            "MRAcquisitionType": "2D",
        }
        if ti:
            self.tags["InversionTime"] = str(ti)
        self.tags["ProtocolName"] = "BRAIN W WO" if vendor.startswith(("GE", "Canon")) else self.description
        if vendor in PULSES and not name:
            self.tags["SequenceName"] = PULSES[vendor][i]
        self.volumes, self.images = [], []
        self.ordered = False  # volumes are told apart by the order of instance numbers alone
        self.numbering = None
        self.form = "plain"

    def add(self, grid, voxels, key, tags=None, frame=None, per_slice=None):
        """A volume; `tags` and `frame` (functional groups) tell it apart, `per_slice(k)` gives tags to a slice."""
        volume = Volume(voxels.astype(float), grid, key)
        for k in range(voxels.shape[2]):
            own = {
                "EchoTime": str(self.te),
                "ImageType": self.type,
                **(tags or {}),
                **(per_slice(k) if per_slice else {}),
            }
            self.images.append(Image(len(self.volumes), k, voxels[:, :, k], own, dict(frame or {})))
        self.volumes.append(volume)
        return volume


class Exam:
    """A drawn exam: `series`, what must be taken (`taken`: key to volume), or `refused`."""

    def __init__(self, number):
        self.rng = random.Random(number)
        self.noise = np.random.default_rng(number)
        rng = self.rng
        self.vendor = rng.choice(VENDORS)
        self.uids = 0
        self.entropy = f"trial {number}"
        self.study = {
            "StudyInstanceUID": self.uid(),
            "StudyDate": "20200101",
            "PatientID": rng.choice(["TEST", "TEST", None, ""]),
        }
        self.series, self.numbers, self.options = [], 0, []
        self.taken, self.refused, self.strict = {}, False, True
        self.history = []
        turn = np.radians([rng.uniform(-14, 14) for _ in range(3)]) if rng.random() < 0.6 else np.zeros(3)
        self.axes = rotation(turn)[:, rng.choice([[0, 1, 2]] * 6 + [[1, 2, 0], [0, 2, 1]])]
        if np.linalg.det(self.axes) < 0:
            self.axes[:, 2] *= -1
        self.slices = rng.randint(12, 20)
        self.faults = set()
        self.patients = 1  # for all that anyone knows

    def uid(self):
        self.uids += 1
        return generate_uid(entropy_srcs=[self.entropy, str(self.uids)])

    def next_number(self):
        """Philips counts by hundreds, others by one, some leave gaps."""
        self.numbers += self.rng.choice([1, 1, 2])
        return 100 * self.numbers + 1 if self.vendor.startswith("Philips") else self.numbers

    def grid(self, slices=None):
        n = slices or self.slices
        return Grid((16, 16, n), (10, 10.5, 118 / self.slices), self.axes, (2, -9, 14))

    def voxels(self, slices=None):
        """An ellipsoid, stripped of all around it, with grey values of its own."""
        n = slices or self.slices
        at = np.stack(np.meshgrid(*[np.linspace(-1, 1, s) for s in (16, 16, n)], indexing="ij"), -1)
        inside = (at**2 / np.array([0.75, 0.9, 0.9])).sum(-1) < 1
        return np.where(inside, self.noise.integers(100, 3000, inside.shape), 0).astype("uint16")

    def note(self, text):
        self.history.append(text)


def rotation(turn):
    c, s = np.cos(turn), np.sin(turn)
    x = np.array([[1, 0, 0], [0, c[0], -s[0]], [0, s[0], c[0]]])
    y = np.array([[c[1], 0, s[1]], [0, 1, 0], [-s[1], 0, c[1]]])
    z = np.array([[c[2], -s[2], 0], [s[2], c[2], 0], [0, 0, 1]])
    return z @ y @ x


# --- forms of a series -----------------------------------------------------------------------------------------------


def plain(exam, key):
    """One volume."""
    series = Series(exam, key)
    exam.taken[key] = series.add(exam.grid(), exam.voxels(), key)
    return series


def one_volume_of_many_values(exam, key):
    """One volume, though numbers and times differ by slice or by concatenation."""
    series = Series(exam, key)
    rng, n = exam.rng, exam.slices
    parts = rng.choice([2, 3])
    shuffled = rng.sample(range(n), n)
    ways = {
        "AcquisitionNumber, interleaved": lambda k: {"AcquisitionNumber": 1 + k % parts},
        "AcquisitionNumber, in blocks": lambda k: {"AcquisitionNumber": 1 + k * parts // n},
        "AcquisitionNumber of each slice": lambda k: {"AcquisitionNumber": 1 + shuffled[k]},
        "TriggerTime of each slice": lambda k: {"TriggerTime": f"{37.5 * shuffled[k]:.1f}"},
        "TriggerTime, interleaved": lambda k: {"TriggerTime": f"{300.0 * (k % parts):.1f}"},
        "TemporalPosition of each slice": lambda k: {"TemporalPositionIdentifier": 1 + shuffled[k]},
        "EchoTime, last digit": lambda k: {"EchoTime": f"{series.te + 1e-3 * (k % 2):.4f}"},
        "RepetitionTime by slice": lambda k: {"RepetitionTime": f"{series.tr + k % parts}"},
        "two numbers by slice": lambda k: {
            "AcquisitionNumber": 1 + k % parts,
            "TriggerTime": f"{11 * shuffled[k]}",
            "TemporalPositionIdentifier": 1 + k % 2,
        },
    }
    series.form = rng.choice(list(ways))
    exam.taken[key] = series.add(exam.grid(), exam.voxels(), key, per_slice=ways[series.form])
    return series


def complex_parts(exam, key):
    """Magnitude with phase, real or imaginary parts at the same places."""
    if exam.vendor not in PARTS:
        return plain(exam, key)
    series = Series(exam, key)
    parts = exam.rng.sample(range(3), exam.rng.randint(1, 3))
    series.form = "magnitude and " + ", ".join(("phase", "real", "imaginary")[p] for p in parts)
    components = ("PHASE", "REAL", "IMAGINARY")
    order = [None, *parts]
    exam.rng.shuffle(order)
    for p in order:
        if p is None:
            exam.taken[key] = series.add(
                exam.grid(), exam.voxels(), key, frame={"type": series.type, "component": "MAGNITUDE"}
            )
        else:
            kind = ["ORIGINAL", "PRIMARY", *PARTS[exam.vendor][p]]
            series.add(
                exam.grid(), exam.voxels(), None, {"ImageType": kind}, {"type": kind, "component": components[p]}
            )
    return series


def dixon(exam, key):
    """Water, fat, in and opposed phase: water or in phase may be taken, never the others."""
    if exam.vendor not in DIXON or key not in ("t1", "t1gd"):
        return plain(exam, key)
    series = Series(exam, key)
    kinds = exam.rng.sample(range(4), exam.rng.randint(2, 4))
    if not {0, 2} & set(kinds):
        kinds[0] = 0
    series.form = "Dixon " + ", ".join(["W", "F", "IP", "OP"][k] for k in kinds)
    may = []
    for k in kinds:
        kind = ["ORIGINAL" if k == 2 else "DERIVED", "PRIMARY", *DIXON[exam.vendor][k]]
        volume = series.add(
            exam.grid(), exam.voxels(), "any" if k in (0, 2) else None, {"ImageType": kind}, {"type": kind}
        )
        may += [volume] if k in (0, 2) else []
    exam.taken[key] = may
    return series


def echoes(exam, key):
    """Several echo times; of T2 the one nearest to 90 ms is taken."""
    if key != "t2":
        return plain(exam, key)
    series = Series(exam, key)
    rng = exam.rng
    times = rng.choice([[100, 160], [62, 98], [90, 120, 150], [70, 85, 130], [63, 74, 85, 96, 117, 138]])
    numbers = rng.choice(["set", "missing", "equal", "zero"])
    series.form = f"{len(times)} echoes, EchoNumbers {numbers}"
    best = min(times, key=lambda t: abs(t - 90))
    for e, te in enumerate(times):
        number = {"set": e + 1, "missing": None, "equal": 1, "zero": 0}[numbers]
        volume = series.add(
            exam.grid(),
            exam.voxels(),
            "t2" if te == best else None,
            {"EchoTime": str(te), "EchoNumbers": number},
            {"te": float(te)},
        )
        if te == best:
            exam.taken[key] = volume
    return series


TIME_TAGS = {
    "TemporalPositionIdentifier": lambda t: ({"TemporalPositionIdentifier": t + 1}, {"temporal": t + 1}),
    "AcquisitionNumber": lambda t: ({"AcquisitionNumber": t + 1}, {"acquisition": t + 1}),
    "TriggerTime": lambda t: ({"TriggerTime": f"{5017.5 * t:.1f}"}, {"trigger": 5017.5 * t}),
    "order": lambda t: ({}, {"temporal": t + 1}),
}


def over_time(exam, key, count=None):
    """The same volume again and again: of few the first (of T1-Gd the last), of many none."""
    series = Series(exam, key)
    rng = exam.rng
    count = count or rng.choice([2, 2, 3, 3, 4, 5, 6, 8, 12, 30])
    tag = rng.choice(list(TIME_TAGS))
    n = exam.slices
    shuffled = rng.sample(range(n * count), n * count)
    beside = {
        "": lambda t, k: {},
        "AcquisitionNumber interleaved": lambda t, k: {"AcquisitionNumber": 1 + k % 2},
        "TriggerTime of each slice": lambda t, k: {"TriggerTime": f"{7 * k}"},
        "TriggerTime of each image": lambda t, k: {"TriggerTime": f"{3 * shuffled[t * n + k]}"},
        "AcquisitionNumber of each image": lambda t, k: {"AcquisitionNumber": 1 + shuffled[t * n + k]},
    }
    noise = rng.choice([b for b in beside if not b or tag not in b])
    series.form = f"{count} times by {tag}" + (f" beside {noise}" if noise else "")
    series.ordered = tag == "order"
    for t in range(count):
        taken = count < 5 and t == (count - 1 if key == "t1gd" else 0)
        tags, frame = TIME_TAGS[tag](t)
        volume = series.add(
            exam.grid(), exam.voxels(), key if taken else None, tags, frame, lambda k, t=t: beside[noise](t, k)
        )
        if taken:
            exam.taken[key] = volume
    if count >= 5:
        exam.taken.pop(key, None)
    return series


def ends_early(exam, key):
    """A few times, of which the last was broken off: a whole volume is taken."""
    series = Series(exam, key)
    rng, n = exam.rng, exam.slices
    count, left = rng.choice([2, 3, 4]), rng.randint(1, n - 4)
    tag = rng.choice(["TemporalPositionIdentifier", "AcquisitionNumber", "TriggerTime"])
    for t in range(count):
        volume = series.add(exam.grid(), exam.voxels(), None, *TIME_TAGS[tag](t))
        if t == (count - 2 if key == "t1gd" else 0):
            volume.key, exam.taken[key] = key, volume
    broken_off = len(series.volumes) - 1
    series.images = [i for i in series.images if i.volume != broken_off or i.k < left]
    series.volumes[-1].voxels = series.volumes[-1].voxels[:, :, :left]
    series.form = f"{count} times by {tag}, the last one of {left} slices"
    return series


def before_and_after(exam, _):
    """T1 before and after contrast agent in one series, told apart by one tag."""
    series = Series(exam, "t1")
    rng = exam.rng
    if rng.random() < 0.5:
        series.form = "before and after by ContrastBolusAgent"
        exam.taken["t1"] = series.add(exam.grid(), exam.voxels(), "t1")
        exam.taken["t1gd"] = series.add(exam.grid(), exam.voxels(), "t1gd", {"ContrastBolusAgent": "GADOVIST"})
        return series
    tag, values = rng.choice(
        [
            ("AcquisitionNumber", (1, 2)),
            ("TemporalPositionIdentifier", (1, 2)),
            ("TriggerTime", ("0", "95000")),
            ("FlipAngle", ("70", "90")),
            ("EchoNumbers", (1, 2)),
            ("AcquisitionNumber", (3, 101)),
        ]
    )
    series.form = f"two volumes by {tag}"
    exam.taken["t1"] = series.add(exam.grid(), exam.voxels(), "t1", {tag: values[0]})
    series.add(exam.grid(), exam.voxels(), None, {tag: values[1]})
    return series


def echo_and_time(exam, key):
    """Two echoes, each at two or three times, or magnitude and phase over time."""
    series = Series(exam, key)
    rng = exam.rng
    count = rng.choice([2, 3])
    if key == "t2":
        series.form = f"two echoes {count} times"
        kinds = [({"EchoTime": "95"}, {"te": 95.0}, True), ({"EchoTime": "150"}, {"te": 150.0}, False)]
    elif exam.vendor in PARTS:
        series.form = f"magnitude and phase {count} times"
        phase = ["ORIGINAL", "PRIMARY", *PARTS[exam.vendor][0]]
        kinds = [
            ({}, {"type": series.type, "component": "MAGNITUDE"}, True),
            ({"ImageType": phase}, {"type": phase, "component": "PHASE"}, False),
        ]
    else:
        return plain(exam, key)
    tag = rng.choice(["TemporalPositionIdentifier", "AcquisitionNumber", "TriggerTime"])
    for t in range(count):
        for tags, frame, good in kinds:
            taken = good and t == (count - 1 if key == "t1gd" else 0)
            more, more_frame = TIME_TAGS[tag](t)
            volume = series.add(
                exam.grid(), exam.voxels(), key if taken else None, {**tags, **more}, {**frame, **more_frame}
            )
            if taken:
                exam.taken[key] = volume
    return series


# --- gaps ------------------------------------------------------------------------------------------------------------


def missing_slices(exam, key):
    """Few missing slices are interpolated and told, more are an error."""
    series = plain(exam, key)
    n, few = exam.slices, exam.rng.random() < 0.6
    count = 1 if few else n // 5 + 1
    gone = sorted(exam.rng.sample(range(1, n - 1), count))
    series.images = [i for i in series.images if i.k not in gone]
    volume = series.volumes[0]
    series.form = f"{count} slices missing"
    series.numbering = exam.rng.choice(["by volume", "backwards", "random"])
    if few:
        rest = [k for k in range(n) if k not in gone]
        volume.voxels = between(volume.voxels[:, :, rest], np.array(rest, float), np.arange(n, dtype=float))
        volume.warning = "missing"
    else:
        volume.unreadable = True
    return series


def repeated_slice(exam, key):
    """One slice is there twice under another name: the first of them is taken, which is told."""
    series = plain(exam, key)
    k = exam.rng.randrange(exam.slices)
    series.images.append(Image(0, k, series.images[k].pixels, series.images[k].tags, {}))
    series.volumes[0].warning = "another one is"
    series.form, series.numbering = "a slice twice", exam.rng.choice(["by volume", "missing", "zero", "random"])
    return series


def uneven_slices(exam, key):
    """Slices off their even places are interpolated, which is told."""
    series = plain(exam, key)
    n, volume = exam.slices, series.volumes[0]
    places = np.arange(n) + np.array([0.0] + [exam.rng.uniform(-0.15, 0.15) for _ in range(n - 2)] + [0.0])
    places[n // 2] = n // 2 + 0.15
    for image in series.images:
        image.k = places[image.k]
    volume.voxels = between(volume.voxels, places, np.arange(n, dtype=float))
    volume.warning = "evenly spaced"
    series.form = "uneven slices"
    return series


def between(voxels, places, wanted):
    """Linear between slices; within 2 % of a step a slice stands for itself."""
    out = np.empty((*voxels.shape[:2], len(wanted)))
    for i, at in enumerate(wanted):
        near = np.abs(places - at).argmin()
        if abs(places[near] - at) <= 0.02:
            out[:, :, i] = voxels[:, :, near]
            continue
        above = int(np.searchsorted(places, at))
        t = (at - places[above - 1]) / (places[above] - places[above - 1])
        out[:, :, i] = (1 - t) * voxels[:, :, above - 1] + t * voxels[:, :, above]
    return out


def without_positions(exam, key):
    """Headers that do not say where slices lie: passed over."""
    series = plain(exam, key)
    exam.taken.pop(key)
    series.volumes[0].key, series.form = None, "no positions"
    gone = exam.rng.choice(["ImagePositionPatient", "ImageOrientationPatient", "both"])
    for image in series.images:
        for tag in ("ImagePositionPatient", "ImageOrientationPatient"):
            if gone in (tag, "both"):
                image.tags = {**image.tags, tag: None}
    exam.faults.add("no positions")
    return series


FORMS = (
    [plain] * 4
    + [one_volume_of_many_values] * 4
    + [complex_parts] * 3
    + [dixon] * 2
    + [echoes] * 3
    + [over_time] * 4
    + [echo_and_time] * 2
    + [ends_early, missing_slices, repeated_slice, uneven_slices, without_positions]
)


# --- what else lies in an exam ---------------------------------------------------------------------------------------


def diffusion(exam):
    series = Series(exam, None, "ep2d_diff DWI b0 b1000")
    for b in exam.rng.choice([(0, 1000), (0, 500, 1000)]):
        series.add(exam.grid(), exam.voxels(), None, {"DiffusionBValue": float(b)}, {"b": float(b)})
    series.form = "diffusion"
    return series


def localiser(exam):
    series = Series(exam, None, "3-plane localizer")
    series.te, series.tr = 5, 20
    for axes in (exam.axes, exam.axes[:, [1, 2, 0]], exam.axes[:, [2, 0, 1]]):
        series.add(Grid((16, 16, 3), (15, 15, 20), axes), exam.voxels(3), None)
    series.form = "localiser"
    return series


def short_one(exam):
    """A slab of eight slices, which does not span the head, of a sequence that is there whole."""
    keys = [k for k, v in exam.taken.items() if not isinstance(v, list) and not v.unreadable]
    if not keys:
        return localiser(exam)
    series = Series(exam, exam.rng.choice(keys))
    series.add(exam.grid(8), exam.voxels(8), "any")
    series.form = "a slab"
    return series


def derived_one(exam):
    keys = [k for k, v in exam.taken.items() if not isinstance(v, list) and not v.unreadable]
    if not keys:
        return localiser(exam)
    series = Series(exam, exam.rng.choice(keys))
    series.type = ["DERIVED", "SECONDARY", *series.type[2:]]
    series.add(exam.grid(), exam.voxels(), "any")
    series.form = "derived"
    return series


# --- numbering, faults, studies --------------------------------------------------------------------------------------


def number_images(series, rng):
    """InstanceNumber of every image, by one of many habits."""
    many = len(series.volumes) > 1
    ways = (
        ["by volume", "by place"]
        if series.ordered
        else ["by volume", "by place", "restart", "missing", "zero", "random", "backwards"]
    )
    way = series.numbering or rng.choice(ways)
    images, total = series.images, len(series.images)
    places = {"by volume": range(total), "backwards": range(total)[::-1], "random": rng.sample(range(total), total)}
    if way == "by place":
        order = sorted(range(total), key=lambda i: (images[i].k, images[i].volume))
        numbers = [order.index(i) for i in range(total)]
    elif way == "restart":
        numbers = [sum(j.volume == i.volume and j.k < i.k for j in images) for i in images]
    else:
        numbers = list(places.get(way, range(total)))
    for image, n in zip(images, numbers):
        image.tags = {**image.tags, "InstanceNumber": {"missing": None, "zero": 0}.get(way, n + 1)}
        image.number = n + 1
    series.form += f", numbered {way}" if many or way not in ("by volume",) else ""


def draw(number):
    """The exam of a number."""
    exam = Exam(number)
    rng = exam.rng
    keys = [k for k in KEYS if rng.random() < 0.75] or ["t1", "t2"]
    if rng.random() < 0.5:
        exam.series.append(localiser(exam))
    if rng.random() < 0.15 and "t1" in keys:
        exam.series.append(before_and_after(exam, None))
        keys = [k for k in keys if k not in ("t1", "t1gd")]
    for key in keys:
        exam.series.append(rng.choice(FORMS)(exam, key))
    for extra, chance in ((diffusion, 0.3), (short_one, 0.2), (derived_one, 0.2)):
        if rng.random() < chance:
            exam.series.append(extra(exam))
    rng.shuffle(exam.series)
    add_second_study(exam)
    add_faults(exam)
    for series in exam.series:
        series.enhanced = may_be_enhanced(series, exam)
        number_images(series, rng)
    exam.refused = (
        exam.refused
        or not exam.taken
        or any(v.unreadable for taken in exam.taken.values() for v in (taken if isinstance(taken, list) else [taken]))
    )
    return exam


def may_be_enhanced(series, exam):
    """None, "file" (all frames in one file) or "frame" (a file each)."""
    if exam.rng.random() > 0.3 or exam.faults & {"one series UID", "no positions"} or series.form == "a slice twice":
        return None
    known = {"plain", "localiser", "diffusion", "a slab", "derived", "uneven slices"}
    fits = series.form in known or "missing" in series.form or any(i.frame for i in series.images)
    if series.form.startswith(("before", "two volumes")) or not fits:
        return None
    return exam.rng.choice(["file", "file", "frame"])


def add_second_study(exam):
    """Another study of the patient, or other images of the same one on another day."""
    rng = exam.rng
    way = rng.random()
    if way > 0.2 or not exam.taken:
        return
    if way < 0.05:  # a careless anonymiser's one identifier for two examinations
        last = [v for v in exam.taken.values() if any(v is own for own in exam.series[-1].volumes)]
        if last and len(last) < len(exam.taken):
            exam.note("two dates in one study")
            exam.series[-1].study = {**exam.study, "StudyDate": "20210102"}
            exam.refused, exam.taken, exam.strict = True, {}, False
            exam.patients = 1
        return
    if way < 0.08:
        exam.note("two patients")
        other = {**exam.study, "StudyInstanceUID": exam.uid(), "PatientID": "ANOTHER"}
        exam.study["PatientID"] = "TEST"
        exam.refused, exam.strict, exam.patients = True, False, 2
    else:
        other = {
            **exam.study,
            "StudyInstanceUID": exam.uid(),
            "StudyDate": rng.choice(["20190301", "20210301", "20200101"]),
        }
    first, exam.study = exam.study, other
    for series in exam.series:
        if series.study is first:
            series.study = {**first}
    recognised = dict(exam.taken)
    if way > 0.17:
        exam.note("another study with a localiser alone")
        exam.series.append(localiser(exam))
        if not first["PatientID"]:
            exam.refused, exam.taken, exam.strict, exam.patients = True, {}, False, 2
        return
    later = plain(exam, "t2")
    exam.series.append(later)
    if other.get("PatientID") == "ANOTHER":
        exam.taken = {}
        return
    exam.note("two studies")
    if other["StudyDate"] == first["StudyDate"] or not first["PatientID"] or rng.random() < 0.5:
        exam.refused, exam.taken, exam.strict = True, {}, False
        exam.patients = 1 if first["PatientID"] else 2
        return
    exam.note("one of them asked for")
    number = 1 if other["StudyDate"] < first["StudyDate"] else 2
    if rng.random() < 0.5:
        exam.options = ["--study", rng.choice([str(number), other["StudyDate"]])]
        exam.taken = {"t2": later.volumes[0]}
    else:
        exam.options = ["--study", rng.choice([str(3 - number), first["StudyDate"]])]
        exam.taken = recognised
        later.volumes[0].key = "any"


def add_faults(exam):
    """What careless anonymisers do."""
    rng = exam.rng
    one_study = len({s.study["StudyInstanceUID"] for s in exam.series}) == 1
    if rng.random() < 0.1:
        exam.faults.add("one SOPInstanceUID")
    if rng.random() < 0.08:
        exam.faults.add("no series UID")
    elif rng.random() < 0.08 and one_study and not exam.refused:
        exam.faults.add("one series UID")
    if rng.random() < 0.08 and one_study and not exam.note_of("two dates"):
        exam.faults.add("no study UID")


Exam.note_of = lambda self, text: any(text in h for h in self.history)


# --- writing ---------------------------------------------------------------------------------------------------------


def write(exam, folder):
    """Writes an exam's files and returns how many DICOM images there are."""
    rng = exam.rng
    layout = rng.choice(["flat", "flat without suffix", "a folder a series", "deep", "scattered"])
    exam.note(layout)
    count = 0
    one_sop, one_series = exam.uid(), exam.uid()
    for s, series in enumerate(exam.series):
        tags = {**series.study, **series.tags, "SeriesInstanceUID": series.uid, "SeriesNumber": series.number}
        if "no series UID" in exam.faults:
            tags["SeriesInstanceUID"] = rng.choice([None, ""])
        if "one series UID" in exam.faults:
            tags["SeriesInstanceUID"] = one_series
        if "no study UID" in exam.faults:
            tags["StudyInstanceUID"] = None
        for d in files_of(series, tags, rng):
            d.SOPInstanceUID = one_sop if "one SOPInstanceUID" in exam.faults else exam.uid()
            d.file_meta.MediaStorageSOPInstanceUID = d.SOPInstanceUID
            count += 1
            save(d, folder / place_of(layout, rng, s, count), preamble=not d.is_little_endian or rng.random() > 0.01)
    if rng.random() < 0.3:
        other_files(exam, folder)
    return count


def place_of(layout, rng, s, n):
    name = f"{rng.randrange(16**8):08x}{n:05d}"
    if layout == "flat":
        return name + ".dcm"
    if layout == "flat without suffix":
        return "IM" + name
    if layout == "a folder a series":
        return pathlib.Path(f"S{s:03d}") / (name + ".dcm")
    if layout == "deep":
        return pathlib.Path("DICOM") / "PA000000" / "ST000000" / f"SE{s:06d}" / f"IM{name}"
    return pathlib.Path(f"d{rng.randrange(4)}") / name


def files_of(series, tags, rng):
    """The data sets of a series, in random order."""
    images = list(series.images)
    rng.shuffle(images)
    syntax = rng.choice(["explicit", "explicit", "explicit", "implicit", "big endian"])
    if series.enhanced is None:
        return [slice_file(series.volumes[i.volume].grid, i.k, i.pixels, {**tags, **i.tags}, syntax) for i in images]
    dimensions = dimensions_of(series, rng)
    top = {k: v for k, v in tags.items() if k not in ("RepetitionTime", "InversionTime", "FlipAngle")}
    shared = {"te": float(series.te), "tr": float(series.tr), "ti": float(series.ti) if series.ti else None}
    with_temporal = rng.random() < 0.5 or "temporal" not in dimensions
    frames = []
    for i in images:
        frame = {
            "pixels": i.pixels,
            "grid": series.volumes[i.volume].grid,
            "slice": i.k,
            "stack": "1",
            "in_stack": round(i.k) + 1,
            "type": i.tags["ImageType"],
            **i.frame,
        }
        frame["index"] = [index_of(series, i, d) for d in dimensions] or None
        if not with_temporal:
            frame.pop("temporal", None)
        frames.append(frame)
    top["ImageType"] = series.type
    pointers = [POINTERS[d] for d in dimensions]
    if series.enhanced == "frame":
        return [
            enhanced_file(
                [f],
                shared,
                {**top, "InstanceNumber": i.tags["InstanceNumber"], "ImageType": i.tags["ImageType"]},
                syntax,
                pointers,
            )
            for f, i in zip(frames, images)
        ]
    return [enhanced_file(frames, shared, {**top, "InstanceNumber": 1}, syntax, pointers)]


POINTERS = {
    "stack": "StackID",
    "place": "InStackPositionNumber",
    "position": "ImagePositionPatient",
    "temporal": "TemporalPositionIndex",
    "echo": "EffectiveEchoTime",
    "b": "DiffusionBValue",
    "component": "ComplexImageComponent",
    "trigger": "NominalCardiacTriggerDelayTime",
    "acquisition": "FrameAcquisitionNumber",
    "type": "FrameType",
}


def dimensions_of(series, rng):
    """Dimensions in random order; now and then none at all."""
    if rng.random() < 0.2:
        return []
    tell = {
        "temporal": "temporal",
        "te": "echo",
        "b": "b",
        "component": "component",
        "trigger": "trigger",
        "acquisition": "acquisition",
        "type": "type",
    }
    used = [tell[k] for k in series.images[0].frame if k in tell]
    out = [rng.choice(["place", "position"]), *used]
    if rng.random() < 0.6:
        out.append("stack")
    rng.shuffle(out)
    return out


def index_of(series, image, dimension):
    """The index of a frame in one dimension, from 1 on."""
    if dimension == "stack":
        return 1
    if dimension in ("place", "position"):
        return round(image.k) + 1
    key = {"echo": "te"}.get(dimension, dimension)
    values = []
    for i in series.images:
        if i.frame[key] not in values:
            values.append(i.frame[key])
    return values.index(image.frame[key]) + 1


def other_files(exam, folder):
    """What lies on a patient's CD beside the images."""
    (folder / "README.TXT").write_text("viewer", encoding="utf-8")
    report = new_file("1.2.840.10008.5.1.4.1.1.88.11")
    set_tags(report, {**exam.study, "Modality": "SR", "SeriesInstanceUID": exam.uid(), "SeriesNumber": 99})
    save(report, folder / "report")
    index = new_file("1.2.840.10008.1.3.10")
    set_tags(index, {"Modality": None, "FileSetID": "CD"})
    save(index, folder / "DICOMDIR")
    if exam.rng.random() < 0.5:
        picture = new_file("1.2.840.10008.5.1.4.1.1.7")
        set_pixels(picture, np.zeros((16, 16), "uint8"), 8)
        set_tags(
            picture,
            {
                **exam.study,
                "Modality": "OT",
                "SeriesInstanceUID": exam.uid(),
                "SeriesNumber": 98,
                "SOPInstanceUID": exam.uid(),
            },
        )
        if "no study UID" in exam.faults:
            picture.StudyInstanceUID = ""
        save(picture, folder / "screenshot.dcm")
