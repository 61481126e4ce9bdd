/* kt-json(5) */
#include "manpages.h"
#include "recordjson.h"

void kt_manpages_json(struct kt_manpage_writer *w)
{
	kt_manpage_text(w,
		"`kt consume -J` writes a record as one JSON object on one line (broken here), and `kt produce -J` "
		"reads what it writes: nothing is lost on the way. The names are kcat's.");
	kt_manpage_code(w, "{\"topic\":\"t\",\"partition\":0,\"offset\":42,\n"
			   " \"tstype\":\"create\",\"ts\":1700000000123,\n"
			   " \"headers\":[{\"key\":\"a\",\"value\":\"x\"},{\"key\":\"a\",\"value\":null}],\n"
			   " \"key\":null,\"payload\":\"hello\"}");
	kt_manpage_heading(w, "Members");
	for (const struct kt_recordjson_name *row = kt_recordjson_names; row->help; row++)
		kt_manpage_row(w, row->name.data, row->help);
	kt_manpage_heading(w, "Bytes");
	kt_manpage_text(w,
		"null is null, and \"\" is empty. Bytes that are not UTF-8 are base64, and the member beside them "
		"says so: payload_encoding, key_encoding, and in a header encoding (of its value) and "
		"key_encoding (of its name). `kt consume --encoding base64` or hex writes all of them so.");
	kt_manpage_heading(w, "What is read");
	kt_manpage_text(w,
		"Objects follow each other on lines of their own or as indented JSON. What an object does not name "
		"is null or left to the broker; one with neither key nor payload is refused, since it "
		"would become a null record. So is any other member, one that appears twice, and a number that is "
		"not whole: nothing in the input is dropped in silence. Names may begin with a capital, as kafkactl "
		"writes them.");
	kt_manpage_text(w,
		"A key, a payload or a header's value that is itself an object, a list, a number or a boolean "
		"becomes its JSON text without blanks.");
	kt_manpage_text(w,
		"Headers may also be an object, {\"a\":\"x\"} or {\"a\":[\"x\",null]} for several of one name, or "
		"kcat's flat list, [\"a\",\"x\",\"a\",null].");
	kt_manpage_heading(w, "Examples");
	kt_manpage_text(w, "A copy of a topic, in which only offsets differ:");
	kt_manpage_code(w, "kt consume t -e -J | kt produce t2 -J");
	kt_manpage_text(w, "Lines of JSON from elsewhere, which are values and not records, need no -J:");
	kt_manpage_code(w, "kt produce t <events.jsonl");
	kt_manpage_text(w, "The keys of all records whose value names a user, with their times:");
	kt_manpage_code(w, "kt consume t -e -J |\n"
			   "  jq -r 'select(.payload | fromjson? | .user) | [.ts, .key] | @tsv'");
	kt_manpage_text(w, "A record from values in a script:");
	kt_manpage_code(w, "jq -cn --arg k \"$user\" '{key: $k, payload: {at: now}}' | kt produce t -J");
	kt_manpage_text(w,
		"What other commands print with -J is one object per line too, and is described on their own "
		"pages.");
}
