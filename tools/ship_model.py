#!/usr/bin/env python3
"""Puts a trained bundle into models/ with its card. Usage: ship_model.py BUNDLE CARD.json models/NAME

CARD.json: {"network": …, "trained_on": …, "measured": …, "limits": …}, sentences that `gliocast predict` prints in its
report. The bundle's folder gets README.md (the card, with the settings of model.json) and LICENSE.
"""

import json
import os
import shutil
import sys

LICENCE = """Weights of gliocast's default models

Copyright: the gliocast developers.
Licence: Creative Commons Attribution-NonCommercial 4.0 International (CC BY-NC 4.0), https://creativecommons.org/licenses/by-nc/4.0/legalcode

The weights were fitted to simulated patients and to images of the BraTS 2018 and 2021 challenges, TCGA-LGG, TCGA-GBM \
and UCSF-PDGM, which are free for research on condition of
citation. Whoever uses the weights cites:
- Menze BH et al., IEEE Trans Med Imaging 2015;34:1993-2024
- Bakas S et al., Sci Data 2017;4:170117
- Bakas S et al., TCGA-GBM and TCGA-LGG segmentation labels, The Cancer Imaging Archive 2017 (CC BY 3.0)
- Calabrese E et al., UCSF-PDGM, Radiol Artif Intell 2022;4:e220058 (CC BY 4.0)

No image, label or clinical value of a patient is contained in or can be read from these files.
"""


def main():
    bundle, card_file, target = sys.argv[1:4]
    name = os.path.basename(target.rstrip("/"))
    with open(os.path.join(bundle, "model.json"), encoding="utf-8") as f:
        model = json.load(f)
    with open(card_file, encoding="utf-8") as f:
        card = json.load(f)
    os.makedirs(target, exist_ok=True)
    for entry in model["files"]:
        shutil.copy(os.path.join(bundle, entry["name"]), target)
    model["name"] = name
    model["card"] = card
    with open(os.path.join(target, "model.json"), "w", encoding="utf-8") as f:
        json.dump(model, f, indent=2, ensure_ascii=False)
        f.write("\n")
    with open(os.path.join(target, "LICENSE"), "w", encoding="utf-8") as f:
        f.write(LICENCE)
    payload = model["payload"]
    patch = f"as the segmentation network; patch {payload.get('patch_zyx')} at {payload['spacing_mm']} mm"
    settings = {k: v for k, v in payload["training"].items() if k != "data"}
    with open(os.path.join(target, "README.md"), "w", encoding="utf-8") as f:
        f.write(
            f"# {name}\n\n**Intended use:** research. Not a medical device, not clinically validated.\n\n"
            f"**Network:** {card['network']}\n\n**Trained on:** {card['trained_on']}\n\n"
            f"**Measured:** {card['measured']}\n\n**Limits:** {card['limits']}\n\n"
            f"**Settings of the last training:** `{json.dumps(settings)}`\n\n"
            f"**Input:** {', '.join(payload['channels'])}; {payload.get('preprocessing', patch)}.\n\n"
            "**Licence:** see LICENSE beside this file.\n"
        )
    print(f"{target}: {sum(os.path.getsize(os.path.join(target, e['name'])) for e in model['files']) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
