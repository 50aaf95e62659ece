/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ETCD_SNIFF_H
#define ETCD_SNIFF_H

#include "base/loop.h"
#include "base/tls.h"
#include "etcd/address.h"

/* Asks an endpoint that hung up without a word whether it speaks the other protocol: plain HTTP/2
 * where TLS was tried, TLS where plain was. */

struct sniff;

/* `done` comes once, from the loop, within `ms`; the pointer is then gone. */
struct sniff *sniff_start(struct loop *loop, const struct etcd_address *address, int64_t ms,
    void (*done)(void *context, bool speaks), void *context);
void sniff_cancel(struct sniff *sniff);

#endif
