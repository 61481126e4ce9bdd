/* The layers of a configuration before they are one: which of their settings belong together.
 *
 *   struct kt_layers layers = {.typed = opts->config != NULL};
 *   kt_settings_put_from(&layers.of[KT_RANK_ENV], KT_RANK_ENV, "bootstrap.servers", "h:9092", &from); …
 *   kt_layers_join(&settings, &layers);
 *   kt_layers_fini(&layers);
 *
 * Credentials belong to the brokers that they lead to. A layer that names other brokers than those below it is another
 * cluster: nothing of theirs about a connection is used for it. What names no brokers is for every cluster. The same
 * brokers are the same HOST:PORT, loopback names and kt.resolve considered; all that are named have to be among the
 * others, since whichever answers first gets the credentials. Names that only DNS could compare do not: one address may
 * stand in front of many clusters.
 */
#ifndef KT_LAYERS_H
#define KT_LAYERS_H

#include "settings.h"

struct kt_layers {
	struct kt_settings of[KT_RANK_FLAG + 1]; /* by rank */
	/* The file or the profile was named by an option: its brokers outweigh those of the environment, and its
	 * credentials are used for -b, since they were given in the same command. */
	bool typed;
	const char *profile; /* what to say after --profile to mean the file's settings: borrowed */
	/* These settings are about to be written into a section: what stands in it counts, whatever the brokers. */
	const char *section; /* its name; "": in front of all; NULL: nothing is written; borrowed */
};

/* Puts the settings that belong together into out, and says which credentials were left out where that matters. */
void kt_layers_join(struct kt_settings *out, struct kt_layers *l);

/* Whether each address of a list of brokers is among those of another. */
bool kt_layers_all_among(const char *brokers, const char *others);

void kt_layers_fini(struct kt_layers *l);

#endif
