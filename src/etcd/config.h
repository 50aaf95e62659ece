/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ETCD_CONFIG_H
#define ETCD_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How to reach a cluster. */
struct etcd_config {
	/* NULL-ended, as the user wrote them: https://h:p, http://h:p, unix:path, unixs:path, or bare
	 * h:p (TLS where one of cacert, cert, key is given, plain otherwise, as etcdctl). NULL or
	 * empty: 127.0.0.1:2379. */
	char **endpoints;
	char *cacert, *cert, *key;	/* paths of PEM files, or NULL */
	char *user, *password;		/* etcd's own login, or NULL */
	bool insecure_transport;	/* a bare endpoint without TLS files is plain (etcdctl's default) */
	bool insecure_skip_verify;	/* the server's certificate is not judged */
	int64_t dial_ms;		/* 0: 2000 */
	int64_t call_ms;		/* deadline of a unary call; 0: 5000 */
	size_t max_recv;		/* largest message taken from the server; 0: 2^31-1 */
};

/* Frees the strings (the password is overwritten first) and zeroes the struct. */
void etcd_config_release(struct etcd_config *config);

/* A copy with everything allocated; the defaults are filled in. */
void etcd_config_copy(struct etcd_config *copy, const struct etcd_config *config);

#endif
