# What R's glmnet and survival make of the tables of signature_trial.py. Usage: signature_trial.R CASES.json OUT.json
suppressPackageStartupMessages({
  library(glmnet)
  library(survival)
  library(jsonlite)
})
arguments <- commandArgs(trailingOnly = TRUE)
glmnet.control(epsnr = 1e-15, mxitnr = 2000)
population <- function(x) sqrt(colMeans(sweep(x, 2, colMeans(x))^2))
cases <- fromJSON(arguments[1], simplifyVector = FALSE)
results <- lapply(cases, function(case) {
  t <- read.csv(case$table, check.names = FALSE)
  x <- as.matrix(t[, unlist(case$features)])
  # Missing cells: the median, before the z-score, whose mean and standard deviation are of the cells that are there.
  z <- sapply(seq_len(ncol(x)), function(c) {
    known <- x[!is.na(x[, c]), c]
    filled <- ifelse(is.na(x[, c]), median(known), x[, c])
    (filled - mean(known)) / sqrt(mean((known - mean(known))^2))
  })
  y <- if (case$target == "cox") Surv(t$time, t$event) else log(t$time)
  family <- if (case$target == "cox") "cox" else "gaussian"
  fit <- function(...) {
    glmnet(z, y, family = family, alpha = case$alpha, standardize = TRUE, thresh = 1e-20, maxit = 1e7, ...)
  }
  path <- fit()
  b <- as.matrix(coef(fit(lambda = c(path$lambda[path$lambda > case$lambda], case$lambda))))
  b <- b[, ncol(b)]
  b <- if (case$target == "cox") -b else b[-1]
  signature <- drop(z %*% b)
  list(weights = unname(b), cut = unbox(median(signature)), signature = signature)
})
writeLines(toJSON(results, digits = 15), arguments[2])
