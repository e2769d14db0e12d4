#include "verbs.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

namespace gliocast::cli {
namespace {

constexpr std::string_view kXu = "Xu et al. 2022, Front. Oncol. 12:969907";

constexpr auto kVerbs = std::to_array<Verb>({
    {.name = "predict",
     .summary = "One patient or a cohort: outline, probability of high grade, report",
     .executable = Executable::Imaging,
     .description =
         "From MRI (T1, contrast-enhanced T1, T2; two of them suffice) to tumour outline, measurements, probability of "
         "high grade and a report.\n"
         "Images as the hospital has them (skull, different grids), or skull-stripped and on one grid, as in BraTS: "
         "found out.",
     .examples = "gliocast predict --t1 t1.nii.gz --t1gd t1gd.nii.gz --t2 t2.nii.gz --out result\n"
                 "gliocast predict brats/BraTS-GLI-00000-000 --out result\n"
                 "gliocast predict cohort.tsv --out results --jobs 4\n"
                 "gliocast predict brats/BraTS-GLI-00000-000 --age 41 --histology O --grade 2 --out result",
     .reference = kXu},
    {.name = "bids",
     .summary = "predict and study run on a BIDS dataset, called as a BIDS-App",
     .executable = Executable::Imaging,
     .description =
         "At the level participant every participant (or session) is predicted as by `gliocast predict`, into a BIDS "
         "derivative that the official validator accepts; at the level group `gliocast study run` makes the study of "
         "all of them, with participants.tsv as the clinical table.\n"
         "What is done is kept, so that a call a participant fills one folder. A session is a patient of its own: "
         "sub-01, ses-02 becomes sub-01ses02.",
     .examples = "gliocast bids data derivatives/gliocast participant\n"
                 "gliocast bids data derivatives/gliocast participant --participant-label 01 02 --n-cpus 2\n"
                 "gliocast bids data derivatives/gliocast group --column grade=WHO --preset demo",
     .remarks = "predictions.tsv holds the participants of the last call; group/ is the folder of the study.",
     .reference = "BIDS-Apps: Gorgolewski 2017"},
    {.name = "preprocess",
     .summary = "Raw MRI to aligned, skull-stripped sequences on one grid",
     .executable = Executable::Imaging,
     .description =
         "N4 bias field correction, rigid registration of every sequence to T1-Gd (else T1, T2, FLAIR), brain "
         "extraction, z-score, 1 mm working grid;\n"
         "quality figures and pictures in preprocessing.html. Steps that are found done already are left out. About 15 "
         "seconds a patient.",
     .examples = "gliocast preprocess --t1 t1.nii.gz --t1gd t1gd.nii.gz --t2 t2.nii.gz --out prepared\n"
                 "gliocast preprocess dicom-folder --out prepared\n"
                 "gliocast preprocess bids --out prepared --jobs 2",
     .reference = "N4: Tustison 2010; registration by mutual information: Mattes 2003, as ITK"},
    {.name = "series",
     .summary = "The series of a DICOM folder, which are used, and why",
     .executable = Executable::Imaging,
     .description =
         "A table of every series in a folder of DICOM files: what it looks like, whether `predict` and `preprocess` "
         "use it,\n"
         "and why or why not. Descriptions and dates are shown here alone; no output of gliocast holds them.",
     .examples = "gliocast series exam\ngliocast series exam --study 2 --t1gd 8\ngliocast series exam --json"},
    {.name = "simulate",
     .summary = "Make simulated glioma patients with known truth",
     .executable = Executable::Imaging,
     .description =
         "Simulates glioma patients from a real head (Debian's mricron-data): images, true outlines, two raters' "
         "masks, clinical table, survival.\n"
         "A patient depends on --seed and its number alone. About 4 s a patient on one core.\n"
         "The hazard has a term of age, WHO grade, histology and enhancement each, and one of the tumour's texture, "
         "which only images show. With --resume another --outcome-seed, or none of that term, draws outcomes anew and "
         "keeps "
         "the images.",
     .examples = "gliocast simulate --patients 20 --seed 7 --out cohort\n"
                 "gliocast simulate --patients 4 --high-grade 0 --spacing 2 --only t1gd --no-raters --out many\n"
                 "gliocast simulate --patients 4 --high-grade 0 --spacing 2 --only t1gd --no-raters --out many "
                 "--no-texture-term --resume"},
    {.name = "study",
     .summary = "A cohort in, a study's tables, figures and models out",
     .executable = Executable::Imaging},
    {.name = "study grading",
     .summary = "Grading by network, radiomics and both: Tables 1, 2 and S3 of the paper, and a model for predict",
     .executable = Executable::Imaging,
     .description =
         "Outlines every patient's tumour, extracts 788 radiomic features of each sequence, and cross-validates: in "
         "each fold one half of the training patients fits a network, the other half selection and classifier on its "
         "features, then crossed.\n"
         "With and without squeeze-and-excitation, on patches and on the complete MRI, integrated and network alone.",
     .examples = "gliocast study grading cohort --out study\n"
                 "gliocast study grading cohort --out study --resume\n"
                 "gliocast study grading cohort --out chance --permute-labels",
     .remarks = "table_1, table_2, table_s3 (.tsv, .md, .tex), figure_s3 and ROC curves (.svg, .pdf, .png), "
                "predictions.tsv, study.json with every number's interval and an audit of who fitted what, model/.",
     .reference = kXu},
    {.name = "study settings",
     .summary = "What can be set of a study, printed as a file to be edited",
     .executable = Executable::Imaging,
     .description =
         "Prints every setting with its value as YAML on standard output; comments say what each is and what it may "
         "be.",
     .examples = "gliocast study settings\n"
                 "gliocast study settings --preset demo --set seed=7 --set grading.network.epochs=2 > study.yaml"},
    {.name = "study run",
     .summary = "A cohort in, the paper out: grading, survival, nomograms, validation, report",
     .executable = Executable::Imaging,
     .description =
         "Applies the inclusion criteria, outlines and measures every patient, compares raters' masks where there are "
         "some, grades with all ablations, fits and judges the signature of survival with both nomograms, tries all of "
         "it on a second cohort, and writes a report like the results of a paper.\n"
         "Without images: --features takes tables of features that any tool measured, one a sequence, with a column of "
         "ids; the study is then of radiomics alone.\n"
         "Run again it does only what changed; killed, it goes on. `gliocast study plan` says beforehand what is to be "
         "done, `gliocast study status` from another terminal how it stands.",
     .examples = "gliocast study run cohort --validation cohort2 --out study\n"
                 "gliocast study run cohort --clinical clinical.tsv --column grade=WHO --preset demo --out study\n"
                 "gliocast study run --features T1GD.tsv t2=radiomics.csv --clinical clinical.tsv --out study",
     .remarks = "report.html and report.md; tables/ and figures/ under the paper's names; stages/ with every stage's "
                "files; patients/ (outlines and features: not to be given away); settings.yaml, audit.tsv, study.json.",
     .reference = kXu},
    {.name = "study plan",
     .summary = "What study run would do, and why",
     .executable = Executable::Imaging,
     .description = "Reads the patients' names and the clinical tables, no image, and says of each stage whether it is "
                    "kept from an earlier run or is to be done, and what it takes: patients, networks, time and "
                    "disk, roughly.",
     .examples = "gliocast study plan cohort --validation cohort2 --out study"},
    {.name = "study status",
     .summary = "How a study stands, from another terminal",
     .executable = Executable::Imaging,
     .description = "The stages of a study that runs, is over or was stopped, and what the running one is at, with the "
                    "time left.",
     .examples = "gliocast study status study"},
    {.name = "study freeze",
     .summary = "A study's models as a bundle for other hospitals, without a patient",
     .executable = Executable::Imaging,
     .description =
         "Takes the grading model and the signature with its nomograms out of a finished study run, with its settings, "
         "checksums of every file, the stages' run keys, numbers of patients, performance at home, and means and "
         "deviations of the training radiomics for ComBat. No image, name or row of a patient is in it.\n"
         "Refused are studies that are not finished, whose outcomes were shuffled, or a model of which could not be "
         "made.",
     .examples = "gliocast study freeze study --out bundle\n"
                 "gliocast study freeze study --out bundle --name \"gliomas 2024\"",
     .remarks = "A support vector machine keeps standardised features of training patients as support vectors; "
                "choose another classifier (grading.chain) where these must not leave."},
    {.name = "study validate",
     .summary = "A frozen study on another hospital's cohort: statistics leave, patients stay",
     .executable = Executable::Imaging,
     .description =
         "Checks the bundle's checksums, applies the study's criteria, examines the patients as the study did, grades "
         "them and tells their survival by the frozen models. statistics/ holds AUC (DeLong), sensitivity, "
         "specificity, "
         "calibration, Brier scores, C, the hazard ratio of the risk groups, both nomograms' C, counts, and the same "
         "numbers at home: that folder may leave the hospital, all else stays.\n"
         "Counts below 5 are withheld, with those that would give them away by subtraction, and statistics of such "
         "groups; no curve shows single patients.",
     .examples = "gliocast study validate bundle cohort3 --out validation\n"
                 "gliocast study validate bundle cohort3 --clinical clinical.tsv --column grade=WHO --out validation "
                 "--recalibrate --least 10",
     .remarks = "Another run goes on from the patients who were examined. Statistics of several runs over nearly the "
                "same patients can be subtracted from each other: give away one of them.\n"
                "After recalibration: cross-validated; fitted to all patients are only the numbers called to use here.",
     .reference = "DeLong 1988; Wilson 1927; Cox 1958; van Houwelingen 2000; Hundepool 2012"},
    {.name = "train",
     .summary = "Train the segmentation, grading or prognosis network on a cohort",
     .executable = Executable::Imaging},
    {.name = "train segmentation",
     .summary = "3-D U-Net of recombination blocks: whole tumour or core",
     .executable = Executable::Imaging,
     .examples = "gliocast train segmentation cohort --out run1 --folds 4 --fold 0 --epochs 100",
     .reference = kXu},
    {.name = "train grading",
     .summary = "3-D ResNet18 with squeeze-and-excitation on tumour patches: low (WHO II, III) or high grade (WHO IV)",
     .executable = Executable::Imaging,
     .examples = "gliocast train grading cohort --out run2 --folds 4 --epochs 40",
     .remarks =
         "With --folds the network is cross-validated and calibrated on all folds, then trained on all patients.",
     .reference = kXu},
    {.name = "train prognosis",
     .summary = "2-D ResNet18 on the axial slice with the largest tumour area: survival, and WHO grade II or III",
     .executable = Executable::Imaging,
     .description =
         "Two tasks on shared weights: the grade by cross-entropy, survival by the Cox partial likelihood (--loss cox) "
         "or as the log of its time (--loss time). Who lacks one of them trains the other.",
     .examples = "gliocast train prognosis cohort --clinical cohort/clinical.tsv --time time --event event --out run3\n"
                 "gliocast train prognosis cohort --clinical cohort/clinical.tsv --time time --event event --out run4 "
                 "--folds 4",
     .remarks = "validation.tsv or, with --folds, cross_validation.tsv hold the risks of held-out patients, "
                "metrics.json Harrell's C. The model's card says which loss and start it has.",
     .reference = kXu},
    {.name = "radiomics",
     .summary = "Radiomic features of an image and a mask, with PyRadiomics' parameters, names and numbers",
     .description =
         "Features of a region by PyRadiomics' definitions: first order, shape, GLCM, GLRLM, GLSZM, GLDM, NGTDM; of "
         "the original, wavelet, LoG, square, square root, logarithm, exponential, gradient and "
         "local binary pattern images.\n"
         "Takes PyRadiomics' parameter files and writes its CSV.",
     .examples = "gliocast radiomics image.nrrd mask.nrrd --params Params.yaml --out features.csv\n"
                 "gliocast radiomics t1gd.nii.gz seg.nii.gz --preset paper788 --label 4 --setting binWidth:10\n"
                 "gliocast radiomics --batch cases.csv --preset all --out features.csv --jobs 4\n"
                 "gliocast radiomics image.nrrd mask.nrrd --voxel-based --params Voxel.yaml --out maps",
     .reference = "van Griethuysen 2017 (PyRadiomics 3.0.1); Zwanenburg 2020 (IBSI)"},
    {.name = "survival",
     .summary = "Survival statistics of a table: Kaplan-Meier, log-rank, Cox models, concordance, nomograms",
     .remarks = "Every verb reads one table with a header line (text: CSV, TSV), --time and --event name its outcome. "
                "\"gliocast survival VERB --help\" has an example."},
    {.name = "survival km",
     .summary = "Kaplan-Meier curves with intervals, medians, Nelson-Aalen hazard, restricted mean; a figure with "
                "numbers at risk",
     .examples = "gliocast survival km lung.csv --time time --event status --group sex --figure km.pdf",
     .remarks = "std_error is that of log survival, as R's survfit$std.err; --json also has std_error_survival.",
     .reference = "Kaplan & Meier 1958; Greenwood 1926; Nelson 1972, Aalen 1978; as R's survival::survfit"},
    {.name = "survival logrank",
     .summary = "Log-rank test of two or more groups, stratified or weighted",
     .examples = "gliocast survival logrank lung.csv --time time --event status --group sex --strata inst",
     .reference = "Mantel 1966; Harrington & Fleming 1982; as R's survival::survdiff"},
    {.name = "survival cox",
     .summary = "Cox model: hazard ratios, tests, concordance; univariate screening and selection; a forest plot",
     .examples = "gliocast survival cox lung.csv --time time --event status --formula \"age + sex + ph.ecog\" --save "
                 "model.json --figure forest.pdf",
     .remarks =
         "Columns of text are factors, their first level in byte order is the reference unless --ref names another.",
     .reference = "Cox 1972; ties by Efron 1977 or Breslow 1974; Lin & Wei 1989 (robust); as R's survival::coxph"},
    {.name = "survival penalised",
     .summary = "Cox model with the elastic net's penalty (ridge to lasso): its path, lambda by cross-validation",
     .examples =
         "gliocast survival penalised lung.csv --time time --event status --alpha 0.5 --folds 5 --seed 1 --save "
         "penalised.json --figure path.pdf --cv-figure cv.pdf\n"
         "gliocast survival penalised lung.csv --time time --event status --formula \"age + sex + ph.ecog\" "
         "--alpha 0 --lambda 0.1\n"
         "gliocast survival penalised lung.csv --time time --event status --adaptive --folds 5",
     .remarks = "Columns are penalised with a standard deviation of 1 and told on their own scale. Lambda, path and "
                "folds as R's glmnet. Told as doubtful: columns that separate the events, columns alike or collinear "
                "without a penalty, folds without an event, fewer than 10 events.",
     .reference = "Simon, Friedman, Hastie & Tibshirani 2011; Verweij & van Houwelingen 1993; Zou 2006 and Zhang & Lu "
                  "2007 (adaptive); as R's glmnet"},
    {.name = "survival zph",
     .summary = "Test of proportional hazards of each term (R's cox.zph)",
     .examples = "gliocast survival zph lung.csv --time time --event status --formula \"age + sex\"",
     .reference = "Grambsch & Therneau 1994; as R's survival::cox.zph"},
    {.name = "survival predict",
     .summary = "Survival of the rows of a new table from a saved model",
     .examples = "gliocast survival predict new.csv --model model.json --times 365,730 --out predicted.tsv",
     .reference = "as R's survival::survfit(coxph)"},
    {.name = "survival cindex",
     .summary = "Concordance of a risk score with its interval; comparison of two scores of the same rows",
     .examples = "gliocast survival cindex lung.csv --time time --event status --score age --against ph.ecog",
     .reference = "Harrell 1982; Therneau & Watson 2015; as R's survival::concordance"},
    {.name = "survival compare",
     .summary = "Two Cox models on the same rows, fitted to them or saved: difference of C (R's concordance(fit1, "
                "fit2)), likelihood ratio test where nested",
     .examples = "gliocast survival compare lung.csv --time time --event status --formula \"age + sex\" --against "
                 "\"age + sex + ph.ecog\"\n"
                 "gliocast survival compare new.csv --time time --event status --model model.json --against-model "
                 "model.json",
     .remarks =
         "Difference: C of the first (--formula, --model) less that of the second, above 0 where the first orders "
         "survival better. The likelihood ratio of saved models is that of their terms, fitted anew to these "
         "rows; where there is none, it is said why.",
     .reference = "as R's survival::concordance of two fits, anova of two coxph fits"},
    {.name = "survival nomogram",
     .summary = "Nomogram of a saved model as a figure, a table, and a calculator that runs in a browser",
     .examples = "gliocast survival nomogram --model model.json --times 365,730 --unit days --figure nomogram.pdf "
                 "--html nomogram.html",
     .reference = "Kattan 2003; as R's rms::nomogram"},
    {.name = "survival integrate",
     .summary = "What a signature adds to clinical factors: clinical and integrated nomogram, compared on rows that "
                "neither has seen",
     .description =
         "Cuts a signature (low = poor survival) into two risk groups, selects and fits a Cox model of the clinical "
         "factors and one of those with the group, and compares them:\n"
         "on --external, else by cross-validation in which both are selected and fitted anew in every fold.",
     .examples =
         "gliocast survival integrate training.csv --time time --event status --signature score --high-risk above "
         "--factors age,sex,ph.ecog --times 180,365 --unit days --external test.csv --out nomograms\n"
         "gliocast survival integrate lung.csv --time time --event status --signature score --high-risk above "
         "--factors age,sex,ph.ecog --times 180,365 --unit days --folds 5 --repeats 4 --out nomograms",
     .remarks =
         "table_3 (integrated), table_4 (clinical), univariate, performance, at_times, calibration, decision, "
         "selection, coefficients (.tsv); figure_3c and 3d (nomograms), 4a to 4d\n(calibration, training and "
         "validation), decision curves; both models for survival external and nomogram; integrate.json.\n"
         "The integrated model reads the column risk_group (low, high). Without --external the group is taken as "
         "given: a fit of the signature to these rows is not in the cross-validation.",
     .reference = "Xu et al. 2022, Front. Oncol. 12:969907; difference in C: Kang 2015; Brier: Graf 1999"},
    {.name = "survival calibrate",
     .summary =
         "Observed against predicted survival at given times: Kaplan-Meier of groups, smooth curve, Brier scores",
     .examples = "gliocast survival calibrate new.csv --time time --event status --model model.json --times 365,730 "
                 "--figure calibration.pdf",
     .reference = "groups as R's rms::groupkm; smooth: Austin, Harrell & van Klaveren 2020; Brier: Graf 1999, Gerds & "
                  "Kattan 2021"},
    {.name = "survival external",
     .summary = "A saved model on a cohort that it has not seen: C, calibration, Brier scores, decision curves; "
                "recalibration",
     .examples = "gliocast survival external new.csv --time time --event status --model model.json --times 180,365 "
                 "--recalibrate baseline --figure calibration.pdf --decision-figure decision.pdf",
     .remarks =
         "Slope: the coefficient of the linear predictor, 1 where it is neither too wide nor too narrow. In the "
         "large: the logarithm of events observed over expected. Figures draw the recalibrated model where there is "
         "one, and say so. A signature's bundle is judged by its own Cox model, on the signature that TABLE's features "
         "give.",
     .reference = "van Houwelingen 2000; Crowson, Atkinson & Therneau 2016"},
    {.name = "survival timeroc",
     .summary = "Time-dependent ROC curve and AUC with its interval, of scores or of a model; scores are compared with "
                "the first",
     .examples = "gliocast survival timeroc lung.csv --time time --event status --score age --times 180,365 --figure "
                 "roc.pdf",
     .reference = "Uno 2007; Blanche 2013"},
    {.name = "survival decision",
     .summary = "Decision curves: net benefit of treating by the model's risk at given times",
     .examples = "gliocast survival decision new.csv --time time --event status --model model.json --times 365 "
                 "--figure decision.pdf",
     .reference = "Vickers & Elkin 2006; Vickers 2008"},
    {.name = "survival validate",
     .summary = "Bootstrap correction of a Cox model's concordance and calibration slope for optimism",
     .examples = "gliocast survival validate lung.csv --time time --event status --formula \"age + sex + ph.ecog\"",
     .remarks = "Only the fit is repeated in each sample; a selection of terms made before is not undone.",
     .reference = "Harrell, Lee & Mark 1996"},
    {.name = "survival reclassify",
     .summary = "Net reclassification (NRI) and integrated discrimination improvement (IDI) of one Cox model over "
                "another at given times",
     .examples = "gliocast survival reclassify lung.csv --time time --event status --formula \"age + sex + ph.ecog\" "
                 "--against \"age + sex\" --times 365",
     .remarks = "Positive values: the first model is better. The NRI of nested models tends to be positive even where "
                "the added column is noise; no P value is given for it.",
     .reference = "Pencina 2008, 2011; weights: Uno 2013"},
    {.name = "survival cutpoint",
     .summary = "Best cut of a value, or best two cuts: all divisions (X-tile), maximally selected log-rank statistic "
                "with a corrected P, training and validation; the median cut beside it",
     .examples = "gliocast survival cutpoint training.csv --time time --event status --value score --cuts 2 "
                 "--validation test.csv --figure map.pdf",
     .remarks = "P corrected for the search: Lausen & Schumacher with one cut, permutations with two.",
     .reference = "Camp 2004 (X-tile); Lausen & Schumacher 1992"},
    {.name = "survival characteristics",
     .summary = "Table 1: columns described by group, with the right test for each",
     .examples = "gliocast survival characteristics lung.csv --group sex --columns age,ph.ecog --out table1.md",
     .remarks = "Numbers: median (quartiles), Mann-Whitney or Kruskal-Wallis; factors: n (%), chi-square, or Fisher's "
                "exact test where an expected count is below 5\n(simulated where the table is too large for it). The "
                "column \"test\" says which."},
    {.name = "combat",
     .summary = "Features of several scanners or centres, harmonised by ComBat",
     .description = "Takes out of each feature the shift and scale that a scanner or centre put in, and keeps what the "
                    "columns of --keep explain. Cells of other columns stay as they are.\n"
                    "For a model that is evaluated, put the step combat into its chain: here the fit sees every row.",
     .examples =
         "gliocast combat features.tsv --batch centre --keep age,grade --out harmonised.tsv --save combat-model\n"
         "gliocast combat new.tsv --model combat-model --out new-harmonised.tsv",
     .reference = "Johnson 2007; Fortin 2018; as neuroCombat"},
    {.name = "grade", .summary = "From a table of features to a class: train, predict, evaluate without leaks"},
    {.name = "grade train",
     .summary = "Selection, classifier, calibration and threshold from a table of features, as a model bundle",
     .description =
         "Fits a chain of selection and classifier to a table of features (gliocast's, PyRadiomics', any tool's), and "
         "refits it to bootstraps of the patients for intervals.\n"
         "Prints the features that the classifier reads, and how often the refits chose them.",
     .examples = "gliocast grade train features.tsv --label grade --positive HGG --out grade-model\n"
                 "gliocast grade train features.tsv --label grade --positive HGG --chain chain.yaml --out grade-model\n"
                 "gliocast grade train --print-chain --chain paper",
     .reference = kXu},
    {.name = "grade predict",
     .summary = "Probability of the class of new rows, with interval and what moved it",
     .description =
         "Refused are rows of patients who fitted a network that made a column (new.json beside new.tsv says "
         "so), and columns of another network than in training.",
     .examples = "gliocast grade predict new.tsv --model grade-model --out probabilities.tsv --explain shapley.tsv",
     .remarks = "lower, upper: 95 % of the probability over bootstrap refits of the whole chain; class: by the "
                "threshold that was chosen in training.",
     .reference = "Shapley values: Lundberg & Lee 2017"},
    {.name = "grade evaluate",
     .summary = "How good a chain is: nested cross-validation, the whole chain refitted in every fold",
     .description =
         "Every number is of patients whom no part of the chain had seen. Writes metrics, predictions, "
         "selection and its stability, ROC, precision-recall, calibration and decision curves.\n"
         "With --split the chain is fitted, chosen and judged on three parts, stratified by class and centre.",
     .examples =
         "gliocast grade evaluate features.tsv --label grade --positive HGG --out evaluation\n"
         "gliocast grade evaluate features.tsv --label grade --positive HGG --repeats 10 --permute-labels --out "
         "chance\n"
         "gliocast grade evaluate features.tsv --label grade --positive HGG --centre centre --split 6:2:2 --out split",
     .remarks = "auc is of the pooled predictions of the folds, the mean over repeats; limits are percentiles of a "
                "bootstrap over patients.\nnaive_auc is what selecting outside the folds would have shown.",
     .reference = "nested cross-validation: Varma & Simon 2006; stability: Nogueira 2018; DeLong 1988"},
    {.name = "signature",
     .summary = "From a cohort, or a table of features, to survival: a signature trained, applied, evaluated without "
                "leaks"},
    {.name = "signature train",
     .summary = "A signature of survival from a table of features: forest, elastic net, cut, survival at times",
     .description =
         "z-scores, a random forest that keeps ten candidates, an elastic net that weighs them: the signature is "
         "the weighted sum, low is poor survival, and below the median of the training rows is high risk.\n"
         "Times and events are columns of the table, or of a clinical table that is joined by id. Prints the weights.",
     .examples =
         "gliocast signature train features.tsv --clinical clinical.tsv --time months --event dead --out signature\n"
         "gliocast signature train features.tsv --time months --event dead --preset paper --out paper-signature\n"
         "gliocast signature train --print-chain --preset default",
     .remarks = "The preset default fits martingale residuals and a penalised Cox model; paper the logarithm of the "
                "time, with censored times as deaths, as in the study.\n"
                "A folder of images in place of TABLE: gliocast signature train FOLDER --help.",
     .reference = kXu},
    {.name = "signature train",
     .summary = "A signature of survival from a cohort's images: networks, radiomics, nomograms, as a model bundle",
     .executable = Executable::Imaging,
     .description =
         "Outlines every patient's tumour and extracts 788 radiomic features of each sequence; chooses the sequence; "
         "halves of the patients fit a prognosis network and, with its features, a signature in turn.\n"
         "Where the clinical table has clinical factors, a clinical and an integrated nomogram are fitted too; by "
         "default a patient's risk group is of fits without him.",
     .examples =
         "gliocast signature train cohort --clinical cohort/clinical.tsv --time time --event event --out signature\n"
         "gliocast signature train cohort --clinical cohort/clinical.tsv --time time --event event --no-deep --out "
         "alone",
     .remarks = "The bundle holds no patient: files of patients go to OUT.work (--work), from which a further run "
                "goes on; signature evaluate says what the signature is worth.",
     .reference = kXu},
    {.name = "signature predict",
     .summary = "Signature, risk group and survival at times of new rows",
     .description =
         "Refused are rows of patients who fitted a network that made a column (new.json beside new.tsv says so), and "
         "columns of another network than in training.",
     .examples = "gliocast signature predict new.tsv --model signature --times 12,36,60 --out survival.tsv\n"
                 "gliocast signature predict new.tsv --model signature --times 12,36 --clinical clinical.tsv --out "
                 "predicted.tsv",
     .remarks = "Survival and its limits are of the Cox model of the signature that training rows got from fits "
                "without them.\nAn integrated nomogram reads the column group of the predictions as its risk_group: "
                "survival predict predicted.tsv --model nomogram_integrated.json.\n"
                "A folder of images in place of TABLE: gliocast signature predict FOLDER --help."},
    {.name = "signature predict",
     .summary = "Signature, risk group and survival at times of new patients, from their images",
     .executable = Executable::Imaging,
     .description = "Outlines the tumours and extracts what the model reads: radiomics, and the features of its "
                    "networks. A patient who fitted one of the networks is refused.",
     .examples = "gliocast signature predict patients --model signature --times 12,36,60 --out survival.tsv",
     .remarks = "Low signature = poor survival, high risk is below the cut. Of a model of two members the means are "
                "said, limits included.\n"
                "A model that was trained on a table reads the radiomics of --sequence."},
    {.name = "signature evaluate",
     .summary = "How good a signature is: nested cross-validation, the whole chain refitted in every fold",
     .description =
         "Every number is of patients whom no part of the chain had seen. Writes C with intervals, Kaplan-Meier "
         "curves and log-rank test of the held-out risk groups, weights, how often each feature was chosen.\n"
         "With --external the signature of all rows is tried on a second table.",
     .examples =
         "gliocast signature evaluate features.tsv --clinical clinical.tsv --time months --event dead --out "
         "evaluation\n"
         "gliocast signature evaluate features.tsv --time months --event dead --times 12,36 --external new.tsv --out "
         "external\n"
         "gliocast signature evaluate features.tsv --time months --event dead --permute-outcome --out chance\n"
         "gliocast signature evaluate features.tsv --time months --event dead --against paper --out both",
     .remarks =
         "c_index is of the pairs within folds, the mean over repeats. Its variance is V (1/repeats + K/(K - "
         "1)): V that of one repeat by a bootstrap over patients, K the outer folds, whose fits share patients.\n"
         "Of several rows a patient (--patient) intervals and tests count patients: robust variance, robust "
         "score tests, jackknife of the curves.\nnaive_c_index is what choosing the candidates outside the folds would "
         "have shown.\n"
         "A folder of images in place of TABLE: gliocast signature evaluate FOLDER --help.",
     .reference =
         "nested cross-validation: Varma & Simon 2006; variance over folds: Nadeau & Bengio 2003; stability: Nogueira "
         "2018; Harrell 1982; Lin & Wei 1989"},
    {.name = "signature evaluate",
     .summary = "How good a cohort's signature is: cross-validation from the images on, everything made anew in every "
                "fold",
     .executable = Executable::Imaging,
     .description =
         "In each outer fold the sequence is chosen among the training patients; halves of them fit a prognosis "
         "network and, with its features, a signature in turn; the mean of the two signatures is tested.\n"
         "Beside it: the other preset (--against), radiomics alone, and the networks alone.",
     .examples =
         "gliocast signature evaluate cohort --clinical cohort/clinical.tsv --time time --event event --times 12,36 "
         "--out evaluation\n"
         "gliocast signature evaluate cohort --clinical cohort/clinical.tsv --time time --event event --times 12,36 "
         "--nomograms --no-deep --out alone\n"
         "gliocast signature evaluate cohort --clinical cohort/clinical.tsv --time time --event event "
         "--permute-outcome --out chance",
     .remarks = "comparison (.tsv, .md): C of pairs within folds of each way, groups and their log-rank P; the rest as "
                "of a table. evaluation.json has an audit of who fitted what.",
     .reference = kXu},
    {.name = "roc",
     .summary = "ROC curve and AUC of a score with DeLong's interval; paired comparison of two scores",
     .examples = "gliocast roc grades.tsv --truth high_grade --score probability --against radiologist --figure "
                 "roc.pdf",
     .reference = "DeLong 1988; as R's pROC"},
    {.name = "icc",
     .summary = "Intraclass correlation of raters, all six forms of Shrout and Fleiss with intervals",
     .examples = "gliocast icc volumes.tsv --raters reader1,reader2,reader3",
     .reference = "Shrout & Fleiss 1979; McGraw & Wong 1996; as R's psych::ICC"},
});

/// Examples, remarks and reference, as they end the verb's help.
std::string footer_of(const Verb& verb) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() || part.empty() ? "" : "\n") + part; };
  std::string examples(verb.examples);
  const bool several = examples.find('\n') != std::string::npos;
  for (std::size_t at = 0; several && (at = examples.find('\n', at)) != std::string::npos; at += 3)
    examples.replace(at, 1, "\n  ");
  if (!examples.empty()) add(several ? "Examples:\n  " + examples : "Example: " + examples);
  add(std::string(verb.remarks));
  if (!verb.reference.empty()) add("Reference: " + std::string(verb.reference));
  return text;
}

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }

CLI::App& add_verb(CLI::App& parent, std::string_view name) {
  const auto light = [&](const Verb& v) { return v.name == name && v.executable == Executable::Light; };
  const bool both = std::ranges::any_of(kVerbs, light);
  return add_verb(parent, name, both ? Executable::Light : Executable::Imaging);
}

CLI::App& add_verb(CLI::App& parent, std::string_view name, Executable executable) {
  const auto verb =
      std::ranges::find_if(kVerbs, [&](const Verb& v) { return v.name == name && v.executable == executable; });
  if (verb == kVerbs.end()) throw std::logic_error("no verb '" + std::string(name) + "' in the list of verbs");
  const auto word = name.substr(name.rfind(' ') == std::string_view::npos ? 0 : name.rfind(' ') + 1);
  auto* added = parent.add_subcommand(std::string(word), std::string(verb->summary));
  if (const std::string footer = footer_of(*verb); !footer.empty()) added->footer(footer);
  if (!verb->description.empty())  // at the head of its own help alone: lists show the summary
    added->preparse_callback([added, text = std::string(verb->description)](std::size_t) { added->description(text); });
  return *added;
}

}  // namespace gliocast::cli
