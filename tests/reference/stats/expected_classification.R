# What R says of the cases of expected_classification.json: expected_classification_r.json, which
# libs/stats/tests/classification_oracle_test.cpp reads. Rscript expected_classification.R, in this folder; R 4.2.2,
# pROC 1.18.0, jsonlite 1.8.4.
suppressMessages(library(pROC))
library(jsonlite)
cases <- fromJSON("expected_classification.json", simplifyDataFrame = FALSE)$cases
tight <- glm.control(epsilon = 1e-15, maxit = 100)
ends <- function(fit, k) {
  se <- sqrt(vcov(fit)[k, k])
  c(coef(fit)[[k]], se, coef(fit)[[k]] + c(-1, 1) * qnorm(0.975) * se)
}

calibration <- function(p, y) {
  lp <- qlogis(p)
  line <- glm(y ~ lp, family = binomial, control = tight)
  large <- glm(y ~ offset(lp), family = binomial, control = tight)
  list(in_the_large = ends(large, 1), intercept = ends(line, 1), slope = ends(line, 2))
}

smooth <- function(p, y) {
  order <- order(p, y)
  p <- p[order]
  y <- y[order]
  list(
    plain = lowess(p, y, iter = 0)$y,
    robust = lowess(p, y + sin(5 * p))$y,
    narrow = lowess(p, y + sin(5 * p), f = 0.3, iter = 2, delta = 0)$y,
    isoreg = isoreg(p, y)$yf
  )
}

groups <- function(p, y) {
  # rms::groupkm's groups: cut at quantiles, each its right end.
  cuts <- unique(c(-Inf, sort(p)[ceiling(seq(length(p) / 5, length(p), length.out = 5) - 1e-9)]))
  group <- cut(p, cuts)
  lapply(levels(group), function(g) {
    rows <- group == g
    test <- suppressWarnings(prop.test(sum(y[rows]), sum(rows), correct = FALSE))
    list(n = sum(rows), predicted = mean(p[rows]), observed = c(mean(y[rows]), test$conf.int))
  })
}

thresholds <- function(p, y) {
  curve <- roc(y, p, direction = "<", levels = c(0, 1), quiet = TRUE)
  youden <- coords(curve, "best", best.method = "youden", ret = "threshold", transpose = FALSE)$threshold
  all <- coords(curve, "all", ret = c("threshold", "sensitivity"), transpose = FALSE)
  list(youden = max(youden), sensitivity = max(all$threshold[all$sensitivity >= 0.9]))
}

result <- lapply(cases, function(case) {
  p <- case$probability
  y <- case$truth
  out <- list(name = case$name, thresholds = thresholds(p, y), smooth = smooth(p, y), groups = groups(p, y))
  if (all(p > 0 & p < 1)) {
    out$calibration <- calibration(p, y)
  }
  out
})

# Logistic regression of several columns.
set.seed(3)
n <- 120
x <- cbind(rnorm(n), 1000 + 50 * rnorm(n), rbinom(n, 1, 0.3))
x[, 2] <- round(x[, 2] + 30 * x[, 1], 3)
x[, 1] <- round(x[, 1], 4)
y <- rbinom(n, 1, plogis(0.8 * x[, 1] - 0.01 * (x[, 2] - 1000) + x[, 3] - 0.3))
fit <- glm(y ~ x, family = binomial, control = tight)
regression <- list(
  x = x,
  truth = y,
  coefficients = unname(coef(fit)),
  covariance = unname(vcov(fit)),
  deviance = deviance(fit)
)
write(
  toJSON(list(cases = result, regression = regression), digits = NA, auto_unbox = TRUE, pretty = FALSE),
  "expected_classification_r.json"
)
