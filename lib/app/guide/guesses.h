/* The words of kcat, rpk, kaf, kafkactl and Kafka's scripts, and what they are called here. */
#ifndef KT_GUESSES_H
#define KT_GUESSES_H

#include "guess.h"

/* Up to a row without text. */
extern const struct kt_guess kt_guesses[];

#endif
