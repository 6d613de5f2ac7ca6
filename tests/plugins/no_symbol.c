/* SPDX-License-Identifier: MIT */
/* A shared object that is no plug-in. */
extern int nothing_of_ours;
__attribute__((visibility("default"))) int nothing_of_ours = 1;
