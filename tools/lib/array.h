/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many elements an array has.
 */
#ifndef K8SNET_ARRAY_H
#define K8SNET_ARRAY_H

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif /* K8SNET_ARRAY_H */
