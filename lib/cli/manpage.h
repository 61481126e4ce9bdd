/* Pages of the manual that are not about one command: `kt help config`, kt-config(5). A page is a function that says
 * what stands on it, from the tables where the facts are; help.c and man.c know how that looks.
 *
 *   void kt_manpages_status(struct kt_manpage_writer *w)
 *   {
 *           kt_manpage_text(w, "What the status of a command means:");
 *           for (const struct kt_status_text *s = kt_status_texts; s->text; s++)
 *                   kt_manpage_row(w, s->status, s->text);
 *           kt_manpage_heading(w, "In scripts");
 *           kt_manpage_code(w, "kt topic describe t || echo $?");
 *   }
 */
#ifndef KT_MANPAGE_H
#define KT_MANPAGE_H

#include "buf.h"

struct kt_manpage_writer {
	struct kt_buf *out;
	/* What was written last. */
	enum { KT_MANPAGE_START, KT_MANPAGE_HEADING, KT_MANPAGE_TEXT, KT_MANPAGE_ROW, KT_MANPAGE_CODE } last;
	/* The four below as this kind of output has them. */
	void (*heading)(struct kt_manpage_writer *w, const char *text);
	void (*text)(struct kt_manpage_writer *w, const char *text);
	void (*row)(struct kt_manpage_writer *w, const char *term, const char *text);
	void (*code)(struct kt_manpage_writer *w, const char *lines);
};

struct kt_manpage {
	const char *name; /* "config": `kt help config`, kt-config(5) */
	const char *also; /* other words for `kt help`, blank between */
	int section;      /* of the manual */
	const char *summary;
	void (*write)(struct kt_manpage_writer *w);
};

/* The page that `kt help WORD` means, or NULL. pages: name NULL at the end; may be NULL. */
const struct kt_manpage *kt_manpage_find(const struct kt_manpage *pages, const char *word);

/* Begins a part; capitals as in a sentence. */
static inline void kt_manpage_heading(struct kt_manpage_writer *w, const char *text)
{
	w->heading(w, text);
	w->last = KT_MANPAGE_HEADING;
}

/* A paragraph, on one line. */
static inline void kt_manpage_text(struct kt_manpage_writer *w, const char *text)
{
	w->text(w, text);
	w->last = KT_MANPAGE_TEXT;
}

/* A term and what it means. */
static inline void kt_manpage_row(struct kt_manpage_writer *w, const char *term, const char *text)
{
	w->row(w, term, text);
	w->last = KT_MANPAGE_ROW;
}

/* Lines to be copied, '\n' between them and none at the end. */
static inline void kt_manpage_code(struct kt_manpage_writer *w, const char *lines)
{
	w->code(w, lines);
	w->last = KT_MANPAGE_CODE;
}

#endif
