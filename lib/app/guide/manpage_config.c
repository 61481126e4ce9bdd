/* kt-config(5) */
#include "conffile.h"
#include "manpages.h"
#include "mem.h"
#include "ownkeys.h"

static void places(struct kt_manpage_writer *w)
{
	kt_manpage_heading(w, "Files");
	kt_manpage_text(w,
		"The file that -F names is read, else that of $KT_CONFIG, else the first of these that is there. "
		"`kt config path` says which one that is.");
	for (const char *const *pair = kt_conffile_places; *pair; pair += 2)
		kt_manpage_row(w, pair[0], pair[1]);
}

static void own_keys(struct kt_manpage_writer *w)
{
	kt_manpage_heading(w, "Properties of kt's own");
	for (const struct kt_ownkey *own = kt_ownkeys; own->help; own++)
		if (own->key)
			kt_manpage_row(w, own->key, own->help);
}

static void variables(struct kt_manpage_writer *w)
{
	kt_manpage_heading(w, "Environment");
	kt_manpage_text(w, "Of several names for the same the first wins.");
	for (const struct kt_ownkey *own = kt_ownkeys; own->help; own++) {
		kt_auto(kt_free_ptr) char *names = own->env ? kt_ownkey_variables(own) : NULL;
		if (names)
			kt_manpage_row(w, names, own->help);
	}
}

static void syntax(struct kt_manpage_writer *w)
{
	kt_manpage_heading(w, "Syntax");
	kt_manpage_text(w,
		"Lines are property=value with the names of librdkafka (`-X list` shows them all), so that kcat's "
		"files work as they are, or with those of a Java client: ssl.truststore.location, "
		"sasl.jaas.config and others are translated, what has no meaning here (key.serializer) is passed "
		"over and said with -v. JKS stores are refused with the keytool line that converts them. A name "
		"that is known to neither is an error with its line and the nearest name.");
	kt_manpage_text(w,
		"`#`, `!` and `;` begin a comment line; a backslash at the end of a line joins the next one; ${VAR} is "
		"the value of a variable of the environment, and $${ stands for ${. In files that are called "
		".properties a backslash is an escape, as Java has it; in all others it is itself, since a "
		"password may hold one.");
	kt_manpage_text(w,
		"A value may stand elsewhere: env:NAME is a variable's, file:PATH a file's content, ask: asks on the "
		"terminal. Secrets never show in output.");
}

void kt_manpages_config(struct kt_manpage_writer *w)
{
	kt_manpage_text(w,
		"What a command knows of the cluster comes, the strongest first, from its options (-b, -X, --auth), "
		"the environment, the profile, and the lines of the file in front of the first profile; what "
		"none of them says is built in. `kt config show` prints every value with its origin.");
	kt_manpage_text(w, "`kt config init` tries a connection and writes what it took into the file:");
	kt_manpage_code(w, "kt config init --auth ./auth -b kafka1.example:19092\n"
			   "kt config init --profile lab -b lab.example:9092");
	kt_manpage_heading(w, "Profiles");
	kt_manpage_text(w,
		"[profile NAME] begins a section that reaches to the next one. It is used when --profile NAME or "
		"KT_PROFILE=NAME names it, or kt.profile=NAME in front of the first section; default is what "
		"stands there itself, and none reads no file at all.");
	kt_manpage_code(w, "bootstrap.servers=localhost:9092\n"
			   "\n"
			   "[profile course]\n"
			   "bootstrap.servers=kafka1.example:19092\n"
			   "kt.auth=~/course/auth\n"
			   "kt.topic=client58\n"
			   "\n"
			   "[profile production]\n"
			   "bootstrap.servers=kafka.example:9093\n"
			   "security.protocol=SASL_SSL\n"
			   "sasl.mechanism=SCRAM-SHA-512\n"
			   "sasl.username=reader\n"
			   "sasl.password=file:~/.config/kt/password");
	kt_manpage_heading(w, "Whose credentials");
	kt_manpage_text(w,
		"What names brokers stands alone: a profile, KT_BROKERS or -b with other brokers than those of the "
		"layers below leaves these out, with all that belongs to their connection, so that no "
		"password or certificate of one cluster is shown to another. What a command names itself (-F, "
		"--profile, --auth, -X) goes with its -b. Where that changes something it is said.");
	syntax(w);
	own_keys(w);
	places(w);
	variables(w);
	kt_manpage_heading(w, "A folder of credentials");
	kt_manpage_text(w,
		"--auth DIR, or kt.auth, takes a folder as it is handed out: ca.crt (or kafka.truststore.pkcs12), "
		"kafka.keystore.pkcs12, and the passwords from its client-ssl.properties. The folder says how to "
		"reach a cluster as whom, and nothing else, and only by files that lie in it.");
	kt_manpage_heading(w, "When it does not work");
	kt_manpage_text(
		w, "`kt check` goes step by step from the file to the topic, and says which one failed and why.");
}
