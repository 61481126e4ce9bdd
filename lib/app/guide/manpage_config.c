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
	kt_manpage_text(w, "Of several names for the same thing, the first wins.");
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
		"sasl.jaas.config and others are translated; what has no meaning here (key.serializer) is passed "
		"over, and reported with -v. JKS stores are refused with the keytool line that converts them. A name "
		"that is known to neither is an error with its line and the nearest name.");
	kt_manpage_text(w,
		"`#`, `!` and `;` begin a comment line; a backslash at the end of a line joins the next one; ${VAR} is "
		"the value of a variable of the environment, and $${ stands for ${. In files that are called "
		".properties a backslash is an escape, as Java has it; in all others it is itself, since a "
		"password may hold one.");
	kt_manpage_text(w,
		"A value may be kept elsewhere: env:NAME is a variable's value, file:PATH a file's content, and ask: "
		"asks on the terminal. Secrets never show in output.");
}

/* What lib/app/config/layers.h does. */
static void credentials(struct kt_manpage_writer *w)
{
	kt_manpage_heading(w, "Which credentials go where");
	kt_manpage_text(w,
		"Credentials belong to the brokers they came with. A profile that names brokers stands alone: of what "
		"stands in front of the sections, nothing about the cluster counts for it (brokers, TLS, SASL, kt.resolve, "
		"kt.registry, kt.topic, kt.group), unless the brokers are the same. Settings without brokers beside them "
		"are for every cluster.");
	kt_manpage_text(w,
		"When -b or KT_BROKERS names brokers that the configuration does not, its credentials are left out, "
		"and kt says so. They go along when they are given in the same command: by --profile, -F, --auth or "
		"-X. So, for another broker of the same cluster:");
	kt_manpage_code(w, "kt topic list --profile default -b kafka2.example:29092");
	kt_manpage_text(w,
		"The same brokers are the same HOST:PORT; localhost and 127.0.0.1 are one host, and so are a name and "
		"its address in kt.resolve. In a list, each one has to be known. A profile or a file that a command "
		"names outweighs brokers in the environment. `kt broker` is spoken to in plain text, whatever is "
		"configured.");
}

void kt_manpages_config(struct kt_manpage_writer *w)
{
	kt_manpage_text(w,
		"What a command knows about the cluster comes, strongest first, from its options (-b, -X, --auth), "
		"the environment, the profile, and the lines of the file in front of the first profile; what "
		"none of them says is built in. `kt config show` prints every value with its origin.");
	kt_manpage_text(w, "`kt config init` tries a connection and writes what it took into the file:");
	kt_manpage_code(w, "kt config init --auth ./auth -b kafka1.example:19092\n"
			   "kt config init --profile lab -b lab.example:9092");
	kt_manpage_heading(w, "Profiles");
	kt_manpage_text(w,
		"[profile NAME] begins a section that reaches to the next one. Its lines count when --profile NAME, else "
		"$KT_PROFILE, else kt.profile in front of the sections names it. `kt config use NAME` writes that last "
		"line, `kt config list` shows the profiles and which is in use, `kt config set` and `edit` change them. "
		"default is what stands in front of the sections, none is no file at all.");
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
	credentials(w);
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
		w, "`kt check` goes step by step from the file to the topic, and says which step failed and why.");
}
