/* kt-format(7) */
#include "fmt.h"
#include "manpages.h"

static void letters(struct kt_manpage_writer *w)
{
	for (const struct kt_format_letter *row = kt_format_letters; row->letter; row++)
		kt_manpage_row(w, (const char[]){'%', row->letter, '\0'}, row->help);
	kt_manpage_row(w, "%{PATH}",
		"a field of a decoded value (-s avro): %{user.name}, %{sensors[0].id}, "
		"%{labels[\"app.name\"]}");
	kt_manpage_row(w, "%s{hex}, %k{base64}", "a value or key as hexadecimal or base64 digits");
	kt_manpage_row(w, "%s{csv}, %k{csv}, %h{csv}", "as a field of CSV, in quotes where it needs them");
	kt_manpage_row(w, "%T{iso}", "the timestamp as 2026-01-31T12:00:00.123Z");
	kt_manpage_row(w, "%%", "a percent sign");
}

void kt_manpages_format(struct kt_manpage_writer *w)
{
	kt_manpage_text(w, "How records, places, times and sizes are written on kt's command lines.");
	kt_manpage_heading(w, "Records as text");
	kt_manpage_text(w, "`kt consume -f TEMPLATE` writes TEMPLATE for each record, with these in it:");
	letters(w);
	kt_manpage_text(w, "No newline follows it except those in the template:");
	kt_manpage_code(w, "kt consume t -e -f '%t [%p] at %o: %k=%s\\n'");
	kt_manpage_text(w,
		"With --csv (or -f csv) it is a line of topic, partition, offset, time, key and value for each record, below "
		"a heading; null is nothing there, and empty \"\".");
	kt_manpage_text(w,
		"A null key or value prints as nothing, or as NULL with -Z, and a null value of a header as NULL. "
		"What a record holds is written as it is, except on a terminal, where control characters are shown "
		"as escapes unless --raw is given: to tell all cases apart, see kt-json(5).");
	kt_manpage_heading(w, "Escapes");
	kt_manpage_text(w,
		"Templates and delimiters (-D, -K) take \\n \\t \\r \\a \\b \\e \\f \\v \\0 \\\\ \\\" \\', \\xHH "
		"for a byte and \\uHHHH for a character. In a template a backslash before any other character "
		"is that character.");
	kt_manpage_heading(w, "Places in a topic");
	kt_manpage_text(
		w, "What -o takes; ends are exclusive, and all partitions' ends are looked up once, at the start:");
	kt_manpage_row(w, "beginning, end", "the oldest record that is there; what comes from now on");
	kt_manpage_row(w, "stored", "after what the group committed");
	kt_manpage_row(w, "N", "offset N of each partition");
	kt_manpage_row(w, "-N", "the last N of each partition");
	kt_manpage_row(w, "+N", "all but the first N of each partition");
	kt_manpage_row(w, "A:B, A:, :B", "offsets A to B, without B; start and end are understood too");
	kt_manpage_row(w, "@TIME", "from the first record at TIME or later; a date needs no @");
	kt_manpage_row(w, "@FROM:TO", "what is between the two times; @FROM:end ends where the partitions end now");
	kt_manpage_row(w, "-1h30m", "from this long ago");
	kt_manpage_row(w, "s@MS, e@MS", "kcat's: start and end in milliseconds");
	kt_manpage_row(w, "P=N,P=N", "a start for each of these partitions");
	kt_manpage_heading(w, "Times");
	kt_manpage_row(w, "1700000000", "seconds since 1970 in UTC, a fraction too");
	kt_manpage_row(w, "1700000000123", "milliseconds: 12 digits or more");
	kt_manpage_row(w, "2026-01-31T12:00:00Z",
		"RFC 3339; +02:00, a fraction, and a blank in place of T are taken; without "
		"a zone it is local time, and a date alone its midnight");
	kt_manpage_row(w, "today, yesterday", "midnight, in local time");
	kt_manpage_row(w, "2h ago, 2 hours ago", "the same as -2h");
	kt_manpage_row(w, "now, -1h30m, now+5s", "from the moment at which the command started");
	kt_manpage_heading(w, "Durations");
	kt_manpage_text(w, "500ms, 10s, 1.5s, 2m, 1h30m, 7d; a number alone is seconds.");
	kt_manpage_heading(w, "Sizes");
	kt_manpage_text(
		w, "4096, 64k, 64KiB, 1MB, 1MiB, 2g: units are powers of 1024, and letter case does not matter.");
	kt_manpage_heading(w, "Names");
	kt_manpage_text(w,
		"Where a command takes several topics or groups, 'test-*' is a pattern as in a shell and '^test-' a "
		"regular expression; both in quotes, since the shell has patterns of its own.");
}
