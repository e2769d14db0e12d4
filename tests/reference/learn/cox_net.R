# Writes cox_net.json: penalised Cox models by R's glmnet (4.1-6 in Debian 12, Breslow ties) along paths, with
# cross-validation; with Efron ties by survival::coxph with a ridge and, for the lasso, by Newton's method on the
# coefficients that are not 0, whose optimality is checked. The file holds the simulated tables.
#   Rscript cox_net.R cox_net.json
# Needs r-cran-glmnet, r-cran-survival, r-cran-jsonlite.
suppressPackageStartupMessages({
  library(glmnet)
  library(survival)
  library(jsonlite)
})
arguments <- commandArgs(trailingOnly = TRUE)
set.seed(11)
glmnet.control(epsnr = 1e-15, mxitnr = 2000)
simulate <- function(n, columns, correlation, digits) {
  shared <- rnorm(n)
  z <- sqrt(correlation) * shared + sqrt(1 - correlation) * matrix(rnorm(n * columns), n)
  risk <- drop(z %*% c(0.7, -0.9, 0.5, rep(0, columns - 3)))
  death <- rexp(n, 0.05 * exp(risk))
  end <- pmin(death, rexp(n, 0.03), 60)
  time <- pmax(round(end, digits), 10^-digits)
  scale <- 10^seq(-3, 4, length.out = columns)
  list(
    x = signif(t(t(z + 1) * scale), 5),
    time = time,
    event = as.integer(death <= end),
    entry = round(time * ifelse(runif(n) < 0.5, 0, runif(n, 0, 0.8)), digits + 1),
    weights = round(runif(n, 0.2, 3), 2),
    offset = round(rnorm(n, 0, 0.5), 2),
    strata = sample(0:2, n, TRUE),
    foldid = sample(rep(1:5, length.out = n))
  )
}
# Whole units: many ties.
tables <- list(tall = simulate(120, 8, 0.5, 2), tied = simulate(120, 8, 0.5, 0), wide = simulate(60, 90, 0.4, 2))

one <- function(x) unbox(unname(x))
# As cv.glmnet, with the weights as they are: cv.glmnet scales those of all rows and those of the rows outside a fold to
# a mean of 1 each, so that the two likelihoods whose difference it takes are of other weights.
weighted_cv <- function(call, t, grouped) {
  deviance <- function(rows, beta) {
    glmnet:::coxnet.deviance(
      x = t$x[rows, ],
      y = call$y[rows, ],
      weights = t$weights[rows],
      beta = beta,
      std.weights = FALSE
    )
  }
  raw <- t(sapply(1:5, function(k) {
    inside <- t$foldid == k
    part <- call
    part$x <- t$x[!inside, ]
    part$y <- call$y[!inside, ]
    part$weights <- t$weights[!inside]
    beta <- as.matrix(do.call(glmnet, part)$beta)
    stopifnot(ncol(beta) == length(call$lambda))
    of_fold <- if (grouped) deviance(rep(TRUE, nrow(t$x)), beta) - deviance(!inside, beta) else deviance(inside, beta)
    of_fold / sum((t$weights * t$event)[inside])
  }))
  w <- sapply(1:5, function(k) sum((t$weights * t$event)[t$foldid == k]))
  mean <- apply(raw, 2, weighted.mean, w = w)
  error <- sqrt(apply(t(t(raw) - mean)^2, 2, weighted.mean, w = w) / 4)
  best <- which.min(mean)
  list(
    cvm = mean,
    cvsd = error,
    lambda.min = call$lambda[best],
    lambda.1se = max(call$lambda[mean <= mean[best] + error[best]])
  )
}
cases <- list()
add <- function(name, table, alpha = 1, use = character(), penalties = NULL, cv = NULL, lambda = NULL, least = NULL) {
  t <- tables[[table]]
  y <- if ("entry" %in% use) Surv(t$entry, t$time, t$event) else Surv(t$time, t$event)
  if ("strata" %in% use) {
    y <- stratifySurv(y, t$strata)
  }
  call <- list(x = t$x, y = y, family = "cox", alpha = alpha, maxit = 1e7, lambda = lambda)
  call$lambda.min.ratio <- least
  call$thresh <- if (any(c("entry", "strata") %in% use)) 1e-16 else 1e-18
  if ("weights" %in% use) {
    call$weights <- t$weights
  }
  if ("offset" %in% use) {
    call$offset <- t$offset
  }
  if (!is.null(penalties)) {
    call$penalty.factor <- penalties
  }
  f <- do.call(glmnet, call)
  stopifnot(f$jerr == 0)
  at <- unique(round(seq(1, length(f$lambda), length.out = 7)))
  expected <- list(
    lambda = f$lambda,
    deviance_ratio = f$dev.ratio,
    at = at - 1,
    coefficients = lapply(at, function(m) unname(f$beta[, m]))
  )
  if (!is.null(cv)) {
    call$lambda <- f$lambda # else each fold has λs of its own, and its predictions are interpolated
    grouped <- cv == "partial_likelihood"
    k <- if ("weights" %in% use) {
      weighted_cv(call, t, grouped)
    } else {
      do.call(cv.glmnet, c(call, list(foldid = t$foldid, grouped = grouped)))
    }
    expected$cv <- list(
      mean = unname(k$cvm),
      error = unname(k$cvsd),
      best = one(k$lambda.min),
      within_error = one(k$lambda.1se)
    )
  }
  cases[[length(cases) + 1]] <<- list(
    name = one(name),
    table = one(table),
    ties = one("breslow"),
    alpha = one(alpha),
    use = use,
    penalties = if (is.null(penalties)) numeric() else ifelse(is.infinite(penalties), 1e300, penalties),
    own_path = one(is.null(lambda)),
    least_ratio = one(if (is.null(least)) 0 else least),
    measure = if (is.null(cv)) one("") else one(cv),
    expected = expected
  )
}
add("lasso", "tall", cv = "partial_likelihood")
add("lasso, deviance of the folds", "tall", cv = "deviance")
add("lasso, ties", "tied", cv = "partial_likelihood")
add("elastic net, wide", "wide", alpha = 0.5, cv = "partial_likelihood", least = 0.1)
add("lasso, wide", "wide", least = 0.1)
add("ridge", "tall", alpha = 0)
add("near ridge, ties", "tied", alpha = 0.1)
add("weights", "tied", use = "weights", cv = "partial_likelihood")
add("weights, deviance of the folds", "tall", alpha = 0.5, use = "weights", cv = "deviance")
add("offset", "tied", alpha = 0.7, use = "offset")
add("strata", "tied", use = "strata", cv = "partial_likelihood")
add("entry times", "tied", use = "entry", cv = "partial_likelihood")
add("entry times, strata, weights, offset", "tied", alpha = 0.6, use = c("entry", "strata", "weights", "offset"))
add("adaptive weights", "tall", penalties = c(0.3, 1, 2, 0.5, 3, 1.5, 0.8, 1))
add("not penalised, left out", "tall", penalties = c(0, 1, 1, 1, Inf, 1, 1, 1), lambda = c(0.1, 0.05, 0.01))
add("ridge, wide", "wide", alpha = 0, lambda = c(10, 1, 0.1))

