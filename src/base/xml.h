/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_XML_H
#define BASE_XML_H

#include <stddef.h>

#include "base/err.h"

/* Reads a small XML document from a stranger: expat, at most 16 MiB and 16 levels, 64 KiB of text
 * an element; a DOCTYPE is refused, so there are no entities but XML's own five. */

/* Called at the end of each element. `path` is the names from the root without their prefixes, such
 * as "ListBucketResult/Contents/Key"; `text` is what stood in it outside of its children. */
typedef void xml_element(void *context, const char *path, const char *text);

/* ERR_INPUT where it is not XML or passes a cap. */
int xml_read(const char *data, size_t len, xml_element *element, void *context, struct err *err);

#endif
