/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32C (Castagnoli polynomial, RFC 3720 appendix B.4) of more bytes after those that gave `crc`;
 * 0 begins. By the processor's instruction where it has one. */
uint32_t crc32c(uint32_t crc, const void *data, size_t len);

#endif
