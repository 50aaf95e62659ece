/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLUSTER_SETTINGS_H
#define CLUSTER_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "cluster/cluster_json.h"

/* The global flags, as the person gave them (NULL, 0, false: not given), and what they lead to. All
 * strings are owned. settings.def names each flag once: field, flag, environment variable. */

enum setting_type { SETTING_STR, SETTING_BOOL, SETTING_NOT, SETTING_MS };

struct settings {
#define SETTING_S(field, flag, letter, env, value, help) char *field;
#define SETTING_B(field, flag, letter, env, help) bool field;
#define SETTING_N(field, flag, letter, env, help) bool field;
#define SETTING_D(field, flag, letter, env, help) int64_t field; /* milliseconds; 0: not given */
#include "cluster/settings.def"
#undef SETTING_S
#undef SETTING_B
#undef SETTING_N
#undef SETTING_D
	bool etcdctl;	/* called by etcdctl's name: no workspace is looked at */
};

struct setting {
	const char *flag, *env, *value, *help;
	char letter;
	enum setting_type type;
	size_t offset;
};

/* Rows of settings.def, ended by a NULL flag. */
extern const struct setting setting_table[];

/* The row of a flag's long name or of its letter, or NULL. */
const struct setting *setting_find(const char *flag);
const struct setting *setting_letter(char letter);

/* Sets one from text; a boolean takes "true" or "false", a duration Go's form or whole seconds.
 * ERR_USAGE names the flag. */
int setting_set(struct settings *settings, const struct setting *row, const char *text,
    struct err *err);

void settings_release(struct settings *settings);

/* Where a connection leads and what said so. */
struct connection {
	char **endpoints;	/* at least one, or NULL: nothing names an endpoint */
	char *cacert, *cert, *key, *user;
	char *password;		/* of base/secret.h */
	char *endpoint_source;	/* "--endpoints", "workspace", "ETCDCTL_ENDPOINTS", "default" */
	char *workspace;	/* folder, or NULL where none is in use */
	struct cluster *cluster; /* its cluster.json, or NULL */
	bool insecure_transport;	/* true unless said otherwise: bare endpoints may be plain */
	bool insecure_skip_verify;
	int64_t dial_ms, call_ms;
	size_t max_recv;	/* bytes; 0: as etcdctl */
};

/* Joins flags, workspace and environment in the order of the design: flag > workspace by -C or
 * $VETCH_WORKSPACE > ETCDCTL_* > the default workspace. Fails where a named workspace cannot be
 * read. */
int connection_resolve(const struct settings *settings, struct connection *connection,
    struct err *err);
void connection_release(struct connection *connection);

/* The workspace folder to work in: by -C, $VETCH_WORKSPACE, else $XDG_DATA_HOME/vetch/default; it
 * need not exist. `*named` (may be NULL) says whether the person named it. The caller frees. */
char *workspace_folder(const struct settings *settings, bool *named);

/* Where a console without a workspace keeps what belongs to a cluster: $XDG_STATE_HOME/vetch/ID or
 * $HOME/.local/state/vetch/ID; the caller frees. NULL without either. */
char *state_folder(uint64_t cluster_id);

/* $XDG_DATA_HOME/vetch or $HOME/.local/share/vetch; the caller frees. NULL without either. */
char *vetch_data_home(void);

#endif
