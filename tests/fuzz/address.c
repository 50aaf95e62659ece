/* SPDX-License-Identifier: Apache-2.0 */
#include "etcd/address.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct etcd_address address = { 0 };
	struct etcd_config config = { 0 };
	struct err err = { 0 };
	char *text = malloc(len + 1);

	MUST(text);
	memcpy(text, data, len);
	text[len] = 0;
	if (etcd_address_parse(&address, text, &config, &err) == 0)
		MUST(address.unix_path || (address.host && address.host[0] && address.authority));
	else
		MUST(err.text[0]);
	etcd_address_release(&address);
	free(text);
	return 0;
}
