# Times R's glmnet on the tables of bench_learn, in one run with it, and prints the ratios of processor time; and
# how far each path is above the least objective known: bench_learn's at a tolerance of 1e-16.
#   Rscript bench/learn_peer.R build/bin/bench_learn FOLDER [linear|logistic|cox]
suppressPackageStartupMessages(library(glmnet))
arguments <- commandArgs(trailingOnly = TRUE)
ours <- read.delim(
  text = system2(arguments[1], arguments[-1], stdout = TRUE),
  header = FALSE,
  col.names = c("family", "n", "columns", "rho", "seconds")
)
# A Cox path takes seconds; the others are timed by fives.
middle <- function(f, times = 5) {
  median(replicate(if (times > 1) 7 else 3, {
    gc(FALSE)
    time <- system.time(
      for (i in seq_len(times)) {
        f()
      }
    )
    (time[["user.self"]] + time[["sys.self"]]) / times
  }))
}
# Objectives at the coefficients b of the columns as they came, in each family's terms.
objective <- function(family, x, y, lambda, intercept, b) {
  n <- nrow(x)
  penalty <- lambda * sum(abs(b) * sqrt(colMeans(x^2) - colMeans(x)^2))
  eta <- drop(x %*% b) + intercept
  if (family == "linear") {
    mean((y - eta)^2) / 2 + penalty
  } else if (family == "cox") {
    o <- order(-y[, 1])
    loglik <- sum(y[o, 2] * (eta[o] - log(cumsum(exp(eta[o])))))
    -loglik / n + penalty
  } else {
    mean(log1p(exp(-abs(eta))) + pmax(eta, 0) - y * eta) + penalty
  }
}
cat(sprintf(
  "%-9s %5s %8s %5s %9s %11s %6s %14s %14s\n",
  "family",
  "n",
  "columns",
  "rho",
  "R, s",
  "gliocast, s",
  "ratio",
  "R above best",
  "ours above best"
))
for (k in seq_len(nrow(ours))) {
  o <- ours[k, ]
  stem <- file.path(arguments[2], sprintf("%d_%d", o$n, round(100 * o$rho)))
  v <- matrix(readBin(paste0(stem, ".bin"), "double", o$n * (o$columns + 4)), o$n)
  y <- list(linear = v[, 1], logistic = v[, 2], cox = cbind(time = v[, 3], status = v[, 4]))[[o$family]]
  x <- v[, -(1:4)]
  family <- c(linear = "gaussian", logistic = "binomial", cox = "cox")[[o$family]]
  r <- middle(function() glmnet(x, y, family), if (family == "cox") 1 else 5)
  read <- function(name) matrix(readBin(paste0(stem, "_", o$family, name), "double", 1e7), o$columns + 2)
  path <- read(".bin")
  best <- read("_best.bin")
  theirs <- glmnet(x, y, family)
  at <- seq(1, min(length(theirs$lambda), ncol(path), ncol(best)), by = 7)
  least <- sapply(at, function(m) objective(o$family, x, y, path[1, m], best[2, m], best[-(1:2), m]))
  above <- function(a0, beta) {
    a0 <- if (is.null(a0)) numeric(ncol(beta)) else a0
    max(sapply(seq_along(at), function(i) {
      objective(o$family, x, y, path[1, at[i]], a0[at[i]], beta[, at[i]]) / least[i] - 1
    }))
  }
  cat(sprintf(
    "%-9s %5d %8d %5.1f %9.4f %11.4f %6.1f %14.1e %14.1e\n",
    o$family,
    o$n,
    o$columns,
    o$rho,
    r,
    o$seconds,
    r / o$seconds,
    above(theirs$a0, theirs$beta),
    above(path[2, ], path[-(1:2), ])
  ))
}
