/* SPDX-License-Identifier: MIT */
#ifndef LINK_TRAINER_NUMBERS_H
#define LINK_TRAINER_NUMBERS_H

/** Advantages, loss and gradient of one small step, printed.  main.cpp of
 *  link_trainer_cpp and ctypes_grpo.py make the same calls, and print the
 *  same.  Returns 0 or a negative code. */
int print_numbers(void);

#endif
