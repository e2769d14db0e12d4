# Writes the tables that expected.json speaks of: public data sets of R's survival package, and simulated ones.
#   Rscript tables.R FOLDER
# Needs r-cran-survival (3.5-3 in Debian 12). The data stay in that package; the repository holds none of them.
suppressPackageStartupMessages(library(survival))
invisible(Sys.setlocale("LC_COLLATE", "C"))
folder <- commandArgs(trailingOnly = TRUE)[1]
dir.create(folder, showWarnings = FALSE, recursive = TRUE)
save_table <- function(x, name) write.csv(as.data.frame(x), file.path(folder, paste0(name, ".csv")), row.names = FALSE)

for (name in c(
  "lung",
  "veteran",
  "pbc",
  "colon",
  "ovarian",
  "bladder",
  "heart",
  "kidney",
  "stanford2",
  "mgus",
  "rats"
)) {
  save_table(get(name), name)
}
set.seed(20)
x <- veteran
x$weight <- round(runif(nrow(x), 0.5, 3), 2)
x$centre <- sample(c("north", "south", "west"), nrow(x), replace = TRUE)
x$shift <- round(rnorm(nrow(x), 0, 0.3), 3)
x$score <- x$karno + round(rnorm(nrow(x), 0, 10), 1)
x$late <- pmax(0, x$time - sample(1:60, nrow(x), replace = TRUE))
save_table(x, "veteran_more")

# Heavy ties, several factors, an interaction that matters.
n <- 400
simulated <- data.frame(
  age = round(rnorm(n, 50, 12)),
  volume = round(exp(rnorm(n, 3, 0.7)), 2),
  sex = sample(c("female", "male"), n, replace = TRUE),
  histology = sample(c("astro", "oligo", "mixed"), n, replace = TRUE),
  grade = sample(2:3, n, replace = TRUE),
  centre = sample(LETTERS[1:4], n, replace = TRUE)
)
hazard <- with(
  simulated,
  exp(
    0.04 *
      (age - 50) +
      0.5 * (grade == 3) -
      0.6 * (histology == "oligo") +
      0.3 * (sex == "male") * (grade == 3) +
      0.2 * log(volume)
  )
)
survival_time <- rexp(n, 0.02 * hazard)
censoring <- runif(n, 5, 90)
simulated$months <- pmax(1, ceiling(pmin(survival_time, censoring)))
simulated$dead <- ifelse(survival_time <= censoring, "yes", "no")
simulated$volume[c(3, 50, 111)] <- NA
simulated$histology[c(7, 200)] <- NA
save_table(simulated, "glioma")

# Two predicted probabilities of one class.
n <- 150
first <- runif(n)
truth <- rbinom(n, 1, first)
save_table(
  data.frame(truth = truth, first = round(first, 2), second = round(plogis(0.6 * qlogis(first) + rnorm(n, 0, 0.7)), 2)),
  "probabilities"
)
