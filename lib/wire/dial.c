#include "dial.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "diagnosis.h"
#include "mem.h"
#include "when.h"

struct kt_dial {
	struct kt_dial_how how;
	pthread_t thread;
	int stop_fd, done_fd;
	struct kt_connection link; /* of the thread, until it is done */
	struct kt_err err;
	int result;
};

static int start_tls(struct kt_dial *d, const struct kt_limit *limit)
{
	const struct kt_endpoint *at = d->how.at;
	if (!d->how.tls)
		return 0;
	if (kt_connection_start_tls(&d->link, d->how.tls, at->host, limit, &d->err) < 0)
		return -1;
	if (d->link.x509_error)
		return kt_diagnosis_certificate(d->link.x509_error, "the broker", d->how.settings, &d->err);
	return 0;
}

static int dial(struct kt_dial *d)
{
	struct kt_limit limit = {.deadline_us = kt_clock_us() + d->how.timeout_ms * 1000, .stop_fd = d->stop_fd};
	struct kt_addresses addresses = {0};
	kt_auto(kt_free_ptr) char *instead = kt_settings_instead(d->how.settings, d->how.at->host);
	if (kt_net_resolve(&addresses, d->how.at, instead, KT_FAMILY_ANY, &limit, &d->err) < 0)
		return -1;
	d->link.fd = kt_net_connect(&addresses, &limit, &d->err);
	return d->link.fd < 0 ? -1 : start_tls(d, &limit);
}

static void *run(void *user)
{
	struct kt_dial *d = user;
	d->result = dial(d);
	eventfd_write(d->done_fd, 1);
	return NULL;
}

struct kt_dial *kt_dial_begin(const struct kt_dial_how *how, struct kt_err *err)
{
	struct kt_dial *d = kt_calloc(1, sizeof(*d));
	d->how = *how;
	d->link = (struct kt_connection){.fd = -1, .settings = how->settings};
	d->stop_fd = eventfd(0, EFD_CLOEXEC);
	d->done_fd = eventfd(0, EFD_CLOEXEC);
	if (d->stop_fd >= 0 && d->done_fd >= 0 && pthread_create(&d->thread, NULL, run, d) == 0)
		return d;
	kt_err_sys(err, "no thread for a connection");
	if (d->stop_fd >= 0)
		close(d->stop_fd);
	if (d->done_fd >= 0)
		close(d->done_fd);
	free(d);
	return NULL;
}

int kt_dial_fd(const struct kt_dial *dial)
{
	return dial->done_fd;
}

int kt_dial_take(struct kt_dial *dial, struct kt_connection *link, struct kt_err *err)
{
	eventfd_t done;
	eventfd_read(dial->done_fd, &done);
	if (dial->result < 0) {
		*err = dial->err;
		return -1;
	}
	*link = dial->link;
	dial->link = (struct kt_connection){.fd = -1};
	return 0;
}

void kt_dial_end(struct kt_dial *dial)
{
	if (!dial)
		return;
	eventfd_write(dial->stop_fd, 1);
	pthread_join(dial->thread, NULL);
	kt_connection_close(&dial->link);
	close(dial->stop_fd);
	close(dial->done_fd);
	free(dial);
}
