# Writes signature.json: what R's glmnet (4.1-6 in Debian 12) and survival make of the chain z-scores → elastic net →
# weighted sum → median cut → Cox model of the held-out signature, at a given λ and with every column a candidate.
#   Rscript signature.R signature.json
# The fold of each row is as folds_by_event() deals patients p1, p2, … by their events with seed 7: the test looks at
# that. Needs r-cran-glmnet, r-cran-survival, r-cran-jsonlite.
suppressPackageStartupMessages({
  library(glmnet)
  library(survival)
  library(jsonlite)
})
arguments <- commandArgs(trailingOnly = TRUE)
set.seed(3)
glmnet.control(epsnr = 1e-15, mxitnr = 2000)
n <- 120
columns <- 8
shared <- rnorm(n)
z <- sqrt(0.3) * shared + sqrt(0.7) * matrix(rnorm(n * columns), n)
death <- rexp(n, 0.03 * exp(drop(z[, 1:3] %*% c(0.8, -0.9, 0.5))))
end <- pmin(death, rexp(n, 0.02), 70)
# No two times are equal: glmnet has Breslow's ties, the chain Efron's.
time <- round(end, 3) + (seq_len(n) - 1) * 1e-6
event <- as.integer(death <= end)
x <- signif(t(t(z + 1) * 10^seq(-2, 3, length.out = columns)), 6)
fold <- c(
  4,
  4,
  1,
  2,
  1,
  2,
  0,
  0,
  3,
  0,
  0,
  1,
  1,
  4,
  1,
  3,
  0,
  2,
  0,
  0,
  4,
  3,
  1,
  4,
  2,
  2,
  1,
  2,
  0,
  3,
  0,
  2,
  0,
  4,
  1,
  0,
  1,
  0,
  1,
  3,
  2,
  1,
  1,
  2,
  3,
  3,
  1,
  4,
  1,
  0,
  3,
  0,
  3,
  3,
  3,
  1,
  3,
  3,
  2,
  1,
  4,
  0,
  2,
  4,
  1,
  0,
  2,
  4,
  2,
  0,
  4,
  2,
  0,
  1,
  4,
  1,
  0,
  0,
  4,
  4,
  3,
  4,
  2,
  3,
  2,
  4,
  4,
  3,
  2,
  4,
  3,
  3,
  0,
  2,
  4,
  1,
  3,
  0,
  0,
  3,
  2,
  3,
  2,
  4,
  2,
  0,
  4,
  4,
  3,
  1,
  3,
  2,
  1,
  4,
  1,
  1,
  4,
  2,
  2,
  3
)
population <- function(x) sqrt(colMeans(sweep(x, 2, colMeans(x))^2))

# A path down to λ, so that each solution starts near.
descend <- function(fit, lambda) c(fit$lambda[fit$lambda > lambda], lambda)
fit_chain <- function(target, rows, alpha, lambda) {
  centre <- colMeans(x[rows, ])
  scale <- population(x[rows, ])
  standard <- function(new) sweep(sweep(new, 2, centre), 2, scale, "/")
  y <- if (target == "cox") Surv(time[rows], event[rows]) else log(time[rows])
  family <- if (target == "cox") "cox" else "gaussian"
  first <- glmnet(standard(x[rows, ]), y, family = family, alpha = alpha, thresh = 1e-20, maxit = 1e7)
  fit <- glmnet(
    standard(x[rows, ]),
    y,
    family = family,
    alpha = alpha,
    lambda = descend(first, lambda),
    thresh = 1e-20,
    maxit = 1e7
  )
  b <- as.matrix(coef(fit))[, ncol(coef(fit))]
  b <- if (target == "cox") -b else b[-1]
  of <- function(new) drop(standard(new) %*% b)
  list(weights = unname(b), of = of, cut = median(of(x[rows, ])))
}

times <- c(6, 12, 30, 60)
cases <- lapply(list(c("cox", 0.5, 0.05), c("cox", 1, 0.08), c("time", 0.75, 0.12)), function(settings) {
  target <- settings[1]
  alpha <- as.numeric(settings[2])
  lambda <- as.numeric(settings[3])
  model <- fit_chain(target, seq_len(n), alpha, lambda)
  held_out <- high <- rep(NA, n)
  for (f in unique(fold)) {
    inner <- fit_chain(target, which(fold != f), alpha, lambda)
    held_out[fold == f] <- inner$of(x[fold == f, ])
    high[fold == f] <- held_out[fold == f] < inner$cut
  }
  signature <- model$of(x)
  cox <- coxph(Surv(time, event) ~ signature, data.frame(time, event, signature = held_out), x = TRUE)
  curve <- summary(survfit(cox, newdata = data.frame(signature = signature[1:5])), times = times)
  agreement <- concordance(Surv(time, event) ~ held_out)
  list(
    target = unbox(target),
    alpha = unbox(alpha),
    lambda = unbox(lambda),
    weights = model$weights,
    cut = unbox(model$cut),
    signature = signature,
    high = as.integer(signature < model$cut),
    held_out = held_out,
    held_out_high = as.integer(high),
    coefficient = unbox(unname(coef(cox))),
    se = unbox(sqrt(vcov(cox)[1, 1])),
    concordance = unbox(unname(agreement$concordance)),
    concordance_se = unbox(sqrt(agreement$var)),
    log_rank = unbox(survdiff(Surv(time, event) ~ high)$chisq),
    survival = unname(curve$surv),
    lower = unname(curve$lower),
    upper = unname(curve$upper)
  )
})
writeLines(
  toJSON(
    list(
      about = unbox("glmnet, survival; written by signature.R"),
      seed = unbox(7),
      times = times,
      time = time,
      event = event,
      fold = fold,
      columns = lapply(seq_len(columns), function(c) x[, c]),
      cases = cases
    ),
    digits = 15
  ),
  arguments[1]
)
