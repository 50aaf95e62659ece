/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "pki/issue.h"
#include "pki/usage.h"

enum { DAY = 86400, SOON_DAYS = 30, LONG_YEARS = 10, NAME_LENGTH_MAX = 120 };

int
check_name(const char *name, struct err *err)
{
	size_t len = strlen(name);

	if (!len)
		return err_set(err, ERR_INPUT, "the certificate needs a name");
	if (len > NAME_LENGTH_MAX)
		return err_set(err, ERR_INPUT, "the name is longer than %d characters", NAME_LENGTH_MAX);
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("._-@+", *c)) {
			err_set(err, ERR_INPUT, "the name \"%.60s\" cannot be a file's", name);
			return err_cure(err, "use letters, digits and . _ - @ +");
		}
	if (*name == '.' || *name == '-')
		return err_set(err, ERR_INPUT, "the name \"%.60s\" begins with \"%c\"", name, *name);
	if (strcmp(name, "ca") == 0) {
		err_set(err, ERR_INPUT, "\"ca\" is the authority's own name");
		return err_cure(err, "choose another name");
	}
	if (len > 4 && strcmp(name + len - 4, "-key") == 0) {
		err_set(err, ERR_INPUT, "the name \"%.60s\" would look like a private key", name);
		return err_cure(err, "choose a name that does not end in -key");
	}
	return 0;
}

char **
check_split_hosts(const char *text)
{
	char **hosts = text_split(text, ',');
	size_t kept = 0;

	for (size_t i = 0; hosts[i]; i++) {
		char *host = hosts[i] + strspn(hosts[i], " \t"), *own;
		size_t len = strlen(host);

		while (len && (host[len - 1] == ' ' || host[len - 1] == '\t'))
			len--;
		own = len ? xstrndup(host, len) : NULL;
		free(hosts[i]);
		hosts[i] = NULL;
		if (own)
			hosts[kept++] = own;
	}
	return hosts;
}

/* "10.0.0.1:2379", "etcd1:2379", "[::1]:2379" */
static bool
has_port(const char *host)
{
	const char *colon = strrchr(host, ':');

	if (!colon || colon == host || !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1))
		return false;
	return colon[-1] == ']' || memchr(host, ':', (size_t)(colon - host)) == NULL;
}

static bool
dns_good(const char *name)
{
	size_t label = 0, len = strlen(name);

	if (!len || len > 253)
		return false;
	if (strncmp(name, "*.", 2) == 0)
		name += 2;
	for (; *name; name++) {
		if (*name == '.') {
			if (!label)
				return false;
			label = 0;
		} else if (isalnum((unsigned char)*name) || *name == '-' || *name == '_') {
			if (++label > 63)
				return false;
		} else {
			return false;
		}
	}
	return label > 0;
}

static void
check_host(const char *host, struct findings *findings)
{
	struct san san = san_of(host);

	if (!*host || *host == ' ' || host[strlen(host) - 1] == ' ')
		finding_add(findings, FINDING_ERROR, "host \"%s\" has a blank at an end: nothing will ever "
		    "match it", host);
	else if (has_port(host))
		finding_add(findings, FINDING_ERROR, "host %s carries a port: a certificate names hosts "
		    "only", host);
	else if (strstr(host, "://"))
		finding_add(findings, FINDING_WARN, "host %s becomes a URI, which etcd never looks at", host);
	else if (san.kind == SAN_EMAIL)
		finding_add(findings, FINDING_WARN, "host %s becomes a mail address, which etcd never looks "
		    "at", host);
	else if (san.kind != SAN_IP && !dns_good(host))
		finding_add(findings, FINDING_ERROR, "host %s is neither an address nor a name of letters, "
		    "digits and -", host);
	san_release(&san);
}

static bool
san_is_name(const char *host)
{
	struct san san = san_of(host);
	bool name = san.kind == SAN_DNS;

	san_release(&san);
	return name;
}

/* What is typed as an address and is none goes into the certificate as a name nobody asks for. */
static void
check_spelling(const char *host, struct findings *findings)
{
	size_t len = strlen(host);

	if (len && strspn(host, "0123456789.") == len && san_is_name(host))
		finding_add(findings, FINDING_ERROR, "%.80s is no IP address, and no host has such a name",
		    host);
	else if (host[0] == '-' || strstr(host, "..") || strstr(host, ".-"))
		finding_add(findings, FINDING_WARN, "%.80s is no host name: clients will not match it", host);
}

