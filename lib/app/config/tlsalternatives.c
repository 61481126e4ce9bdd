#include "tlsalternatives.h"

/* For each thing the ways to set it, each with the keys that belong together. */
static const char *const things[][4][5] = {
	{{"ssl.ca.location"}, {"ssl.ca.pem"}, {"ssl.truststore.location"}, {"ssl.ca.certificate.stores"}},
	{{"ssl.keystore.location"},
		{"ssl.certificate.location", "ssl.certificate.pem", "ssl.key.location", "ssl.key.pem"}},
	{{"kt.oauth.command"}, {"kt.oauth.file"}, {"sasl.oauthbearer.method"},
		{"enable.sasl.oauthbearer.unsecure.jwt"}},
};

static int rank_of_way(const struct kt_settings *s, const char *const *keys)
{
	int highest = -1;
	for (; *keys; keys++) {
		const struct kt_setting *found = kt_settings_get(s, *keys);
		if (found && (int)found->rank > highest)
			highest = (int)found->rank;
	}
	return highest;
}

static int rank_of_thing(const struct kt_settings *s, size_t thing)
{
	int highest = -1;
	for (size_t way = 0; way < KT_LEN(things[thing]); way++) {
		int rank = rank_of_way(s, things[thing][way]);
		highest = rank > highest ? rank : highest;
	}
	return highest;
}

static bool says(size_t thing, const char *key)
{
	for (size_t way = 0; way < KT_LEN(things[thing]); way++)
		for (const char *const *k = things[thing][way]; *k; k++)
			if (!strcmp(*k, key))
				return true;
	return false;
}

int kt_tlsalternatives_rank(const struct kt_settings *s, const char *key)
{
	for (size_t thing = 0; thing < KT_LEN(things); thing++)
		if (says(thing, key))
			return rank_of_thing(s, thing);
	const struct kt_setting *found = kt_settings_get(s, key);
	return found ? (int)found->rank : -1;
}

void kt_tlsalternatives_drop_weaker(struct kt_settings *s)
{
	for (size_t thing = 0; thing < KT_LEN(things); thing++) {
		int highest = rank_of_thing(s, thing);
		for (size_t way = 0; way < KT_LEN(things[thing]); way++) {
			const char *const *keys = things[thing][way];
			if (rank_of_way(s, keys) < highest)
				for (; *keys; keys++)
					kt_settings_drop(s, *keys);
		}
	}
}
