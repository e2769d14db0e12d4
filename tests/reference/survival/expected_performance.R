# Writes expected_performance.json: calibration, Brier scores, time-dependent AUC, reclassification, cut points,
# characteristics, ROC, ICC.
#   Rscript tables.R /tmp/tables && Rscript expected_performance.R /tmp/tables expected_performance.json
# Needs r-cran-rms, r-cran-riskregression, r-cran-maxstat, r-cran-coin, r-cran-hmisc, r-cran-proc, r-cran-psych,
# r-cran-jsonlite.
suppressPackageStartupMessages({
  library(rms)
  library(riskRegression)
  library(maxstat)
  library(coin)
  library(pROC)
  library(psych)
  library(jsonlite)
})
invisible(Sys.setlocale("LC_COLLATE", "C"))
arguments <- commandArgs(trailingOnly = TRUE)
cases <- list()
one <- function(x) unbox(unname(x))
add <- function(name, command, table, arguments, expected, tolerance = 1e-6) {
  cases[[length(cases) + 1]] <<- list(
    name = name,
    command = as.list(command),
    table = table,
    arguments = as.list(arguments),
    tolerance = tolerance,
    expected = expected
  )
}
table_of <- function(name) {
  d <- read.csv(file.path(arguments[1], paste0(name, ".csv")), stringsAsFactors = TRUE, na.strings = c("", "NA"))
  if (is.factor(d$dead)) {
    d$dead <- 1 * (d$dead == "yes")
  }
  d
}

performance <- function(name, table, time, event, formula, times, groups) {
  d <- table_of(table)
  d$.t <- d[[time]]
  d$.e <- d[[event]]
  if (max(d$.e) == 2) {
    d$.e <- d$.e - 1
  }
  fit <- coxph(as.formula(paste("Surv(.t, .e) ~", formula)), d, x = TRUE)
  d <- d[complete.cases(d[, all.vars(as.formula(paste("~", formula)))]), ]
  s <- summary(survfit(fit, newdata = d), times = times)$surv
  if (length(times) == 1) {
    s <- matrix(s, 1)
  }
  score <- Score(
    list(m = 1 - t(s)),
    formula = Surv(.t, .e) ~ 1,
    data = d,
    times = times,
    metrics = c("auc", "brier"),
    conf.int = FALSE,
    null.model = FALSE,
    cens.model = "km"
  )
  auc <- score$AUC$score
  brier <- score$Brier$score
  S <- Surv(d$.t, d$.e)
  z <- qnorm(0.975)
  # cut2 reads values back from 15 digits; rounded to 10, equal predictions stay equal.
  expected <- list(
    times = lapply(seq_along(times), function(i) {
      k <- unclass(groupkm(signif(s[i, ], 10), S, g = groups, u = times[i]))
      x <- log(-log(s[i, ]))
      knots <- rcspline.eval(x, nk = 3, knots.only = TRUE)
      spline <- rcspline.eval(x, knots = knots, inclx = TRUE)
      smooth <- coxph(S ~ spline)
      observed <- c(summary(survfit(smooth, newdata = list(spline = spline)), times = times[i])$surv)
      list(
        time = one(times[i]),
        brier = one(brier$Brier[i]),
        smooth = list(
          ici = one(mean(abs(observed - s[i, ]))),
          e50 = one(median(abs(observed - s[i, ]))),
          e90 = one(quantile(abs(observed - s[i, ]), 0.9))
        ),
        groups = lapply(seq_len(nrow(k)), function(g) {
          list(
            n = one(k[g, 2]),
            events = one(k[g, 3]),
            predicted = one(k[g, 1]),
            observed = one(k[g, 4]),
            std_error = one(k[g, 5]),
            lower = one(k[g, 4] * exp(-z * k[g, 5])),
            upper = one(min(1, k[g, 4] * exp(z * k[g, 5])))
          )
        })
      )
    })
  )
  options <- c("--time", time, "--event", event, "--formula", formula, "--times", paste(times, collapse = ","))
  add(name, c("survival", "calibrate"), table, c(options, "--groups", groups), expected)
  add(
    paste(name, "AUC"),
    c("survival", "timeroc"),
    table,
    options,
    list(curves = lapply(seq_along(times), function(i) list(time = one(times[i]), auc = one(auc$AUC[i]))))
  )
}
performance("calibration of lung", "lung", "time", "status", "age + sex + ph.ecog", c(180, 365), 4)
performance("calibration with ties", "glioma", "months", "dead", "age + sex + grade", c(12, 24), 5)
performance("calibration of veteran", "veteran", "time", "status", "karno + celltype", c(60, 120), 3)

