# How far the coefficients of penalised_trial.py are from an optimum: by the objective beside glmnet's (Breslow ties),
# and by the slope of the objective, from the residuals of coxph with the linear predictor as its offset (both ties).
#   penalised_trial.R CASES.json OUT.json
suppressPackageStartupMessages({
  library(glmnet)
  library(survival)
  library(jsonlite)
})
arguments <- commandArgs(trailingOnly = TRUE)
glmnet.control(epsnr = 1e-14, mxitnr = 2000)
judge <- function(case) {
  t <- read.csv(case$table)
  uses <- function(what) what %in% unlist(case$use)
  x <- as.matrix(t[, unlist(case$columns)])
  p <- ncol(x)
  w <- if (uses("weights")) t$weights else rep(1, nrow(t))
  offset <- if (uses("offset")) t$offset else rep(0, nrow(t))
  stratum <- if (uses("strata")) t$strata else rep("a", nrow(t))
  y <- if (uses("entry")) Surv(t$entry, t$time, t$event) else Surv(t$time, t$event)
  centre <- colSums(x * w) / sum(w)
  scale <- sqrt(colSums(t(t(x) - centre)^2 * w) / sum(w))
  z <- t((t(x) - centre) / scale)
  factors <- rep(1, p)
  names(factors) <- colnames(x)
  for (name in names(case$factors)) {
    factors[name] <- case$factors[[name]]
  }
  of_glmnet <- if (uses("strata")) stratifySurv(y, stratum) else y
  net <- function(...) {
    tryCatch(
      glmnet(z, of_glmnet, family = "cox", weights = w, offset = offset, standardize = FALSE, maxit = 1e6, ...),
      error = function(e) NULL,
      warning = function(w) NULL
    )
  }
  if (case$adaptive) {
    # glmnet takes the factors' mean as 1, and so does the program.
    ridge <- net(alpha = 0, lambda = c(30, 10, 3, 1) * case$ridge_lambda, penalty.factor = factors, thresh = 1e-18)
    factors <- factors / abs(ridge$beta[, 4])
  }
  f <- factors / mean(factors)
  likelihood <- function(b) {
    eta <- drop(z %*% b) + offset
    fit <- coxph(y ~ offset(eta) + strata(stratum), weights = w, ties = case$ties)
    list(value = fit$loglik[1], slope = drop(crossprod(z, w * residuals(fit, "martingale"))) / sum(w))
  }
  objective <- function(b) {
    penalty <- sum(f * ((1 - case$alpha) / 2 * b^2 + case$alpha * abs(b)))
    -likelihood(b)$value / sum(w) + case$lambda * penalty
  }
  ours <- rep(0, p)
  names(ours) <- colnames(x)
  ours[names(case$found)] <- unlist(case$found)
  ours <- ours * scale
  above <- NA
  if (case$ties == "breslow") {
    theirs <- net(
      alpha = case$alpha,
      lambda = c(100, 30, 10, 3, 1) * case$lambda,
      penalty.factor = factors,
      thresh = 1e-18
    )
    if (!is.null(theirs) && ncol(theirs$beta) == 5) {
      above <- objective(ours) - objective(theirs$beta[, 5])
    }
  }
  slope <- -likelihood(ours)$slope + case$lambda * f * (1 - case$alpha) * ours
  bound <- case$lambda * f * case$alpha
  off <- ifelse(ours != 0, abs(slope + bound * sign(ours)), pmax(0, abs(slope) - bound))
  list(above = unbox(above), slope = unbox(max(off)))
}
cases <- fromJSON(arguments[1], simplifyVector = FALSE)
writeLines(toJSON(lapply(cases, judge), digits = 15, na = "null"), arguments[2])
