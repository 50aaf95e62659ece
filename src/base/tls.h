/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_TLS_H
#define BASE_TLS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/* Mutual TLS 1.2 and 1.3 on a connected non-blocking socket, with ALPN "h2" (RFC 8446, RFC 9113),
 * by GnuTLS. What goes wrong is said as thing, cause and cure. */

struct tls_credentials;

struct tls_files {
	const char *cacert;	/* NULL: the system's */
	const char *cert, *key;	/* both or neither */
	bool skip_verify;
};

/* Reads the files. Counted: each ref and the new one need an unref. */
struct tls_credentials *tls_credentials_new(const struct tls_files *files, struct err *err);
struct tls_credentials *tls_credentials_ref(struct tls_credentials *credentials);
void tls_credentials_unref(struct tls_credentials *credentials);

struct tls;

/* `host` is the name or IP address the certificate must carry; `name` is how errors call the peer
 * ("etcd1:2379"). The socket stays the caller's. */
struct tls *tls_new(struct tls_credentials *credentials, int fd, const char *host,
    const char *name);
void tls_free(struct tls *tls);

enum tls_result { TLS_OK, TLS_AGAIN, TLS_FAILED };

/* TLS_AGAIN: call again when the socket is ready for what tls_wants_write says. */
enum tls_result tls_handshake(struct tls *tls, struct err *err);
bool tls_wants_write(const struct tls *tls);
/* True where the peer chose "h2" by ALPN. */
bool tls_is_h2(const struct tls *tls);
/* True once any byte came from the peer. */
bool tls_heard(const struct tls *tls);
/* What it said began as TLS does. */
bool tls_speaks(const struct tls *tls);

/* Bytes read; 0 at the end of the stream; -1 with TLS_AGAIN's meaning; -2 with err set. */
ssize_t tls_recv(struct tls *tls, void *data, size_t len, struct err *err);
/* Bytes sent; -1 and -2 as above. After -1 the same bytes must be given again. */
ssize_t tls_send(struct tls *tls, const void *data, size_t len, struct err *err);

#endif
