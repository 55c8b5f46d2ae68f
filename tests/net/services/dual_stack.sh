#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What test/e2e/network/dual_stack.go of Kubernetes asserts, by its names: the granular checks of services on the secondary family.
#
# The drawing and the checks are those of services/networking.

export GRANULAR=6
. "$(dirname "$0")/networking.sh"
