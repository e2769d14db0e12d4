"""gliocast: radiomics with PyRadiomics' parameters, names and numbers.

from gliocast import featureextractor
extractor = featureextractor.RadiomicsFeatureExtractor("Params.yaml")
result = extractor.execute("image.nrrd", "mask.nrrd")
"""

from . import featureextractor
from ._radiomics import __version__
from .featureextractor import Image, RadiomicsFeatureExtractor, getTestCase

__all__ = ["Image", "RadiomicsFeatureExtractor", "__version__", "featureextractor", "getTestCase"]
