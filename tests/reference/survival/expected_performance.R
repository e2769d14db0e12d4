# Writes expected_performance.json: calibration, Brier scores, time-dependent AUC, cut points, characteristics, ROC, ICC.
#   Rscript tables.R /tmp/tables && Rscript expected_performance.R /tmp/tables expected_performance.json
# Needs r-cran-rms, r-cran-riskregression, r-cran-maxstat, r-cran-proc, r-cran-psych, r-cran-jsonlite.
suppressPackageStartupMessages({library(rms); library(riskRegression); library(maxstat); library(pROC); library(psych); library(jsonlite)})
invisible(Sys.setlocale("LC_COLLATE", "C"))
arguments <- commandArgs(trailingOnly = TRUE)
cases <- list()
one <- function(x) unbox(unname(x))
add <- function(name, command, table, arguments, expected) cases[[length(cases) + 1]] <<- list(name = name, command = as.list(command), table = table, arguments = as.list(arguments), expected = expected)
table_of <- function(name) { d <- read.csv(file.path(arguments[1], paste0(name, ".csv")), stringsAsFactors = TRUE, na.strings = c("", "NA")); if (is.factor(d$dead)) d$dead <- 1 * (d$dead == "yes"); d }

performance <- function(name, table, time, event, formula, times, groups) {
  d <- table_of(table); d$.t <- d[[time]]; d$.e <- d[[event]]; if (max(d$.e) == 2) d$.e <- d$.e - 1
  fit <- coxph(as.formula(paste("Surv(.t, .e) ~", formula)), d, x = TRUE)
  d <- d[complete.cases(d[, all.vars(as.formula(paste("~", formula)))]), ]
  s <- summary(survfit(fit, newdata = d), times = times)$surv; if (length(times) == 1) s <- matrix(s, 1)
  score <- Score(list(m = 1 - t(s)), formula = Surv(.t, .e) ~ 1, data = d, times = times, metrics = c("auc", "brier"), conf.int = FALSE, null.model = FALSE, cens.model = "km")
  auc <- score$AUC$score; brier <- score$Brier$score
  S <- Surv(d$.t, d$.e)
  z <- qnorm(0.975)
  # cut2 reads values back from 15 digits; rounded to 10, equal predictions stay equal.
  expected <- list(times = lapply(seq_along(times), function(i) {
    k <- unclass(groupkm(signif(s[i, ], 10), S, g = groups, u = times[i]))
    x <- log(-log(s[i, ])); knots <- rcspline.eval(x, nk = 3, knots.only = TRUE); spline <- rcspline.eval(x, knots = knots, inclx = TRUE)
    smooth <- coxph(S ~ spline); observed <- c(summary(survfit(smooth, newdata = list(spline = spline)), times = times[i])$surv)
    list(time = one(times[i]), brier = one(brier$Brier[i]), smooth = list(ici = one(mean(abs(observed - s[i, ]))), e50 = one(median(abs(observed - s[i, ]))), e90 = one(quantile(abs(observed - s[i, ]), 0.9))),
         groups = lapply(seq_len(nrow(k)), function(g) list(n = one(k[g, 2]), events = one(k[g, 3]), predicted = one(k[g, 1]), observed = one(k[g, 4]), std_error = one(k[g, 5]), lower = one(k[g, 4] * exp(-z * k[g, 5])), upper = one(min(1, k[g, 4] * exp(z * k[g, 5]))))))
  }))
  options <- c("--time", time, "--event", event, "--formula", formula, "--times", paste(times, collapse = ","))
  add(name, c("survival", "calibrate"), table, c(options, "--groups", groups), expected)
  add(paste(name, "AUC"), c("survival", "timeroc"), table, options, list(curves = lapply(seq_along(times), function(i) list(time = one(times[i]), auc = one(auc$AUC[i])))))
}
performance("calibration of lung", "lung", "time", "status", "age + sex + ph.ecog", c(180, 365), 4)
performance("calibration with ties", "glioma", "months", "dead", "age + sex + grade", c(12, 24), 5)
performance("calibration of veteran", "veteran", "time", "status", "karno + celltype", c(60, 120), 3)

