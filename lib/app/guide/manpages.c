#include "manpages.h"

const struct kt_manpage kt_manpages[] = {
#define KT_MANPAGE(id, section, also, summary) {#id, also, section, summary, kt_manpages_##id},
#include "manpages.def"
#undef KT_MANPAGE
	{0},
};
