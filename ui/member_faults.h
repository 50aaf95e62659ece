/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UI_MEMBER_FAULTS_H
#define UI_MEMBER_FAULTS_H

#include <stddef.h>

struct app;

enum { MEMBER_FAULTS_MAX = 40 };

struct member_fault {
	char text[400];	/* thing and cause */
	char cure[200];
};

/* From here on a certificate wants a hand. */
enum { CERT_SOON_DAYS = 30 };

/* What is wrong with the members and the endpoints, worst first: lost quorum, alarms, members that
 * do not answer, endpoints of the channel that are no member's. Returns how many were found. */
size_t member_faults(const struct app *app, struct member_fault *faults, size_t max);

#endif
