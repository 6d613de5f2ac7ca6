/* SPDX-License-Identifier: MIT */
#ifndef R1_ZERO_CURVE_H
#define R1_ZERO_CURVE_H

/*
 * The curve of a run as a picture (SVG): format and accuracy by step, with
 * the held-out accuracy as dots, and the mean length.
 */

/** Draws the run in `folder` into the file `path`. */
int curve_of_run(const char *path, const char *folder);

/**
 * --plot: draws runs over each other.
 *
 * path  in  the file; NULL: curve.svg in the first run's folder
 * runs  in  folders, or the metrics.jsonl in them
 */
int curve_of_runs(const char *path, char **runs, int n_runs);

#endif