# Standard errors of riskRegression leave out factors 1 / (1 - hazard of censoring): they agree to some
# 1e-3, with heavy ties to 1e-2.
intervals <- function(name, table, time, event, formula, scores, times, tolerance) {
  d <- table_of(table)
  d$.t <- d[[time]]
  d$.e <- d[[event]]
  if (max(d$.e) == 2) {
    d$.e <- d$.e - 1
  }
  all <- d
  d <- d[complete.cases(d[, scores]), ]
  squeeze <- function(v) {
    p <- (v - min(v) + 1) / (max(v) - min(v) + 2)
    matrix(rep(p, length(times)), ncol = length(times))
  }
  x <- Score(
    setNames(lapply(scores, function(v) squeeze(d[[v]])), scores),
    formula = Surv(.t, .e) ~ 1,
    data = d,
    times = times,
    metrics = "auc",
    null.model = FALSE,
    cens.model = "km",
    contrasts = TRUE
  )
  a <- x$AUC$score
  b <- x$AUC$contrasts
  options <- c("--time", time, "--event", event, "--times", paste(times, collapse = ","))
  add(
    paste(name, "AUC"),
    c("survival", "timeroc"),
    table,
    c(options, "--score", scores),
    tolerance = tolerance,
    list(
      curves = lapply(seq_len(nrow(a)), function(i) {
        list(
          time = one(a$times[i]),
          auc = one(a$AUC[i]),
          se = one(a$se[i]),
          lower = one(a$lower[i]),
          upper = one(a$upper[i])
        )
      }),
      differences = lapply(seq_len(nrow(b)), function(i) {
        list(
          time = one(b$times[i]),
          difference = one(-b$delta.AUC[i]),
          lower = one(-b$upper[i]),
          upper = one(-b$lower[i]),
          p = one(b$p[i])
        )
      })
    )
  )
  d <- all[complete.cases(all[, all.vars(as.formula(paste("~", formula)))]), ]
  fit <- coxph(as.formula(paste("Surv(.t, .e) ~", formula)), d, x = TRUE)
  s <- summary(survfit(fit, newdata = d), times = times)$surv
  if (length(times) == 1) {
    s <- matrix(s, 1)
  }
  y <- Score(
    list(m = 1 - t(s)),
    formula = Surv(.t, .e) ~ 1,
    data = d,
    times = times,
    metrics = "brier",
    cens.model = "km"
  )$Brier$score
  null <- y[y$model == "Null model", ]
  y <- y[y$model == "m", ]
  add(
    paste(name, "Brier"),
    c("survival", "calibrate"),
    table,
    c(options, "--formula", formula),
    tolerance = tolerance,
    list(
      times = lapply(seq_along(times), function(i) {
        list(
          time = one(times[i]),
          brier = one(y$Brier[i]),
          brier_se = one(y$se[i]),
          brier_lower = one(y$lower[i]),
          brier_upper = one(y$upper[i]),
          brier_kaplan_meier = one(null$Brier[i])
        )
      })
    )
  )
}
intervals("intervals in lung,", "lung", "time", "status", "age + sex + ph.ecog", c("age", "ph.ecog"), c(180, 365), 2e-3)
intervals("intervals with ties,", "glioma", "months", "dead", "age + sex + grade", c("age", "volume"), c(12, 24), 1e-2)

