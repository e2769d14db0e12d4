#!/usr/bin/env python3
"""Writes libs/radiomics/src/wavelet_table.cpp: the decomposition filters of every discrete wavelet by PyWavelets' names (pip install PyWavelets). Usage: make_wavelet_table.py OUT.cpp"""

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
        "// Made by tests/reference/radiomics/make_wavelet_table.py from PyWavelets %s: decomposition filters.\n"
        % pywt.__version__
    )
    out.write(
        '#include "wavelet.hpp"\n\n#include <algorithm>\n#include <array>\n\nnamespace gliocast::radiomics {\nnamespace {\n\n// clang-format off\n'
    )
    out.write("constexpr std::array<double, %d> kCoefficients{\n" % len(values))
    for k in range(0, len(values), 8):
        out.write("    " + ", ".join(repr(float(v)) for v in values[k : k + 8]) + ",\n")
    out.write("};\n\nconstexpr std::array<Wavelet, %d> kWavelets{{\n" % len(rows))
    for name, first, length in sorted(rows):
        out.write('    {"%s", %d, %d},\n' % (name, first, length))
    out.write("}};\n// clang-format on\n\n}  // namespace\n\n")
    out.write(
        "std::span<const double> Wavelet::low() const { return std::span(kCoefficients).subspan(first, length); }\n"
    )
    out.write(
        "std::span<const double> Wavelet::high() const { return std::span(kCoefficients).subspan(first + length, length); }\n\n"
    )
    out.write(
        "const Wavelet* find_wavelet(std::string_view name) {\n  const auto found = std::ranges::find(kWavelets, name, &Wavelet::name);\n  return found == kWavelets.end() ? nullptr : &*found;\n}\n\n}  // namespace gliocast::radiomics\n"
    )
