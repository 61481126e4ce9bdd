#include "sqlguard.h"

#include "when.h"

/* Those that change or load something, or reach outside of the database. */
static bool is_bad_function(const char *name)
{
	static const char *const bad[] = {"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit", "fts5"};
	for (size_t i = 0; name && i < KT_LEN(bad); i++)
		if (!strcasecmp(name, bad[i]))
			return true;
	return false;
}

/* They say something about tables, and change nothing. */
static bool is_good_pragma(const char *name)
{
	static const char *const good[] = {
		"table_info", "table_xinfo", "table_list", "function_list", "compile_options"};
	for (size_t i = 0; name && i < KT_LEN(good); i++)
		if (!strcasecmp(name, good[i]))
			return true;
	return false;
}

static const char *word_of(int action)
{
	switch (action) {
	case SQLITE_ATTACH:
		return "ATTACH";
	case SQLITE_DETACH:
		return "DETACH";
	case SQLITE_INSERT:
		return "INSERT";
	case SQLITE_UPDATE:
		return "UPDATE";
	case SQLITE_DELETE:
		return "DELETE";
	case SQLITE_PRAGMA:
		return "PRAGMA";
	case SQLITE_TRANSACTION:
	case SQLITE_SAVEPOINT:
		return "a transaction";
	case SQLITE_FUNCTION:
		return "this function";
	default:
		return "this statement";
	}
}

static int authorize(void *user, int action, const char *a, const char *b, const char *db, const char *trigger)
{
	struct kt_sqlguard *g = user;
	(void)db;
	(void)trigger;
	if (g->off || action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_RECURSIVE)
		return SQLITE_OK;
	if (action == SQLITE_FUNCTION && !is_bad_function(b))
		return SQLITE_OK;
	if (action == SQLITE_PRAGMA && is_good_pragma(a))
		return SQLITE_OK;
	/* SQLite asks so when it makes a table of its own functions (json_each); one of the user's is refused
	 * elsewhere. */
	if (action == SQLITE_UPDATE && a && !strcmp(a, "sqlite_master"))
		return SQLITE_OK;
	snprintf(g->denied, sizeof(g->denied), "%s", word_of(action));
	return SQLITE_DENY;
}

/* ms(TEXT): a time as -o knows it, in milliseconds. */
static void ms(sqlite3_context *context, int n, sqlite3_value **values)
{
	const struct kt_sqlguard *g = kt_sqlite.user_data(context);
	const char *text = (const char *)kt_sqlite.value_text(values[0]);
	struct kt_err err;
	int64_t at_ms;
	(void)n;
	if (!text)
		kt_sqlite.result_null(context);
	else if (kt_parse_when_ms(text, g->now_ms, &at_ms, &err) < 0)
		kt_sqlite.result_error(context, err.msg, -1);
	else
		kt_sqlite.result_int64(context, at_ms);
}

/* iso(MS): the time as text. */
static void iso(sqlite3_context *context, int n, sqlite3_value **values)
{
	char text[40];
	(void)n;
	if (kt_sqlite.value_numeric_type(values[0]) != SQLITE_INTEGER) {
		kt_sqlite.result_null(context);
		return;
	}
	kt_show_when(kt_sqlite.value_int64(values[0]), text);
	kt_sqlite.result_text64(context, text, strlen(text), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void kt_sqlguard_set(struct kt_sqlguard *guard, sqlite3 *db)
{
	static const struct {
		int option, value;
	} options[] = {
		{SQLITE_DBCONFIG_DEFENSIVE, 1},
		{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
		{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
		{SQLITE_DBCONFIG_DQS_DML, 0},
		{SQLITE_DBCONFIG_DQS_DDL, 0},
	};
	for (size_t i = 0; i < KT_LEN(options); i++)
		(void)kt_sqlite.db_config(db, options[i].option, options[i].value, NULL);
	(void)kt_sqlite.set_authorizer(db, authorize, guard);
	int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
	guard->now_ms = kt_now_ms();
	(void)kt_sqlite.create_function_v2(db, "ms", 1, flags, guard, ms, NULL, NULL, NULL);
	(void)kt_sqlite.create_function_v2(db, "iso", 1, flags, guard, iso, NULL, NULL, NULL);
}
