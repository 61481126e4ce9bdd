/* The exercises of the course documents, the original command beside the one of kt: what `kt help tutorial` prints.
 *
 *   for (const struct kt_tutorialstep *step = kt_tutorialsteps; step->what; step++) …
 */
#ifndef KT_TUTORIALSTEPS_H
#define KT_TUTORIALSTEPS_H

enum kt_tutorialend { KT_ENDS_BY_ITSELF, KT_ENDS_AT_CTRL_D, KT_ENDS_AT_CTRL_C, KT_ENDS_AT_KILL };

/* In the lines {topic}, {group}, {brokers} and {flags} are the reader's. */
struct kt_tutorialstep {
	const char *chapter; /* that begins with this step, or NULL */
	const char *what;    /* it shows */
	const char *was;     /* the documents' line; NULL: they have none */
	const char *kt;      /* kt's */
	enum kt_tutorialend end;
	const char *and; /* to be typed in another terminal meanwhile, or NULL */
};

extern const struct kt_tutorialstep kt_tutorialsteps[]; /* without what at the end */

#endif