# Efron's partial likelihood of standard columns with its derivatives.
efron <- function(b, z, t, use) {
  n <- nrow(z)
  w <- if ("weights" %in% use) t$weights else rep(1, n)
  s <- if ("strata" %in% use) t$strata else rep(0, n)
  entry <- if ("entry" %in% use) t$entry else rep(-Inf, n)
  eta <- drop(z %*% b) + if ("offset" %in% use) t$offset else 0
  r <- w * exp(eta)
  value <- 0
  gradient <- numeric(ncol(z))
  information <- matrix(0, ncol(z), ncol(z))
  for (k in unique(s)) {
    for (at in unique(t$time[t$event == 1 & s == k])) {
      dies <- which(t$event == 1 & s == k & t$time == at)
      risk <- which(s == k & t$time >= at & entry < at)
      d <- length(dies)
      value <- value + sum(w[dies] * eta[dies])
      gradient <- gradient + colSums(w[dies] * z[dies, , drop = FALSE])
      for (l in seq_len(d) - 1) {
        q <- r[risk] * ifelse(risk %in% dies, 1 - l / d, 1)
        m <- colSums(q * z[risk, , drop = FALSE]) / sum(q)
        value <- value - sum(w[dies]) / d * log(sum(q))
        gradient <- gradient - sum(w[dies]) / d * m
        information <- information +
          sum(w[dies]) / d * (crossprod(sqrt(q) * z[risk, , drop = FALSE]) / sum(q) - tcrossprod(m))
      }
    }
  }
  list(value = value / sum(w), gradient = gradient / sum(w), information = information / sum(w))
}
add_efron <- function(name, table, alpha, lambda, use = character()) {
  t <- tables[[table]]
  w <- if ("weights" %in% use) t$weights else rep(1, length(t$time))
  centre <- colSums(t$x * w) / sum(w)
  scale <- sqrt(colSums(t(t(t$x) - centre)^2 * w) / sum(w))
  z <- t((t(t$x) - centre) / scale)
  solution <- lapply(lambda, function(l) {
    objective <- function(uv) {
      b <- uv[1:ncol(z)] - uv[-(1:ncol(z))]
      -efron(b, z, t, use)$value + l * (alpha * sum(uv) + (1 - alpha) / 2 * sum(b^2))
    }
    slope <- function(uv) {
      b <- uv[1:ncol(z)] - uv[-(1:ncol(z))]
      g <- -efron(b, z, t, use)$gradient + l * (1 - alpha) * b
      c(g + l * alpha, -g + l * alpha)
    }
    start <- optim(
      rep(0, 2 * ncol(z)),
      objective,
      slope,
      method = "L-BFGS-B",
      lower = 0,
      control = list(maxit = 5000, factr = 10)
    )
    b <- start$par[1:ncol(z)] - start$par[-(1:ncol(z))]
    b[abs(b) < 1e-5] <- 0
    used <- b != 0
    for (i in 1:20) {
      e <- efron(b, z, t, use)
      g <- e$gradient - l * (1 - alpha) * b - l * alpha * sign(b)
      h <- e$information + diag(l * (1 - alpha), ncol(z))
      if (any(used)) {
        b[used] <- b[used] + solve(h[used, used, drop = FALSE], g[used])
      }
    }
    e <- efron(b, z, t, use)
    g <- e$gradient - l * (1 - alpha) * b
    stopifnot(abs(g[used] - l * alpha * sign(b[used])) < 1e-10, abs(g[!used]) <= l * alpha + 1e-10)
    if (alpha == 0 && !any(c("entry", "strata", "offset") %in% use)) {
      # As coxph has it with a ridge.
      theta <- l * sum(w)
      fit <- coxph(
        Surv(t$time, t$event) ~ ridge(z, theta = theta, scale = FALSE),
        weights = w,
        control = coxph.control(eps = 1e-13, iter.max = 50)
      )
      stopifnot(max(abs(coef(fit) - b)) < 1e-7)
    }
    b / scale
  })
  cases[[length(cases) + 1]] <<- list(
    name = one(name),
    table = one(table),
    ties = one("efron"),
    alpha = one(alpha),
    use = use,
    penalties = numeric(),
    own_path = one(FALSE),
    least_ratio = one(0),
    measure = one(""),
    expected = list(lambda = lambda, at = seq_along(lambda) - 1, coefficients = solution)
  )
}
add_efron("Efron, ridge", "tied", 0, c(1, 0.1, 0.01))
add_efron("Efron, ridge, weights", "tied", 0, c(1, 0.1), "weights")
add_efron("Efron, lasso", "tied", 1, c(0.1, 0.05, 0.01))
add_efron(
  "Efron, entry times, strata, weights, offset",
  "tied",
  0.6,
  c(0.1, 0.02),
  c(
    "entry",
    "strata",
    "weights",
    "offset"
  )
)

