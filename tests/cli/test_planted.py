"""The texture that `simulate` plants is seen by radiomics on a 2 mm grid, and goes with survival where it has a term in
the hazard, not where it has none: a small part of validation/planted_signature.py."""

import csv
import sys

import numpy as np
from common import PROGRAM, SOURCE, FolderCase, main, read_json

sys.path.insert(0, str(SOURCE / "validation"))
from planted_signature import Cohort, ranks

PATIENTS, DRAWS = 48, 6
# A smooth tumour has long runs of dependent voxels: low texture.
SMOOTHNESS = "original_gldm_DependenceVariance"


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t"))


def concordance(time, event, risk):
    """Harrell's C."""
    concordant = pairs = 0.0
    for i in np.flatnonzero(event):
        later = time > time[i]
        concordant += np.sum(risk[i] > risk[later]) + 0.5 * np.sum(risk[i] == risk[later])
        pairs += np.sum(later)
    return concordant / pairs


def rest(values, of):
    """What a line through `of` leaves of the values."""
    return values - np.polyval(np.polyfit(of, values, 1), of)


class Planted(FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cohort = Cohort(PROGRAM, cls.folder / "cohort", 1, 1, PATIENTS).draw_images(False)
        rows = rows_of(cls.cohort.features)
        cls.ids = [row["ID"] for row in rows]
        cls.roughness = -np.array([float(row[SMOOTHNESS]) for row in rows])

    def truth(self, key):
        folder = self.cohort.folder / "truth"
        return np.array([read_json(folder / f"{patient}.json")[key] for patient in self.ids])

    def outcomes(self, arm):
        """Over outcomes drawn anew: the feature's mean C, and the log of all times to death [draw][patient]."""
        values, log_times = [], []
        for draw in range(1, DRAWS + 1):
            rows = rows_of(self.cohort.outcomes(arm, draw))
            self.assertEqual([row["patient"] for row in rows], self.ids)
            time, event = (np.array([float(row[c]) for row in rows]) for c in ("time", "event"))
            values.append(concordance(time, event, self.roughness))
            log_times.append(np.log(self.truth("survival_months")))
        return np.mean(values), np.array(log_times)

    def test_radiomics_see_the_planted_texture(self):
        planted = self.cohort.planted()
        self.assertEqual(sorted(planted), self.ids)
        latent = [planted[patient] for patient in self.ids]
        self.assertGreater(np.corrcoef(ranks(self.roughness), ranks(latent))[0, 1], 0.5)

    def test_the_planted_texture_is_found_and_nothing_without_it(self):
        with_term, times_with = self.outcomes("with")
        without, times_without = self.outcomes("without")
        self.assertGreater(with_term - without, 0.08)
        # Beside the clinical hazard, with which the texture of so few patients goes by chance.
        clinical = self.truth("log_hazard_ratio")

        def beside_clinical(log_times):
            residual = [rest(t, clinical) for t in log_times]
            return np.corrcoef(np.concatenate(residual), np.tile(rest(self.roughness, clinical), DRAWS))[0, 1]

        self.assertLess(beside_clinical(times_with), -0.2)
        self.assertLess(abs(beside_clinical(times_without)), 0.25)  # four standard errors


if __name__ == "__main__":
    main()
