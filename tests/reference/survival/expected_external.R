# Writes expected_external.json: what R says of a saved model on rows that it has not seen (every second row of lung),
# of two models on the same rows, and of groups' curves at times, their follow-up, restricted means, pairs and trend.
#   Rscript expected_external.R expected_external.json
# Needs r-cran-survival (3.5-3 in Debian 12), r-cran-jsonlite.
suppressPackageStartupMessages({
  library(survival)
  library(jsonlite)
})
invisible(Sys.setlocale("LC_COLLATE", "C"))
one <- function(x) unbox(unname(x))
estimate <- function(value, se, ...) {
  list(
    estimate = one(value),
    se = one(se),
    lower = one(value - qnorm(0.975) * se),
    upper = one(value + qnorm(0.975) * se),
    ...
  )
}

# External validation.
train <- lung[seq(1, nrow(lung), 2), ]
new <- lung[seq(2, nrow(lung), 2), ]
new <- new[complete.cases(new[, c("time", "status", "age", "sex", "ph.ecog")]), ]
times <- c(180, 365)
fit <- coxph(Surv(time, status) ~ age + sex + ph.ecog, train, x = TRUE)
small <- coxph(Surv(time, status) ~ age + sex, train)
new$lp <- predict(fit, new, type = "lp")
c1 <- concordance(Surv(time, status) ~ lp, new, reverse = TRUE)
slope <- coxph(Surv(time, status) ~ lp, new)
b <- unname(coef(slope))
se <- sqrt(vcov(slope)[1, 1])
new$expected <- predict(fit, new, type = "expected")
poisson <- glm(status == 2 ~ offset(log(expected)), poisson, new[new$expected > 0, ], control = list(epsilon = 1e-12))
stopifnot(!any(new$status == 2 & new$expected == 0))
at_times <- function(predicted) {
  km <- summary(survfit(Surv(time, status) ~ 1, new), times = times)
  lapply(seq_along(times), function(k) {
    list(
      time = one(times[k]),
      observed = one(km$surv[k]),
      se = one(km$std.err[k]),
      lower = one(km$lower[k]),
      upper = one(km$upper[k]),
      predicted = one(mean(predicted[k, ]))
    )
  })
}
survival_of <- function(model) summary(survfit(model, newdata = new), times = times)$surv
external <- list(
  n = one(nrow(new)),
  events = one(sum(new$status == 2)),
  concordance = estimate(c1$concordance, sqrt(c1$var)),
  calibration = list(
    slope = estimate(b, se, p = one(2 * pnorm(-abs((b - 1) / se)))),
    in_the_large = estimate(
      coef(poisson),
      sqrt(vcov(poisson)[1, 1]),
      observed = one(sum(new$status == 2)),
      expected = one(sum(new$expected))
    ),
    at = at_times(survival_of(fit))
  )
)
# The baseline alone, at a slope of 1 (an iteration that begins and stays there), and with the slope.
one_slope <- coxph(Surv(time, status) ~ lp, new, init = 1, control = coxph.control(iter.max = 0))
recalibrated <- list(
  baseline = list(method = one("baseline"), slope = one(1), calibration = list(at = at_times(survival_of(one_slope)))),
  slope = list(method = one("slope"), slope = one(b), calibration = list(at = at_times(survival_of(slope))))
)
both <- concordance(fit, small, newdata = new)
gap <- c(1, -1)
d <- sum(gap * both$concordance)
d_se <- sqrt(drop(gap %*% both$var %*% gap))
full <- lung[complete.cases(lung[, c("time", "status", "age", "sex", "ph.ecog")]), ]
lr <- anova(
  coxph(Surv(time, status) ~ age + sex, full),
  coxph(Surv(time, status) ~ age + sex + ph.ecog, full)
)

# Curves of groups.
veteran$celltype <- factor(as.character(veteran$celltype))
until <- 300
curves <- survfit(Surv(time, status) ~ celltype, veteran)
level <- levels(veteran$celltype)
km_times <- c(30, 100)
groups <- lapply(level, function(g) {
  own <- veteran[veteran$celltype == g, ]
  at <- summary(survfit(Surv(time, status) ~ 1, own), times = km_times)
  reverse <- quantile(survfit(Surv(time, 1 - status) ~ 1, own), 0.5)
  list(
    group = one(g),
    median_follow_up = lapply(
      list(estimate = reverse$quantile, lower = reverse$lower, upper = reverse$upper),
      function(v) if (is.na(v)) NULL else one(v)
    ),
    at = lapply(seq_along(km_times), function(k) {
      list(
        time = one(km_times[k]),
        survival = one(at$surv[k]),
        se = one(at$std.err[k]),
        lower = one(at$lower[k]),
        upper = one(at$upper[k]),
        n_risk = one(at$n.risk[k])
      )
    })
  )
})
mean_table <- summary(curves, rmean = until)$table
means <- lapply(2:length(level), function(k) {
  difference <- mean_table[k, "rmean"] - mean_table[1, "rmean"]
  error <- sqrt(mean_table[k, "se(rmean)"]^2 + mean_table[1, "se(rmean)"]^2)
  estimate(
    difference,
    error,
    p = one(2 * pnorm(-abs(difference / error))),
    group = one(level[k]),
    against = one(level[1])
  )
})
pairs <- combn(level, 2, simplify = FALSE)
tests <- lapply(pairs, function(p) survdiff(Surv(time, status) ~ celltype, veteran[veteran$celltype %in% p, ]))
p <- sapply(tests, function(t) pchisq(t$chisq, 1, lower.tail = FALSE))
adjusted <- p.adjust(p, "holm")
trend <- summary(coxph(Surv(time, status) ~ as.numeric(celltype), veteran, ties = "exact"))$sctest

write(
  toJSON(
    list(
      source = one(sprintf("R %s, survival %s", getRversion(), packageVersion("survival"))),
      external = external,
      recalibrated = recalibrated,
      compare = list(
        estimate = one(both$concordance[1]),
        se = one(sqrt(both$var[1, 1])),
        against = list(estimate = one(both$concordance[2]), se = one(sqrt(both$var[2, 2]))),
        difference = one(d),
        difference_se = one(d_se),
        difference_lower = one(d - qnorm(0.975) * d_se),
        difference_upper = one(d + qnorm(0.975) * d_se),
        p = one(2 * pnorm(-abs(d / d_se)))
      ),
      likelihood_ratio = list(statistic = one(lr$Chisq[2]), df = one(lr$Df[2]), p = one(lr[["Pr(>|Chi|)"]][2])),
      km = list(
        groups = groups,
        restricted_mean_differences = means,
        logrank = list(trend = list(chi_square = one(trend[1]), df = one(1), p = one(trend[3]))),
        pairwise = lapply(seq_along(pairs), function(k) {
          list(
            groups = pairs[[k]],
            chi_square = one(tests[[k]]$chisq),
            p = one(p[k]),
            p_adjusted = one(adjusted[k])
          )
        })
      )
    ),
    digits = 15,
    null = "null"
  ),
  commandArgs(trailingOnly = TRUE)[1]
)