# By the definitions, from two models' risks and the reverse Kaplan-Meier estimate.
reclassified <- function(name, table, time, event, first, second, times, cuts) {
  d <- table_of(table)
  d$.t <- d[[time]]
  d$.e <- d[[event]]
  if (max(d$.e) == 2) {
    d$.e <- d$.e - 1
  }
  d <- d[complete.cases(d[, all.vars(as.formula(paste("~", first, "+", second)))]), ]
  risk <- function(f) {
    s <- summary(survfit(coxph(as.formula(paste("Surv(.t, .e) ~", f)), d), newdata = d), times = times)$surv
    if (length(times) == 1) {
      s <- matrix(s, 1)
    }
    1 - s
  }
  a <- risk(first)
  b <- risk(second)
  # Events come before censorings at the same time.
  g <- survfit(Surv(.t + 1e-3 * (.e == 0), .e == 0) ~ 1, d)
  before <- function(t) c(1, g$surv)[1 + findInterval(t - 1e-4, g$time)]
  expected <- lapply(seq_along(times), function(i) {
    case <- d$.t <= times[i] & d$.e == 1
    control <- d$.t > times[i]
    w <- ifelse(case, 1 / before(d$.t), 0)
    difference <- function(v) c(sum(w * v) / sum(w), mean(v[control]))
    step <- function(r) findInterval(r, cuts)
    risk <- difference(a[i, ] - b[i, ])
    any <- difference(sign(a[i, ] - b[i, ]))
    category <- difference(sign(step(a[i, ]) - step(b[i, ])))
    value <- function(v) list(estimate = one(v))
    list(
      time = one(times[i]),
      cases = one(sum(case)),
      controls = one(sum(control)),
      idi = value(risk[1] - risk[2]),
      nri = value(any[1] - any[2]),
      nri_events = value(any[1]),
      nri_non_events = value(-any[2]),
      category_nri = value(category[1] - category[2]),
      category_nri_events = value(category[1]),
      category_nri_non_events = value(-category[2])
    )
  })
  add(
    name,
    c("survival", "reclassify"),
    table,
    c(
      "--time",
      time,
      "--event",
      event,
      "--formula",
      first,
      "--against",
      second,
      "--times",
      paste(times, collapse = ","),
      "--cuts",
      paste(cuts, collapse = ","),
      "--draws",
      "10"
    ),
    list(times = expected)
  )
}
reclassified(
  "reclassification of lung",
  "lung",
  "time",
  "status",
  "age + sex + ph.ecog",
  "age + sex",
  c(180, 365),
  c(0.3, 0.6)
)
reclassified(
  "reclassification with ties",
  "glioma",
  "months",
  "dead",
  "age + grade",
  "age + volume",
  c(12, 24),
  c(0.2, 0.5)
)

cut_pairs <- function(name, table, time, event, value) {
  d <- table_of(table)
  d$.t <- d[[time]]
  d$.e <- d[[event]]
  if (max(d$.e) == 2) {
    d$.e <- d$.e - 1
  }
  d <- d[!is.na(d[[value]]), ]
  v <- d[[value]]
  n <- nrow(d)
  least <- floor(0.1 * n)
  candidates <- sort(unique(v))
  pairs <- list()
  for (a in candidates) {
    for (b in candidates) {
      if (b > a) {
        group <- base::cut(v, c(-Inf, a, b, Inf))
        k <- table(group)
        if (min(k) < least) {
          next
        }
        d$group <- group
        # Scores of three levels that are not ordered.
        pairs[[length(pairs) + 1]] <- list(
          cuts = c(a, b),
          low = one(k[1]),
          middle = one(k[2]),
          high = one(k[3]),
          statistic = one(statistic(logrank_test(
            Surv(.t, .e) ~ group,
            d,
            ties.method = "Hothorn-Lausen",
            teststat = "quadratic"
          )))
        )
      }
    }
  }
  best <- pairs[[which.max(sapply(pairs, function(p) p$statistic))]]
  d$group <- base::cut(v, c(-Inf, best$cuts, Inf))
  add(
    name,
    c("survival", "cutpoint"),
    table,
    c("--time", time, "--event", event, "--value", value, "--cuts", "2", "--permutations", "100"),
    list(pairs = pairs, best = c(best, list(chi_square = one(survdiff(Surv(.t, .e) ~ group, d)$chisq))))
  )
}
cut_pairs("two cuts of karno", "veteran", "time", "status", "karno")
cut_pairs("two cuts of age", "ovarian", "futime", "fustat", "age")