cut <- function(name, table, time, event, value) {
  d <- table_of(table); d$.t <- d[[time]]; d$.e <- d[[event]]; if (max(d$.e) == 2) d$.e <- d$.e - 1
  d <- d[!is.na(d[[value]]), ]
  m <- maxstat.test(as.formula(paste("Surv(.t, .e) ~", value)), d, smethod = "LogRank", pmethod = "Lau92", minprop = 0.1, maxprop = 0.9)
  low <- d[[value]] <= m$estimate
  add(name, c("survival", "cutpoint"), table, c("--time", time, "--event", event, "--value", value),
      list(best = list(cut = one(m$estimate), p_corrected = one(m$p.value), chi_square = one(survdiff(Surv(.t, .e) ~ low, d)$chisq)), median = list(cut = one(median(d[[value]])))))
}
cut("cut of age", "lung", "time", "status", "age"); cut("cut of karno", "veteran", "time", "status", "karno"); cut("cut of volume", "glioma", "months", "dead", "volume")

d <- table_of("glioma")
p_of <- function(v, g) one(if (is.numeric(v) && length(unique(na.omit(v))) > 2) { if (nlevels(g) == 2) wilcox.test(v ~ g)$p.value else kruskal.test(v ~ g)$p.value } else { t <- table(v, g); if (min(suppressWarnings(chisq.test(t))$expected) < 5) fisher.test(t)$p.value else chisq.test(t)$p.value })
for (g in c("sex", "centre")) { columns <- setdiff(c("age", "volume", "histology", "grade", "sex"), g)
  add(paste("characteristics by", g), c("survival", "characteristics"), "glioma", c("--group", g, "--columns", paste(columns, collapse = ",")), list(rows = lapply(columns, function(v) list(variable = one(v), p = suppressWarnings(p_of(d[[v]], factor(d[[g]]))))))) }
o <- table_of("ovarian"); columns <- c("resid.ds", "ecog.ps", "fustat")
add("characteristics, small cells", c("survival", "characteristics"), "ovarian", c("--group", "rx", "--columns", paste(c(columns, "age"), collapse = ",")), list(rows = lapply(c(columns, "age"), function(v) list(variable = one(v), p = suppressWarnings(p_of(o[[v]], factor(o$rx)))))))

l <- table_of("lung"); l <- l[complete.cases(l[, c("status", "age", "ph.ecog")]), ]
a <- roc(l$status, l$age, direction = "<", quiet = TRUE); b <- roc(l$status, l$ph.ecog, direction = "<", quiet = TRUE)
test <- roc.test(a, b, method = "delong")
interval <- function(r) { ci <- as.numeric(ci.auc(r)); list(auc = one(ci[2]), lower = one(max(0, ci[1])), upper = one(min(1, ci[3]))) }
add("ROC", "roc", "lung", c("--truth", "status", "--score", "age", "--against", "ph.ecog"), c(interval(a), list(against = interval(b), p = one(test$p.value))))

v <- table_of("glioma")[1:40, ]
set.seed(3); x <- table_of("veteran_more")[, c("karno", "score")]
i <- suppressWarnings(ICC(x, lmer = FALSE)$results)
add("ICC", "icc", "veteran_more", c("--raters", "karno,score"), list(icc = lapply(1:6, function(k) list(estimate = one(i$ICC[k]), f = one(i$F[k]), df1 = one(i$df1[k]), df2 = one(i$df2[k]), lower = one(i$`lower bound`[k]), upper = one(i$`upper bound`[k])))))
write(toJSON(list(cases = cases), digits = I(15), na = "null", auto_unbox = TRUE), arguments[2])
