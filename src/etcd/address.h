/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ETCD_ADDRESS_H
#define ETCD_ADDRESS_H

#include "base/err.h"
#include "etcd/config.h"

/* An endpoint as the user wrote it, taken apart. */
struct etcd_address {
	char *url;		/* with its scheme: what the screen shows */
	char *authority;	/* host:port */
	char *host;		/* without brackets */
	char *unix_path;	/* or NULL */
	bool tls;
};

/* `config` decides about bare host:port. */
int etcd_address_parse(struct etcd_address *address, const char *text,
    const struct etcd_config *config, struct err *err);
void etcd_address_release(struct etcd_address *address);

#endif
