# Random tables, elastic nets (linear, logistic, Cox) beside R's glmnet: coefficients, length of the path, and the
# objective, which must be no
# higher than glmnet's.
#   Rscript learn_trial.R BUILD [CASES] [SEED]
# Exits with 77 where glmnet is not installed.
arguments <- commandArgs(trailingOnly = TRUE)
if (!suppressWarnings(suppressPackageStartupMessages(require(glmnet, quietly = TRUE)))) {
  quit(status = 77)
}
cases <- if (length(arguments) > 1) as.integer(arguments[2]) else 100
seed <- if (length(arguments) > 2) as.integer(arguments[3]) else 1
folder <- tempfile()
dir.create(folder)

draw <- function(k) {
  set.seed(seed * 100003 + k)
  n <- sample(c(20, 50, 120, 300), 1)
  columns <- sample(c(2, 8, 40, 150), 1)
  correlation <- sample(c(0, 0.5, 0.9), 1)
  shared <- rnorm(n)
  z <- sqrt(correlation) * shared + sqrt(1 - correlation) * matrix(rnorm(n * columns), n)
  risk <- drop(z[, 1:min(5, columns), drop = FALSE] %*% rnorm(min(5, columns)))
  x <- t((t(z) + rnorm(columns)) * 10^runif(columns, -3, 4))
  if (runif(1) < 0.1) {
    x[, 2] <- 3
  }
  if (runif(1) < 0.1) {
    x[, 2] <- round(z[, 2])
  }
  family <- sample(c("gaussian", "binomial", "cox"), 1, prob = c(0.3, 0.45, 0.25))
  status <- rep(0, n)
  if (family == "gaussian") {
    y <- 10^runif(1, -2, 3) * (risk + rnorm(n))
  } else if (family == "binomial") {
    y <- rbinom(n, 1, plogis(risk))
    if (length(unique(y)) < 2) {
      y[1:2] <- 0:1
    }
  } else {
    # In whole units there are ties.
    death <- rexp(n, exp(risk / max(1, sd(risk))))
    y <- pmin(death, rexp(n, 0.5))
    status <- as.numeric(death <= y)
    y <- round(100 * y, sample(0:2, 1)) + 1
    status[1:3] <- 1
  }
  factors <- rep(1, columns)
  if (runif(1) < 0.25) {
    factors <- runif(columns, 0.2, 3)
  }
  list(
    x = x,
    y = y,
    status = status,
    family = family,
    alpha = sample(c(1, 1, 0.5, 0.1), 1),
    weights = if (runif(1) < 0.3) runif(n, 0.2, 3),
    factors = factors
  )
}
save_case <- function(k, d) {
  family <- match(d$family, c("gaussian", "binomial", "cox")) - 1
  head <- c(dim(d$x), family, d$alpha, !is.null(d$weights))
  weights <- if (is.null(d$weights)) rep(1, nrow(d$x)) else d$weights
  writeBin(as.double(c(head, d$y, d$status, weights, d$factors, d$x)), file.path(folder, paste0(k, ".bin")))
}
# Of coefficients of the columns as they came, with a0 first.
objective <- function(d, lambda, b) {
  w <- if (is.null(d$weights)) rep(1, nrow(d$x)) else d$weights
  w <- w / sum(w)
  centred <- t(t(d$x) - colSums(d$x * w))
  standard <- b[-1] * sqrt(colSums(centred^2 * w))
  f <- d$factors / mean(d$factors)
  eta <- drop(d$x %*% b[-1]) + b[1]
  s <- 1
  if (d$family == "cox") {
    loss <- 0
    for (at in unique(d$y[d$status == 1])) {
      dies <- d$status == 1 & d$y == at
      loss <- loss + sum(w[dies]) * log(sum((w * exp(eta))[d$y >= at])) - sum((w * eta)[dies])
    }
  } else if (d$family == "binomial") {
    loss <- sum(w * (log1p(exp(-abs(eta))) + pmax(eta, 0) - d$y * eta))
  } else {
    loss <- sum(w * (d$y - eta)^2) / 2
    s <- sqrt(sum(w * (d$y - sum(w * d$y))^2))
  }
  loss + lambda * sum(f * ((1 - d$alpha) / 2 * standard^2 / s + d$alpha * abs(standard)))
}

drawn <- lapply(seq_len(cases), draw)
for (k in seq_len(cases)) {
  save_case(k, drawn[[k]])
}
if (system2(file.path(arguments[1], "bin", "learn_trial"), folder) != 0) {
  quit(status = 1)
}
failures <- 0
worst <- c(objective = -Inf, eta = 0)
for (k in seq_len(cases)) {
  d <- drawn[[k]]
  columns <- ncol(d$x)
  ours <- matrix(readBin(file.path(folder, paste0(k, "_path.bin")), "double", 1e7), columns + 3)
  theirs <- suppressWarnings(glmnet(
    d$x,
    if (d$family == "cox") cbind(time = d$y, status = d$status) else d$y,
    d$family,
    alpha = d$alpha,
    weights = d$weights,
    penalty.factor = d$factors,
    thresh = if (d$family == "cox") 1e-12 else 1e-14,
    maxit = 1e6
  ))
  problems <- character()
  shared <- min(ncol(ours), length(theirs$lambda))
  # Where a step of the path explains about 1e-5 more, or glmnet did not converge, either may end first.
  last <- theirs$dev.ratio[shared]
  if (ncol(ours) != length(theirs$lambda) && theirs$jerr == 0) {
    if (d$family == "cox") {
      near <- abs(last - 0.99) < 1e-3 || abs((last - ours[2, max(1, shared - 4)]) / (1e-3 * last) - 1) < 0.1
    } else {
      change <- abs(diff(ours[2, pmax(1, shared - 1:0)]))
      near <- abs(last - 0.999) < 1e-4 || abs(change / 1e-5 - 1) < 0.1
    }
    if (!near) {
      problems <- c(problems, sprintf("%d fits, glmnet has %d", ncol(ours), length(theirs$lambda)))
    }
  }
  for (m in unique(round(seq(1, shared, length.out = 12)))) {
    b <- c(if (d$family == "cox") 0 else theirs$a0[m], theirs$beta[, m])
    lambda <- ours[1, m]
    least <- objective(d, lambda, b)
    higher <- (objective(d, lambda, ours[-(1:2), m]) - least) / max(abs(least), 1e-3)
    eta <- drop(d$x %*% (ours[-(1:3), m] - b[-1])) + ours[3, m] - b[1]
    off <- max(abs(eta)) / max(1e-3, sd(drop(d$x %*% b[-1])))
    worst <- pmax(worst, c(higher, off))
    if (higher > 1e-9) {
      problems <- c(problems, sprintf("objective %.1e higher at %d", higher, m))
    }
    # glmnet's Cox paths end with coarser steps.
    if (off > if (d$family == "cox") 1e-2 else 1e-3) {
      problems <- c(problems, sprintf("linear predictors %.1e apart at %d", off, m))
    }
  }
  if (length(problems) > 0) {
    failures <- failures + 1
    cat(sprintf(
      "case %d (%d x %d, %s, alpha %g): %s\n",
      k,
      nrow(d$x),
      columns,
      d$family,
      d$alpha,
      paste(head(problems, 3), collapse = "; ")
    ))
  }
}
unlink(folder, recursive = TRUE)
cat(sprintf(
  "%d cases, %d differ; objective at most %.1e above glmnet's, linear predictors %.1e sd apart\n",
  cases,
  failures,
  worst[["objective"]],
  worst[["eta"]]
))
quit(status = if (failures > 0) 1 else 0)
