/* The page to watch topics, for people who would rather look: its files, as they are in this folder's ui/. It gets all
 * that it shows by the API of the same listener, and has no data of its own, so that it needs no token.
 *
 *   if (!kt_ui_answer("watch.js", accept, answer)) … 404 …
 */
#ifndef KT_UI_H
#define KT_UI_H

#include "httpd.h"

/* accept: the header. The page itself, index.html, is for browsers: who does not ask for HTML by name does not get it.
 */
bool kt_ui_answer(const char *file, const char *accept, struct kt_answer *answer);

#endif
