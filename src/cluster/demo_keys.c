/* SPDX-License-Identifier: Apache-2.0 */
#include "cluster/demo_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cluster/demo_values.h"
#include "etcd/call.h"

enum { BATCH = 100, VALUE_MAX = 1 << 16, TOTAL = 5006 };

struct load {
	struct etcd_channel *channel;
	void (*progress)(void *context, int64_t done, int64_t total);
	void *context;
	struct {
		char *key, *value;
		size_t len;
		int64_t lease;
	} puts[BATCH];
	size_t len;
	int64_t done, events_lease, sessions_lease;
	struct err *err;
	bool failed;
};

static const char *const spaces[] = { "default", "kube-system", "shop", "billing", "monitoring",
	"ci" };
static const char *const apps[] = { "cart", "checkout", "catalog", "invoice", "gateway", "search" };

static void
flush(struct load *load)
{
	Etcd__PutRequest puts[BATCH];
	Etcd__RequestOp ops[BATCH], *pointers[BATCH];
	Etcd__TxnRequest request = ETCD__TXN_REQUEST__INIT;
	Etcd__TxnResponse *response = NULL;

	for (size_t i = 0; i < load->len; i++) {
		etcd__put_request__init(&puts[i]);
		etcd__request_op__init(&ops[i]);
		puts[i].key.data = (uint8_t *)load->puts[i].key;
		puts[i].key.len = strlen(load->puts[i].key);
		puts[i].value.data = (uint8_t *)load->puts[i].value;
		puts[i].value.len = load->puts[i].len;
		puts[i].lease = load->puts[i].lease;
		ops[i].request_case = ETCD__REQUEST_OP__REQUEST_REQUEST_PUT;
		ops[i].request_put = &puts[i];
		pointers[i] = &ops[i];
	}
	request.success = pointers;
	request.n_success = load->len;
	if (load->len && !load->failed) {
		load->failed = etcd_txn(load->channel, &request, &response, load->err) != 0;
		if (response)
			etcd__txn_response__free_unpacked(response, NULL);
	}
	for (size_t i = 0; i < load->len; i++) {
		free(load->puts[i].key);
		free(load->puts[i].value);
	}
	load->done += (int64_t)load->len;
	load->len = 0;
	if (load->progress)
		load->progress(load->context, load->done, TOTAL);
}

static void
put(struct load *load, char *key, struct buf *value, int64_t lease)
{
	load->puts[load->len].key = key;
	load->puts[load->len].len = value->len;
	load->puts[load->len].value = buf_steal(value);
	load->puts[load->len].lease = lease;
	if (++load->len == BATCH)
		flush(load);
}

static void
put_text(struct load *load, const char *key, const char *text)
{
	struct buf value = BUF_INIT(VALUE_MAX);

	buf_add_str(&value, text);
	put(load, xstrdup(key), &value, 0);
}

static void
load_pods(struct load *load)
{
	for (int i = 0; i < 900; i++) {
		struct buf value = BUF_INIT(VALUE_MAX);
		char name[64];
		struct demo_object pod = { "v1", "Pod", name, spaces[i % 6], apps[i / 6 % 6], i };

		snprintf(name, sizeof name, "%s-%08x-%05d", pod.app, 0x5d8ff84u * (unsigned)(i / 36 + 1),
		    10007 * i % 99991);
		demo_pod(&value, &pod);
		put(load, xasprintf("/registry/pods/%s/%s", pod.space, name), &value, 0);
	}
}

/* Kinds with nothing but metadata: where they lie, how many, spread over how many namespaces. */
static void
load_objects(struct load *load)
{
	static const struct {
		const char *folder, *api, *kind, *name;
		int count, spread;
	} kinds[] = {
		{ "configmaps", "v1", "ConfigMap", "settings", 240, 6 },
		{ "services/specs", "v1", "Service", "svc", 120, 6 },
		{ "services/endpoints", "v1", "Endpoints", "svc", 120, 6 },
		{ "deployments", "apps/v1", "Deployment", "web", 180, 6 },
		{ "replicasets", "apps/v1", "ReplicaSet", "web", 540, 6 },
		{ "leases/kube-node-lease", "coordination.k8s.io/v1", "Lease", "node", 60, 0 },
		{ "minions", "v1", "Node", "node", 60, 0 },
		{ "namespaces", "v1", "Namespace", "team", 6, 0 },
		{ "clusterroles", "rbac.authorization.k8s.io/v1", "ClusterRole", "view", 70, 0 },
		{ "serviceaccounts", "v1", "ServiceAccount", "robot", 180, 6 },
	};

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
		for (int i = 0; i < kinds[k].count; i++) {
			const char *space = kinds[k].spread ? spaces[i % kinds[k].spread] : NULL;
			struct buf value = BUF_INIT(VALUE_MAX);
			char name[64];
			struct demo_object object = { kinds[k].api, kinds[k].kind, name, space, apps[i % 6], i };

			snprintf(name, sizeof name, "%s-%03d", kinds[k].name, i);
			demo_object(&value, &object);
			put(load, xasprintf("/registry/%s/%s%s%s", kinds[k].folder, space ? space : "",
			    space ? "/" : "", name), &value, 0);
		}
}

