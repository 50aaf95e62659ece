/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VERB_SERVED_MEMBERS_H
#define VERB_SERVED_MEMBERS_H

#include "pki/served_by.h"
#include "verb/verb.h"

/* Asks every URL of every member, clients' and peers', for its certificate: members as the cluster
 * lists them, where it does not answer (told as a warning) as cluster.json has them. A URL that is
 * silent is a fact of its point. `*own` gets the fingerprint of the client certificate in use, or
 * "" (the caller frees). Fails where no member is known. */
int served_members(struct verb_call *call, struct served_points *points, char **own,
    struct err *err);

#endif