# An adaptive lasso: factors of λ from a ridge, in each fold from the ridge on the rows outside it.
adaptive <- function(table, first, power, lambda) {
  t <- tables[[table]]
  y <- Surv(t$time, t$event)
  net <- function(rows, ...) glmnet(t$x[rows, ], y[rows], family = "cox", thresh = 1e-18, maxit = 1e7, ...)
  factors <- function(rows) {
    z <- t$x[rows, ]
    scale <- sqrt(colMeans(t(t(z) - colMeans(z))^2))
    ridge <- net(rows, alpha = 0, lambda = c(100, 10, 3, 1) * first)
    unname(1 / abs(ridge$beta[, 4] * scale)^power)
  }
  all <- rep(TRUE, nrow(t$x))
  path <- net(all, lambda = lambda, penalty.factor = factors(all))
  deviance <- function(rows, beta) {
    glmnet:::coxnet.deviance(x = t$x[rows, ], y = y[rows], beta = beta, std.weights = FALSE)
  }
  events <- sapply(1:5, function(k) sum(t$event[t$foldid == k]))
  raw <- t(sapply(1:5, function(k) {
    out <- t$foldid != k
    beta <- as.matrix(net(out, lambda = lambda, penalty.factor = factors(out))$beta)
    (deviance(all, beta) - deviance(out, beta)) / events[k]
  }))
  list(
    table = one(table),
    ridge_lambda = one(first),
    power = one(power),
    lambda = lambda,
    factors = factors(all),
    coefficients = lapply(seq_along(lambda), function(m) unname(path$beta[, m])),
    mean = apply(raw, 2, weighted.mean, w = events)
  )
}

write(
  toJSON(
    list(
      source = one(sprintf(
        "R %s, glmnet %s, survival %s",
        getRversion(),
        packageVersion("glmnet"),
        packageVersion("survival")
      )),
      tables = lapply(tables, function(t) {
        t$columns <- lapply(seq_len(ncol(t$x)), function(c) t$x[, c])
        t$x <- NULL
        t
      }),
      cases = cases,
      adaptive = list(
        adaptive("tall", 0.2, 1, c(0.2, 0.05, 0.02, 0.005)),
        adaptive("wide", 0.5, 0.5, c(0.1, 0.05))
      )
    ),
    digits = 15
  ),
  arguments[1]
)
