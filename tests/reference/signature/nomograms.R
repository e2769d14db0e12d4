# Writes nomograms.json: tables of clinical factors with a risk group, training and external, and what R says of the
# choice of factors by both rules, of the models, of their concordance on the external rows and the difference, of
# calibration slopes and Brier scores.
#   Rscript nomograms.R nomograms.json
# Needs r-cran-survival (3.5-3 in Debian 12), r-cran-jsonlite.
suppressPackageStartupMessages({
  library(survival)
  library(jsonlite)
})
invisible(Sys.setlocale("LC_COLLATE", "C"))
one <- function(x) unbox(unname(x))
candidates <- c("age", "sex", "grade", "histology", "enhancement")
times <- c(12, 36, 60)

# Times in whole months: many ties.
simulate <- function(n, beta, missing) {
  d <- data.frame(
    age = round(rnorm(n, 45, 12)),
    sex = sample(c("female", "male"), n, TRUE),
    grade = sample(c("II", "III"), n, TRUE),
    histology = sample(c("A", "O", "OA"), n, TRUE, c(0.4, 0.4, 0.2)),
    enhancement = sample(c("no", "yes"), n, TRUE),
    risk_group = sample(c("low", "high"), n, TRUE),
    stringsAsFactors = FALSE
  )
  lp <- beta["age"] *
    (d$age - 45) +
    beta["grade"] * (d$grade == "III") +
    beta["O"] * (d$histology == "O") +
    beta["enhancement"] * (d$enhancement == "yes") +
    beta["group"] * (d$risk_group == "high")
  death <- rexp(n, 0.015 * exp(lp))
  censored <- runif(n, 6, 90)
  d$time <- pmax(1, ceiling(pmin(death, censored)))
  d$event <- as.integer(death <= censored)
  if (missing) {
    for (column in c("age", "histology")) {
      d[sample(n, 6), column] <- NA
    }
  }
  d
}

outcome <- function(d) Surv(d$time, d$event)
as_group <- function(d) {
  d$risk_group <- factor(d$risk_group, c("low", "high"))
  for (f in c("sex", "grade", "histology", "enhancement")) {
    d[[f]] <- factor(d[[f]])
  }
  d
}
fit <- function(factors, d) {
  coxph(as.formula(paste("Surv(time, event) ~", paste(factors, collapse = " + "))), d, x = TRUE)
}
p_of_factor <- function(model, f, factors, d, rule) {
  if (rule == "lrt") {
    rest <- setdiff(factors, f)
    smaller <- if (length(rest)) fit(rest, d)$loglik[2] else model$loglik[1]
    columns <- sum(model$assign[[f]] > 0)
    return(pchisq(2 * (model$loglik[2] - smaller), columns, lower.tail = FALSE))
  }
  min(summary(model)$coefficients[model$assign[[f]], "Pr(>|z|)"])
}
coefficients <- function(model) {
  s <- summary(model)$coefficients
  list(
    names = rownames(s),
    estimate = unname(s[, "coef"]),
    se = unname(s[, "se(coef)"]),
    p = unname(s[, "Pr(>|z|)"])
  )
}
select <- function(all, d, rule) {
  univariate <- lapply(all, function(f) {
    model <- suppressWarnings(fit(f, d))
    list(factor = one(f), p = one(p_of_factor(model, f, f, d, rule)), coefficients = coefficients(model))
  })
  kept <- all[vapply(univariate, function(u) u$p <= 0.05, TRUE)]
  result <- list(univariate = univariate, kept = kept, factors = character())
  if (length(kept) == 0) {
    return(list(result, NULL))
  }
  model <- fit(kept, d)
  p <- vapply(kept, function(f) p_of_factor(model, f, kept, d, rule), 1)
  result$multivariate <- list(p = unname(p), coefficients = coefficients(model))
  result$factors <- kept[p <= 0.05]
  if (length(result$factors) == 0) {
    return(list(result, NULL))
  }
  final <- fit(result$factors, d)
  result$final <- coefficients(final)
  list(result, final)
}

survival_at <- function(model, training, d, at) {
  if (is.null(model)) {
    km <- survfit(Surv(time, event) ~ 1, training)
    return(matrix(summary(km, times = at, extend = TRUE)$surv, length(at), nrow(d)))
  }
  matrix(summary(survfit(model, newdata = d), times = at, extend = TRUE)$surv, length(at), nrow(d))
}
# Of censoring, events first where times are equal.
censoring <- function(d) {
  at <- sort(unique(d$time[d$event == 0]))
  hazard <- vapply(
    at,
    function(t) {
      lost <- sum(d$time == t & d$event == 0)
      lost / (sum(d$time > t) + lost)
    },
    1
  )
  list(at = at, value = cumprod(1 - hazard))
}
chance <- function(g, t, before) {
  k <- sum(if (before) g$at < t else g$at <= t)
  if (k == 0) 1 else g$value[k]
}
brier <- function(d, predicted, t) {
  if (max(d$time) < t) {
    return(NA)
  }
  g <- censoring(d)
  w <- vapply(
    seq_len(nrow(d)),
    function(i) {
      if (d$time[i] > t) {
        return(1 / chance(g, t, FALSE))
      }
      if (d$event[i] == 1) 1 / chance(g, d$time[i], TRUE) else 0
    },
    1
  )
  mean(w * ((d$time > t) - predicted)^2)
}
integrated_brier <- function(d, model, training, until) {
  grid <- until * 0:100 / 100
  predicted <- survival_at(model, training, d, grid)
  scores <- vapply(seq_along(grid), function(k) brier(d, predicted[k, ], grid[k]), 1)
  sum(diff(grid) * (head(scores, -1) + tail(scores, -1)) / 2) / until
}

