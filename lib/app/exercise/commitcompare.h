/* kt commit-demo --compare: the ways to commit side by side, measured on an embedded broker of its own. For each way a
 * process of this program reads the same records, is killed while it stores the same one of them, and is run again to
 * the end.
 */
#ifndef KT_COMMITCOMPARE_H
#define KT_COMMITCOMPARE_H

#include "owner.h"

/* Prints a table to stdout, or with json one object per way: mode, committed (where the second run began; null: at the
 * beginning), lost, twice, why. */
int kt_compare_commits(bool json, const struct kt_owner *owner, struct kt_err *err) kt_must_check;

#endif