cut <- function(name, table, time, event, value) {
  d <- table_of(table)
  d$.t <- d[[time]]
  d$.e <- d[[event]]
  if (max(d$.e) == 2) {
    d$.e <- d$.e - 1
  }
  d <- d[!is.na(d[[value]]), ]
  m <- maxstat.test(
    as.formula(paste("Surv(.t, .e) ~", value)),
    d,
    smethod = "LogRank",
    pmethod = "Lau92",
    minprop = 0.1,
    maxprop = 0.9
  )
  low <- d[[value]] <= m$estimate
  add(
    name,
    c("survival", "cutpoint"),
    table,
    c("--time", time, "--event", event, "--value", value),
    list(
      best = list(
        cut = one(m$estimate),
        p_corrected = one(m$p.value),
        chi_square = one(survdiff(Surv(.t, .e) ~ low, d)$chisq)
      ),
      median = list(cut = one(median(d[[value]])))
    )
  )
}
cut("cut of age", "lung", "time", "status", "age")
cut("cut of karno", "veteran", "time", "status", "karno")
cut("cut of volume", "glioma", "months", "dead", "volume")

d <- table_of("glioma")
p_of <- function(v, g) {
  one(
    if (is.numeric(v) && length(unique(na.omit(v))) > 2) {
      if (nlevels(g) == 2) wilcox.test(v ~ g)$p.value else kruskal.test(v ~ g)$p.value
    } else {
      t <- table(v, g)
      if (min(suppressWarnings(chisq.test(t))$expected) < 5) fisher.test(t)$p.value else chisq.test(t)$p.value
    }
  )
}
for (g in c("sex", "centre")) {
  columns <- setdiff(c("age", "volume", "histology", "grade", "sex"), g)
  add(
    paste("characteristics by", g),
    c("survival", "characteristics"),
    "glioma",
    c("--group", g, "--columns", paste(columns, collapse = ",")),
    list(
      rows = lapply(columns, function(v) list(variable = one(v), p = suppressWarnings(p_of(d[[v]], factor(d[[g]])))))
    )
  )
}
o <- table_of("ovarian")
columns <- c("resid.ds", "ecog.ps", "fustat")
add(
  "characteristics, small cells",
  c("survival", "characteristics"),
  "ovarian",
  c("--group", "rx", "--columns", paste(c(columns, "age"), collapse = ",")),
  list(
    rows = lapply(c(columns, "age"), function(v) {
      list(variable = one(v), p = suppressWarnings(p_of(o[[v]], factor(o$rx))))
    })
  )
)

l <- table_of("lung")
l <- l[complete.cases(l[, c("status", "age", "ph.ecog")]), ]
a <- roc(l$status, l$age, direction = "<", quiet = TRUE)
b <- roc(l$status, l$ph.ecog, direction = "<", quiet = TRUE)
test <- roc.test(a, b, method = "delong")
interval <- function(r) {
  ci <- as.numeric(ci.auc(r))
  list(auc = one(ci[2]), lower = one(max(0, ci[1])), upper = one(min(1, ci[3])))
}
add(
  "ROC",
  "roc",
  "lung",
  c("--truth", "status", "--score", "age", "--against", "ph.ecog"),
  c(interval(a), list(against = interval(b), p = one(test$p.value)))
)

w <- table_of("probabilities")
r <- Hmisc::improveProb(w$second, w$first, w$truth)
tested <- function(value, se) {
  list(estimate = one(value), se = one(se), z = one(value / se), p = one(2 * pnorm(-abs(value / se))))
}
add(
  "reclassification of a class",
  "roc",
  "probabilities",
  c("--truth", "truth", "--score", "first", "--against", "second"),
  list(
    reclassification = list(
      idi = tested(r$idi, r$se.idi),
      nri = tested(r$nri, r$se.nri),
      nri_events = tested(r$nri.ev, r$se.nri.ev),
      nri_non_events = tested(r$nri.ne, r$se.nri.ne)
    )
  )
)

x <- table_of("veteran_more")[, c("karno", "score")]
i <- suppressWarnings(ICC(x, lmer = FALSE)$results)
add(
  "ICC",
  "icc",
  "veteran_more",
  c("--raters", "karno,score"),
  list(
    icc = lapply(1:6, function(k) {
      list(
        estimate = one(i$ICC[k]),
        f = one(i$F[k]),
        df1 = one(i$df1[k]),
        df2 = one(i$df2[k]),
        lower = one(i$`lower bound`[k]),
        upper = one(i$`upper bound`[k])
      )
    })
  )
)
write(toJSON(list(cases = cases), digits = I(15), na = "null", auto_unbox = TRUE), arguments[2])