judge <- function(models, training, d) {
  # Rounded: the products of a matrix may differ in the last bit between rows that are equal, and would part ties.
  lp <- lapply(models, function(m) if (is.null(m)) rep(0, nrow(d)) else round(predict(m, d, type = "lp"), 10))
  both <- data.frame(time = d$time, event = d$event, clinical = lp[[1]], integrated = lp[[2]])
  # As concordance(fit1, fit2) has it, whose fits would be of these very rows.
  each <- lapply(c("clinical", "integrated"), function(m) {
    concordance(as.formula(paste("Surv(time, event) ~", m)), both, reverse = TRUE, influence = 1)
  })
  difference <- each[[2]]$concordance - each[[1]]$concordance
  se <- sqrt(sum((each[[2]]$dfbeta - each[[1]]$dfbeta)^2))
  until <- max(times[times <= max(d$time)])
  describe <- function(k) {
    predicted <- survival_at(models[[k]], training, d, times)
    slope <- if (is.null(models[[k]])) NULL else coxph(Surv(d$time, d$event) ~ lp[[k]])
    list(
      concordance = one(each[[k]]$concordance),
      se = one(sqrt(each[[k]]$var)),
      slope = if (is.null(slope)) NULL else list(estimate = one(coef(slope)), se = one(sqrt(vcov(slope)[1, 1]))),
      brier = vapply(seq_along(times), function(t) brier(d, predicted[t, ], times[t]), 1),
      integrated_brier = one(integrated_brier(d, models[[k]], training, until))
    )
  }
  list(
    n = one(nrow(d)),
    events = one(sum(d$event)),
    clinical = describe(1),
    integrated = describe(2),
    difference = one(difference),
    difference_se = one(se),
    p = one(2 * pnorm(-abs(difference / se))),
    brier_until = one(until)
  )
}
# The same by concordance(fit1, fit2) itself, of two fits of one table.
two_fits <- function(training) {
  d <- as_group(training)
  clinical <- fit(c("age", "grade"), d)
  integrated <- fit(c("age", "risk_group"), d)
  c2 <- concordance(clinical, integrated)
  contrast <- c(-1, 1)
  difference <- sum(contrast * c2$concordance)
  se <- sqrt(drop(contrast %*% c2$var %*% contrast))
  list(difference = one(difference), difference_se = one(se))
}

case <- function(name, n, external, beta, missing = FALSE, change = identity) {
  training <- change(simulate(n, beta, missing))
  new <- change(simulate(external, beta, missing))
  used <- as_group(training[complete.cases(training), ])
  judged <- as_group(new[complete.cases(new), ])
  rules <- lapply(c(lrt = "lrt", paper = "paper"), function(rule) {
    clinical <- select(candidates, used, rule)
    integrated <- select(c(candidates, "risk_group"), used, rule)
    list(
      clinical = clinical[[1]],
      integrated = integrated[[1]],
      external = judge(list(clinical[[2]], integrated[[2]]), used, judged)
    )
  })
  list(name = one(name), training = training, external = new, n = one(nrow(used)), rules = rules)
}

RNGversion("4.0.0")
strong <- c(age = 0.03, grade = 0.6, O = -0.8, enhancement = 0.5, group = 1.2)
none <- strong * 0
no_group <- replace(strong, "group", 0)
# No patient of grade II dies: separation.
separate <- function(d) {
  d$event[d$grade == "II"] <- 0L
  d
}
# Dates in whole years: few different times.
years <- function(d) {
  d$time <- 12 * ceiling(d$time / 12)
  d
}
of_seed <- function(seed) {
  set.seed(seed)
  list(
    case("planted", 150, 90, strong),
    case("no effect of the group", 150, 90, no_group),
    case("nothing", 60, 50, none),
    case("missing values", 140, 80, strong, missing = TRUE),
    case("ties", 120, 80, strong, change = years),
    case("separated", 120, 80, strong, change = separate)
  )
}
cases <- of_seed(20221107)
for (k in 1:4) {
  beta <- c(age = runif(1, -0.02, 0.05), grade = rnorm(1), O = rnorm(1), enhancement = rnorm(1), group = rnorm(1))
  cases[[length(cases) + 1]] <- case(paste("random", k), sample(80:160, 1), sample(60:100, 1), beta)
}
# Two in which a level alone keeps a factor that the test of the whole factor drops.
for (other in of_seed(11)[c(2, 5)]) {
  other$name <- one(paste(other$name, "again"))
  cases[[length(cases) + 1]] <- other
}
# Grade IV is the glioblastoma: without the grade the histology takes its place.
collinear <- function() {
  d <- simulate(200, strong, FALSE)
  fourth <- runif(nrow(d)) < 0.3
  d$grade[fourth] <- "IV"
  d$histology[fourth] <- "GBM"
  both <- as_group(d)
  all <- coxph(Surv(time, event) ~ age + grade + histology, both)
  p <- vapply(
    c("grade + histology", "age + histology", "age + grade"),
    function(rest) {
      smaller <- coxph(as.formula(paste("Surv(time, event) ~", rest)), both)
      lost <- sum(!is.na(coef(all))) - sum(!is.na(coef(smaller)))
      pchisq(2 * (all$loglik[2] - smaller$loglik[2]), lost, lower.tail = FALSE)
    },
    1
  )
  list(training = d, p = unname(p))
}
result <- list(cases = cases, collinear = collinear(), two_fits = two_fits(cases[[1]]$training))
write_json(result, commandArgs(TRUE)[1], digits = 12, na = "null", null = "null", dataframe = "columns")
