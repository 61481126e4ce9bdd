#include "tokensource.h"

#include <pthread.h>
#include <unistd.h>

#include "mem.h"
#include "tap.h"

static char folder[] = "/tmp/kt-token-XXXXXX";
static int over;

static int wait(void *user, struct pollfd *fds, size_t n, int timeout_ms)
{
	(void)user;
	poll(fds, (nfds_t)n, timeout_ms);
	return over;
}

static const struct kt_tokensource_how how = {.wait = wait, .apart = true};

/* The token, or the message and the hint. */
static const char *outcome(const char *key, const char *value)
{
	static char shown[1200];
	kt_auto(kt_settings_fini) struct kt_settings s = {0};
	kt_auto(kt_token_fini) struct kt_token token = {0};
	struct kt_err err = {0};
	kt_settings_put(&s, KT_RANK_FILE, key, value, "f:1");
	if (kt_tokensource_get(&token, &s, &how, &err) == 0)
		snprintf(shown, sizeof(shown), "%s", token.text);
	else
		snprintf(shown, sizeof(shown), "%s%s%s", err.msg, err.hint[0] ? " | " : "", err.hint);
	return shown;
}

static const char *runs(const char *command)
{
	return outcome("kt.oauth.command", command);
}

TEST(commands)
{
	CHECK(mkdtemp(folder) && chdir(folder) == 0);
	CHECK_STR(runs("echo abc"), "abc");
	CHECK_STR(runs("cat; echo empty"), "empty");
	CHECK_STR(runs("(sleep 60 2>/dev/null &) ; echo beside"), "beside");
}

TEST(commands_that_fail)
{
	CHECK_STR(runs("true"), "f:1: the token is empty");
	CHECK_STR(runs("echo abc; exit 3"),
		"f:1: the command for a token ended with status 3 | what it printed itself stands above");
	CHECK_STR(runs("kill -9 $$"),
		"f:1: the command for a token ended with status 137 | what it printed itself stands above");
	CHECK_STR(runs("/nosuch 2>/dev/null"),
		"f:1: the command for a token ended with status 127 | 127 is the shell's word for a command that is not "
		"there");
	CHECK_STR(runs("echo secret words"), "f:1: that is not a token");
	CHECK_STR(runs("yes"), "f:1: the command prints more than 65536 bytes, which is not a token");
	CHECK_STR(runs("yes a | tr -d '\\n'"), "f:1: the command prints more than 65536 bytes, which is not a token");
}

static size_t times(const char *file)
{
	FILE *f = fopen(file, "r");
	size_t n = 0;
	for (int c; f && (c = fgetc(f)) != EOF;)
		n += c == '\n';
	if (f)
		fclose(f);
	return n;
}

TEST(a_token_is_kept_while_it_is_good)
{
	static const char once[] = "echo >>once; echo '{\"access_token\":\"abc\",\"expires_in\":3600}'";
	static const char failing[] = "echo >>failing; exit 1";
	for (int i = 0; i < 3; i++) {
		CHECK_STR(runs(once), "abc");
		runs(failing);
	}
	CHECK_INT(times("once"), 1);
	CHECK_INT(times("failing"), 3);
}

static void *get(void *settings)
{
	kt_auto(kt_token_fini) struct kt_token token = {0};
	struct kt_err err = {0};
	return kt_tokensource_get(&token, settings, &how, &err) == 0 ? settings : NULL;
}

TEST(many_threads_run_it_once)
{
	kt_auto(kt_settings_fini) struct kt_settings s = {0};
	pthread_t threads[8];
	void *good;
	kt_settings_put(&s, KT_RANK_FILE, "kt.oauth.command", "echo >>together; sleep 0.2; echo abc", "f:1");
	for (size_t i = 0; i < KT_LEN(threads); i++)
		CHECK(pthread_create(&threads[i], NULL, get, &s) == 0);
	for (size_t i = 0; i < KT_LEN(threads); i++) {
		CHECK(pthread_join(threads[i], &good) == 0);
		CHECK(good == &s);
	}
	CHECK_INT(times("together"), 1);
}

TEST(a_stop_ends_the_command)
{
	over = 130;
	CHECK_STR(runs("sleep 1000; echo x"), "f:1: interrupted while waiting for a token");
	over = 0;
}

TEST(files)
{
	FILE *f = fopen("token", "w");
	CHECK(f && fputs("Bearer first\n", f) >= 0 && fclose(f) == 0);
	CHECK_STR(outcome("kt.oauth.file", "token"), "first");
	f = fopen("token", "w");
	CHECK(f && fputs("second", f) >= 0 && fclose(f) == 0);
	CHECK_STR(outcome("kt.oauth.file", "token"), "second");
	f = fopen("token", "w");
	CHECK(f && fclose(f) == 0);
	CHECK_STR(outcome("kt.oauth.file", "token"), "f:1: token: the token is empty");
	CHECK_STR(outcome("kt.oauth.file", "nosuch"), "f:1: cannot read nosuch: No such file or directory");
	CHECK(system("rm -rf \"$PWD\"") == 0);
}
