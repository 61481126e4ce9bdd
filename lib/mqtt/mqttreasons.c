#include "mqttreasons.h"

#define ID "--client-id NAME chooses another one"
#define WHO "--user NAME, and the password in KT_MQTT_PASSWORD"
#define RIGHTS "the broker's operator says who may do what; its log has more"

/* 3.1.1, section 3.2.2.3 */
static const struct kt_mqttreason older[] = {
	{1, "it does not speak this version of MQTT", "--protocol chooses one", false},
	{2, "it does not take this client id", ID, false},
	{3, "its service is not available", NULL, true},
	{4, "the user name or the password is wrong", WHO, false},
	{5, "this client is not authorized", WHO, false},
	{0, "for a reason that MQTT 3.1.1 does not know", "its log may say more", false},
};

/* 5, section 2.4: those that a broker sends to a subscriber */
static const struct kt_mqttreason reasons[] = {
	{0x80, "for no reason that it tells", "its log may say more", false},
	{0x81, "it calls a packet malformed", "its log may say more", false},
	{0x82, "it sees an error of protocol", "its log may say more", false},
	{0x83, "it does not take what its standard allows", "its log may say more", false},
	{0x84, "it does not speak this version of MQTT", "--protocol chooses one", false},
	{0x85, "it does not take this client id", ID, false},
	{0x86, "the user name or the password is wrong", WHO, false},
	{0x87, "this client is not authorized", RIGHTS, false},
	{0x88, "its service is not available", NULL, true},
	{0x89, "it is busy", NULL, true},
	{0x8a, "this client is banned", RIGHTS, false},
	{0x8b, "it is shutting down", NULL, true},
	{0x8c, "it wants another way to authenticate", NULL, false},
	{0x8d, "it heard nothing within the keep-alive", NULL, true},
	{0x8e, "another client took the session over", ID, true},
	{0x8f, "it does not take the filter", NULL, false},
	{0x93, "it sent more than the receive maximum", NULL, true},
	{0x95, "a packet is too large for it", NULL, false},
	{0x96, "messages come too fast for it", NULL, true},
	{0x97, "a quota is used up", NULL, true},
	{0x98, "its operator ended the connection", NULL, true},
	{0x9c, "another server is to be used", NULL, false},
	{0x9d, "it has moved to another server", NULL, false},
	{0x9e, "it has no shared subscriptions", NULL, false},
	{0x9f, "connections come too fast for it", NULL, true},
	{0xa0, "the connection has lasted as long as it may", NULL, true},
	{0xa1, "it has no identifiers of subscriptions", NULL, false},
	{0xa2, "it has no subscriptions with wildcards", "name topics: --sub a/b", false},
	{0, "for a reason that MQTT 5 does not know", "its log may say more", false},
};

static const struct kt_mqttreason *find(const struct kt_mqttreason *row, unsigned code)
{
	while (row->code && row->code != code)
		row++;
	return row;
}

const struct kt_mqttreason *kt_mqttreason_3(unsigned code)
{
	return find(older, code);
}

const struct kt_mqttreason *kt_mqttreason_5(unsigned code)
{
	return find(reasons, code);
}
