/* kt-status(7) */
#include "err.h"
#include "manpages.h"

void kt_manpages_status(struct kt_manpage_writer *w)
{
	kt_manpage_text(w,
		"A command ends with status 0 only if everything that it was asked for happened. Each class of "
		"failure has a status of its own, the same in all commands, so that a script can tell what to "
		"do next without reading words.");
	for (const struct kt_status_text *s = kt_status_texts; s->text; s++)
		kt_manpage_row(w, s->status, s->text);
	kt_manpage_heading(w, "What comes with it");
	kt_manpage_text(w,
		"One line on standard error says what was attempted, on what, and why it failed; a second one, "
		"hint:, what to try next. Standard output holds data only, even then: what was printed was read or "
		"done. -q leaves errors in place.");
	kt_manpage_text(w,
		"Of several topics or groups, each one that fails has its own line. The status is 3 when others were "
		"done, else the one that all failures have in common, else 1.");
	kt_manpage_heading(w, "In scripts");
	kt_manpage_text(w, "Goes on only if every line was acknowledged:");
	kt_manpage_code(w, "kt produce orders <orders.txt || exit");
	kt_manpage_text(w, "Creates what is not there, and stops at everything else:");
	kt_manpage_code(w, "kt topic describe orders >/dev/null\n"
			   "case $? in\n"
			   "0) ;;\n"
			   "4) kt topic create orders --partitions 4 ;;\n"
			   "*) exit 1 ;;\n"
			   "esac");
	kt_manpage_text(w, "Tries again as long as no broker answers:");
	kt_manpage_code(w, "until kt topic list -q >topics; [ $? -ne 5 ]; do sleep 1; done");
	kt_manpage_text(w,
		"A pipe has the status of its last command; with pipefail that of kt counts too, and a reader "
		"that has enough (| head -1) is not a failure:");
	kt_manpage_code(w, "set -o pipefail\nkt consume orders -e -J | jq -r .payload >out || exit");
}
