# What R's glmnet and survival make of the tables of signature_trial.py. Usage: signature_trial.R CASES.json OUT.json
suppressPackageStartupMessages({
  library(glmnet)
  library(survival)
  library(jsonlite)
})
arguments <- commandArgs(trailingOnly = TRUE)
glmnet.control(epsnr = 1e-15, mxitnr = 2000)
population <- function(x) sqrt(colMeans(sweep(x, 2, colMeans(x))^2))
# With ties the program takes Efron's likelihood, glmnet Breslow's: from glmnet's solution on by proximal gradients
# (Beck & Teboulle 2009) with coxph's martingale residuals, until nothing moves.
efron <- function(b, z, t, lambda, alpha) {
  scale <- population(z) # filled cells leave less than 1, and glmnet penalises columns with 1
  z <- sweep(z, 2, scale, "/")
  b <- b * scale
  step <- 1 / (4 * max(eigen(crossprod(z) / nrow(z), TRUE, TRUE)$values))
  ahead <- b
  momentum <- 1
  for (i in 1:3000) {
    eta <- drop(z %*% ahead)
    residuals <- residuals(coxph(Surv(t$time, t$event) ~ offset(eta), ties = "efron"), "martingale")
    moved <- ahead + step * drop(crossprod(z, residuals)) / nrow(z)
    new <- sign(moved) * pmax(abs(moved) - step * lambda * alpha, 0) / (1 + step * lambda * (1 - alpha))
    if (max(abs(new - b)) < 1e-9 && i > 5) {
      break
    }
    next_momentum <- if (sum((ahead - new) * (new - b)) > 0) 1 else (1 + sqrt(1 + 4 * momentum^2)) / 2
    ahead <- new + (momentum - 1) / next_momentum * (new - b)
    momentum <- next_momentum
    b <- new
  }
  b / scale
}
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
  # Descending to it: a separated table's own path may not end.
  b <- as.matrix(coef(fit(lambda = c(100, 30, 10, 5, 3, 2, 1.5, 1.2, 1) * case$lambda)))
  b <- b[, ncol(b)]
  if (case$target == "cox" && anyDuplicated(t$time[t$event == 1])) {
    b <- efron(b, z, t, case$lambda, case$alpha)
  }
  b <- if (case$target == "cox") -b else b[-1]
  signature <- drop(z %*% b)
  list(weights = unname(b), cut = unbox(median(signature)), signature = signature)
})
writeLines(toJSON(results, digits = 15), arguments[2])
