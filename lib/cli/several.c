#include "several.h"

#include "say.h"

bool kt_several_add(struct kt_several *several, int result, const struct kt_err *one)
{
	if (result >= 0) {
		several->done++;
		return true;
	}
	if (several->total > 1 && one->msg[0])
		kt_say(KT_QUIET, "%s%s%s", one->msg, one->hint[0] ? "; " : "", one->hint);
	if (!several->failed++)
		several->first = *one;
	several->mixed |= one->status != several->first.status;
	several->partial |= one->status == KT_PARTIAL;
	several->stopped = one->status >= KT_SIGNAL || one->status == KT_UNREACHABLE;
	/* Whatever went wrong first: that it was interrupted is what the shell has to know. */
	if (one->status >= KT_SIGNAL) {
		several->first = *one;
		several->mixed = false;
	}
	return !several->stopped;
}

int kt_several_close(const struct kt_several *several, struct kt_err *err)
{
	size_t left = several->total - several->done;
	if (!several->failed)
		return 0;
	*err = several->first;
	if (several->total == 1)
		return -1;
	int status = several->first.status;
	if (status < KT_SIGNAL && (several->done || several->mixed))
		status = several->done || several->partial ? KT_PARTIAL : KT_FAILED;
	return kt_err_set(err, status, "%zu of %zu %ss %s not %s", left, several->total, several->kind,
		left == 1 ? "was" : "were", several->done_word);
}
