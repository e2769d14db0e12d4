#!/usr/bin/env python3
"""Writes libs/radiomics/src/wavelet_table.cpp: the decomposition filters of every discrete wavelet by PyWavelets' names
(pip install PyWavelets). Usage: make_wavelet_table.py OUT.cpp"""

import sys

import pywt

names = pywt.wavelist(kind="discrete")
values, rows = [], []
for name in names:
    w = pywt.Wavelet(name)
    assert len(w.dec_lo) == len(w.dec_hi)
    rows.append((name, len(values), len(w.dec_lo)))
    values += list(w.dec_lo) + list(w.dec_hi)
with open(sys.argv[1], "w") as out:
    out.write(
        f"// Made by tests/reference/radiomics/make_wavelet_table.py from PyWavelets {pywt.__version__}: "
        "decomposition filters.\n"
    )
    out.write(
        '#include "wavelet.hpp"\n\n#include <algorithm>\n#include <array>\n\n'
        "namespace gliocast::radiomics {\nnamespace {\n\n// clang-format off\n"
    )
    out.write(f"constexpr std::array<double, {len(values)}> kCoefficients{{\n")
    for k in range(0, len(values), 8):
        out.write("    " + ", ".join(repr(float(v)) for v in values[k : k + 8]) + ",\n")
    out.write(f"}};\n\nconstexpr std::array<Wavelet, {len(rows)}> kWavelets{{{{\n")
    for name, first, length in sorted(rows):
        out.write(f'    {{"{name}", {first}, {length}}},\n')
    out.write("}};\n// clang-format on\n\n}  // namespace\n\n")
    out.write(
        "std::span<const double> Wavelet::low() const { return std::span(kCoefficients).subspan(first, length); }\n"
    )
    out.write(
        "std::span<const double> Wavelet::high() const "
        "{ return std::span(kCoefficients).subspan(first + length, length); }\n\n"
    )
    out.write(
        "const Wavelet* find_wavelet(std::string_view name) {\n"
        "  const auto found = std::ranges::find(kWavelets, name, &Wavelet::name);\n"
        "  return found == kWavelets.end() ? nullptr : &*found;\n}\n\n}  // namespace gliocast::radiomics\n"
    )