void
check_hosts(char *const *hosts, struct findings *findings)
{
	for (size_t i = 0; hosts && hosts[i]; i++) {
		check_host(hosts[i], findings);
		check_spelling(hosts[i], findings);
		for (size_t k = 0; k < i; k++)
			if (strcasecmp(hosts[i], hosts[k]) == 0) {
				finding_add(findings, FINDING_WARN, "host %s stands twice", hosts[i]);
				break;
			}
	}
}

/* The host of "https://HOST:PORT", allocated, without brackets. */
static char *
url_host(const char *url)
{
	const char *at = strstr(url, "://");
	size_t len;

	at = at ? at + 3 : url;
	if (*at == '[') {
		at++;
		return xstrndup(at, strcspn(at, "]"));
	}
	len = strcspn(at, ":/");
	return xstrndup(at, len);
}

static bool
host_matches(const char *pattern, const char *host)
{
	struct san a = san_of(pattern), b = san_of(host);
	const char *dot = strchr(host, '.');
	bool same;

	if (a.kind == SAN_IP || b.kind == SAN_IP)
		same = a.ip_len == b.ip_len && memcmp(a.ip, b.ip, a.ip_len) == 0;
	else if (strncmp(pattern, "*.", 2) == 0)
		same = dot && dot != host && strcasecmp(pattern + 1, dot) == 0;
	else
		same = strcasecmp(pattern, host) == 0;
	san_release(&a);
	san_release(&b);
	return same;
}

void
check_covers(char *const *hosts, const char *url, const char *label, struct findings *findings)
{
	char *host = url_host(url);
	bool covered = false;

	for (size_t i = 0; hosts && hosts[i]; i++)
		covered |= host_matches(hosts[i], host);
	if (covered)
		finding_add(findings, FINDING_OK, "hosts cover %s, %s", url, label);
	else
		finding_add(findings, FINDING_WARN, "hosts lack %s of %s, %s: who dials it refuses this "
		    "certificate", host, url, label);
	free(host);
}

static void
check_ca(const struct check_issue *what, int64_t not_before, int64_t not_after,
    struct findings *findings)
{
	const struct cert *ca = what->ca;
	char day[CLOCK_RFC3339_SIZE], end[CLOCK_RFC3339_SIZE];

	if (!ca) {
		finding_add(findings, FINDING_ERROR, "there is no CA in pki/: vetch ca init makes one");
		return;
	}
	if (!ca->is_ca)
		finding_add(findings, FINDING_ERROR, "\"%s\" is not a CA: its basicConstraints say so",
		    ca->subject_text);
	if (ca->not_after < what->now)
		finding_add(findings, FINDING_ERROR, "the CA expired %s: nothing it signs is accepted",
		    clock_day(ca->not_after, day));
	else if (not_after > ca->not_after)
		finding_add(findings, FINDING_WARN, "it would end %s, after its CA (%s), and is refused from "
		    "then on", clock_day(not_after, day), clock_day(ca->not_after, end));
	if (not_before > what->now || ca->not_before > what->now)
		finding_add(findings, FINDING_WARN, "it is not valid yet: from %s",
		    clock_minute(not_before > ca->not_before ? not_before : ca->not_before, day));
}

/* cfssl has no flags for that: what is equal there is said. */
static void
check_changed(const struct profiles *profiles, struct findings *findings)
{
	const char *equal = profiles_equal(profiles), *added = profiles->added;
	const char *expiry = !profiles->other_expiry ? "" :
	    added				     ? ", and its expiry is not the profile's" :
						       "the expiry of this one is not the profile's";
	char *what = added ? xasprintf("\"%s\" is added to this one%s", added, expiry) : xstrdup(expiry);

	if (equal)
		finding_add(findings, FINDING_OK, "%s: the same as profile \"%s\" gives", what, equal);
	else
		finding_add(findings, FINDING_NOTE, "%s; cfssl has no flag for that, and no profile of "
		    "ca-config.json gives the same", what);
	free(what);
}

