from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

Grid = tuple[
    tuple[float, float, float],
    tuple[float, float, float],
    tuple[float, float, float, float, float, float, float, float, float],
]

Kind = tuple[str, float, float, int]
Array = NDArray[Any]

__version__: str

def extract(
    image: Array,
    image_grid: Grid,
    kind: Kind,
    mask: Array,
    mask_grid: Grid,
    parameters: str,
    versions: str,
    image_hash: str,
    threads: int,
) -> tuple[list[tuple[str, float]], str, list[str]]: ...
def extract_maps(
    image: Array, image_grid: Grid, kind: Kind, mask: Array, mask_grid: Grid, parameters: str, threads: int
) -> tuple[list[tuple[str, NDArray[np.float64], Grid]], list[str]]: ...
def find_labels(mask: NDArray[Any], label: int) -> tuple[NDArray[np.uint32], str]: ...
def read_image(path: PathLike[str] | str, channel: int | None = None) -> tuple[Array, Grid, int, list[str]]: ...
def setting_names() -> list[str]: ...
def parameter_warnings(json: str) -> list[str]: ...
def read_parameters(path: PathLike[str] | str) -> str: ...
def parse_parameters(json: str) -> str: ...
def parse_parameter_text(text: str) -> str: ...
def preset(name: str) -> str: ...
def feature_names(feature_class: str) -> list[str]: ...
