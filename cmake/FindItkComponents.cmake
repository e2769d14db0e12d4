# ITK by named components only: all of it would pull in FFTW (GPL). What reads DICOM is dicom's own.
find_package(ITK 5.2 REQUIRED COMPONENTS
             ITKCommon ITKImageGrid ITKImageFunction ITKDistanceMap ITKSmoothing ITKBiasCorrection
             ITKMetricsv4 ITKOptimizersv4 ITKTransform)