static void
check_profile(const struct check_issue *what, int64_t not_before, int64_t not_after,
    struct findings *findings)
{
	const struct profile *profile = what->profiles->chosen;
	const char *name = profile->name ? profile->name : "default", *oids[64];
	bool server = profile_has_usage(profile, USAGE_SERVER_AUTH);
	unsigned bits;

	if (profile->unsupported)
		finding_add(findings, FINDING_ERROR, "profile \"%s\" has \"%s\", which is not supported", name,
		    profile->unsupported);
	if (!profile_usages(profile, &bits, oids, ARRAY_LEN(oids)) && !bits)
		finding_add(findings, FINDING_ERROR, "profile \"%s\" has no usage", name);
	if (server && !profile_has_usage(profile, USAGE_CLIENT_AUTH))
		finding_add(findings, FINDING_WARN, "profile \"%s\" lacks \"client auth\": etcd's JSON gateway "
		    "fails under client-cert-auth; gRPC is not touched", name);
	if (profiles_changed(what->profiles))
		check_changed(what->profiles, findings);
	if (server && !(what->csr->hosts && *what->csr->hosts))
		finding_add(findings, FINDING_WARN, "no hosts: clients will refuse a server certificate "
		    "without names");
	if (not_after - not_before > (int64_t)LONG_YEARS * 365 * DAY)
		finding_add(findings, FINDING_WARN, "it would be valid for more than %d years", LONG_YEARS);
	if (not_after < what->now)
		finding_add(findings, FINDING_ERROR, "it would be born expired: the profile's expiry is %s",
		    profile->expiry_text ? profile->expiry_text : "");
}

void
check_issue(const struct check_issue *what, struct findings *findings)
{
	int64_t not_before, not_after;
	struct err err = { 0 };

	issue_span(what->profiles, &not_before, &not_after);
	if (what->name && *what->name && check_name(what->name, &err) != 0)
		finding_add(findings, FINDING_ERROR, "%s", err.text);
	if (privkey_check(what->csr->algo, what->csr->size, &err) != 0)
		finding_add(findings, FINDING_ERROR, "%s", err.text);
	check_hosts(what->csr->hosts, findings);
	check_ca(what, not_before, not_after, findings);
	check_profile(what, not_before, not_after, findings);
	if (what->csr->has_ca)
		finding_add(findings, FINDING_ERROR, "the CSR file has a \"ca\" section, which is for roots");
}

static void
check_dates(const struct cert *cert, int64_t now, struct findings *findings)
{
	char day[CLOCK_RFC3339_SIZE], age[16];

	if (cert->not_after <= now)
		finding_add(findings, FINDING_ERROR, "expired %s ago, on %s",
		    text_age(now - cert->not_after, age, sizeof age), clock_day(cert->not_after, day));
	else if (cert->not_before > now)
		finding_add(findings, FINDING_WARN, "not valid before %s", clock_minute(cert->not_before, day));
	else if (cert->not_after - now < (int64_t)SOON_DAYS * DAY)
		finding_add(findings, FINDING_WARN, "expires in %s, on %s",
		    text_age(cert->not_after - now, age, sizeof age), clock_day(cert->not_after, day));
}

void
check_cert(const struct cert *cert, const struct cert *issuer, int64_t now,
    struct findings *findings)
{
	char day[CLOCK_RFC3339_SIZE];

	check_dates(cert, now, findings);
	if (!issuer)
		finding_add(findings, FINDING_WARN, "its issuer \"%s\" is not in this folder",
		    cert->issuer_text);
	else if (issuer != cert && !issuer->is_ca)
		finding_add(findings, FINDING_ERROR, "its issuer \"%s\" is not a CA", issuer->subject_text);
	else if (issuer != cert && cert->not_after > issuer->not_after)
		finding_add(findings, FINDING_WARN, "ends after its CA, which ends %s",
		    clock_day(issuer->not_after, day));
	if (cert->is_ca)
		return;
	if (cert->has_ext_usages && cert->server_auth && !cert->client_auth)
		finding_add(findings, FINDING_NOTE, "lacks \"client auth\": on a member with client-cert-auth "
		    "etcd's JSON gateway fails, gRPC does not");
	if (cert->has_ext_usages && cert->server_auth && !cert->sans.len)
		finding_add(findings, FINDING_WARN, "a server certificate without any host: clients refuse it");
}
