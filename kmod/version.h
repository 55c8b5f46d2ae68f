/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The version of the module, the tool and the package, in one place.
 */
#ifndef K8SNET_VERSION_H
#define K8SNET_VERSION_H

#define K8SNET_VERSION "0.1.0"

#endif /* K8SNET_VERSION_H */
