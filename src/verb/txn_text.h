/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERB_TXN_TEXT_H
#define VERB_TXN_TEXT_H

#include "etcd/rpc.pb-c.h"
#include "verb/verb.h"

/* Transactions as etcdctl reads them: lines of comparisons, an empty line, operations where they
 * hold, an empty line, operations where they do not, an empty line. */

/* `mod("key") > "0"`: targets c create m mod ver version val value lease. The strings are
 * allocated; txn_compare_release frees them. ERR_INPUT names the line. */
int txn_compare_parse(const char *line, Etcd__Compare *compare, struct err *err);
void txn_compare_release(Etcd__Compare *compare);

/* A line's words: blanks part them, "…" is a Go string, '…' is taken as it is. NULL-ended. */
char **txn_words(const char *line, struct err *err);

#endif