static void
load_events(struct load *load)
{
	for (int i = 0; i < 1600; i++) {
		struct buf value = BUF_INIT(VALUE_MAX);
		char name[64];
		struct demo_object event = { "v1", "Event", name, spaces[i % 6], NULL, i };

		snprintf(name, sizeof name, "%s-%05d.17a%09x", apps[i % 6], i, i * 7919);
		demo_object(&value, &event);
		put(load, xasprintf("/registry/events/%s/%s", event.space, name), &value,
		    load->events_lease);
	}
}

/* Custom resources are JSON; secrets are encrypted at rest, and only say by whom. */
static void
load_json_and_secrets(struct load *load)
{
	for (int i = 0; i < 80; i++) {
		struct buf value = BUF_INIT(VALUE_MAX);

		buf_printf(&value, "{\"apiVersion\":\"stable.example.com/v1\",\"kind\":\"CronTab\","
		    "\"metadata\":{\"name\":\"nightly-%02d\",\"namespace\":\"ci\",\"labels\":{\"team\":\"%s\"}},"
		    "\"spec\":{\"cronSpec\":\"%d 2 * * *\",\"image\":\"registry.example.com/ci/job:%d\","
		    "\"replicas\":%d}}\n", i, apps[i % 6], i % 60, i, i % 3 + 1);
		put(load, xasprintf("/registry/stable.example.com/crontabs/ci/nightly-%02d", i), &value, 0);
	}
	for (int i = 0; i < 120; i++) {
		struct buf value = BUF_INIT(VALUE_MAX);

		buf_add_str(&value, "k8s:enc:aescbc:v1:key-2026-03:");
		for (int k = 0; k < 96; k++)
			buf_add_byte(&value, (i * 31 + k * 97 + k * k) & 0xff);
		put(load, xasprintf("/registry/secrets/%s/token-%03d", spaces[i % 6], i), &value, 0);
	}
}

static void
load_settings(struct load *load)
{
	static const char *const texts[][2] = {
		{ "/apps/billing/config/currency", "EUR" },
		{ "/apps/billing/config/retry.json", "{\"attempts\":5,\"backoff_ms\":[100,200,400]}" },
		{ "/apps/shop/config/banner", "Grüße aus dem Lager\nnew season, same prices\n" },
		{ "/apps/shop/config/limits.json", "{\"cart\":{\"items\":99},\"checkout\":{\"seconds\":900}}" },
		{ "/apps/shop/config/empty", "" },
		{ "/apps/shop/feature/checkout-v2", "true" },
		{ "/apps/shop/feature", "flags live below; this is a key and a folder" },
		{ "compact_rev_key", "4711" },
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		put_text(load, texts[i][0], texts[i][1]);
	for (int i = 0; i < 600; i++) {
		struct buf value = BUF_INIT(VALUE_MAX);

		buf_printf(&value, "{\"user\":%d,\"items\":%d}", 100000 + i * 17, i % 9);
		put(load, xasprintf("/apps/shop/sessions/%06x", i * 7919), &value, load->sessions_lease);
	}
	for (int i = 0; i < 100; i++) {
		struct buf value = BUF_INIT(VALUE_MAX);

		buf_printf(&value, "%d", i * i);
		put(load, xasprintf("/apps/metering/counter-%02d", i), &value, 0);
	}
}

/* Later revisions of keys that are there, each in a batch of its own: one transaction may write a
 * key only once. */
static void
load_history(struct load *load)
{
	for (int round = 1; round <= 20; round++) {
		struct buf value = BUF_INIT(VALUE_MAX);

		flush(load);
		buf_printf(&value, "%d", 4711 + round);
		put(load, xstrdup("compact_rev_key"), &value, 0);
		put_text(load, "/apps/shop/feature/checkout-v2", round % 2 ? "false" : "true");
	}
	flush(load);
}

static void
delete_range(struct load *load, const char *key, const char *end)
{
	Etcd__DeleteRangeRequest request = ETCD__DELETE_RANGE_REQUEST__INIT;
	Etcd__DeleteRangeResponse *response = NULL;

	if (load->failed)
		return;
	request.key = (ProtobufCBinaryData){ strlen(key), (uint8_t *)(uintptr_t)key };
	request.range_end = (ProtobufCBinaryData){ strlen(end), (uint8_t *)(uintptr_t)end };
	load->failed = etcd_delete_range(load->channel, &request, &response, load->err) != 0;
	if (response)
		etcd__delete_range_response__free_unpacked(response, NULL);
}

static int64_t
grant(struct load *load, int64_t seconds)
{
	Etcd__LeaseGrantRequest request = ETCD__LEASE_GRANT_REQUEST__INIT;
	Etcd__LeaseGrantResponse *response = NULL;
	int64_t id = 0;

	request.ttl = seconds;
	load->failed = load->failed ||
	    etcd_lease_grant(load->channel, &request, &response, load->err) != 0;
	if (response) {
		id = response->id;
		etcd__lease_grant_response__free_unpacked(response, NULL);
	}
	return id;
}

int
demo_keys_load(struct etcd_channel *channel, void (*progress)(void *, int64_t, int64_t),
    void *context, struct err *err)
{
	struct load load = { .channel = channel, .progress = progress, .context = context, .err = err };

	load.events_lease = grant(&load, 24 * 3600);
	load.sessions_lease = grant(&load, 7 * 24 * 3600);
	load_pods(&load);
	load_objects(&load);
	load_events(&load);
	load_json_and_secrets(&load);
	load_settings(&load);
	load_history(&load);
	delete_range(&load, "/apps/metering/counter-9", "/apps/metering/counter-:");
	return load.failed ? -1 : 0;
}
