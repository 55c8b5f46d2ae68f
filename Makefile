# SPDX-License-Identifier: GPL-2.0
#
# Builds, installs and tests k8snet: the module (see Kbuild) and the tools (see tools/Makefile).
# "make help" lists what there is.

PREFIX ?= /usr/local
DESTDIR ?=
BUILD := $(CURDIR)/build

# The kernel to build for: the running one, else the newest that is installed
# or cached. Asked only by what needs it.
KERNELDIR ?= $(eval KERNELDIR := $(call find-kernel))$(KERNELDIR)
find-kernel = $(firstword $(wildcard /lib/modules/$(shell uname -r)/build) \
	$(shell ls -d /usr/src/linux-headers-*/Module.symvers /usr/src/kernels/*/Module.symvers \
		2>/dev/null | sed 's,/Module.symvers$$,,' | sort -rV) \
	$(shell ls -d $(CURDIR)/.cache/kernels/*/build 2>/dev/null | sort -rV))

kbuild = $(MAKE) -C "$(KERNELDIR)" M="$(CURDIR)"
# (As modules_install and modprobe see it; "make kernelrelease" is not always that.)
release = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' "$(KERNELDIR)/include/generated/utsrelease.h")
toolbuild = $(MAKE) -C tools O="$(BUILD)" PREFIX="$(PREFIX)"

.PHONY: all
all: module tools ## build the module and the tools (the default)

.PHONY: kernel-headers
kernel-headers:
	@if [ ! -e "$(KERNELDIR)/Makefile" ]; then \
		if [ -n "$(KERNELDIR)" ]; then \
			echo "k8snet: KERNELDIR=$(KERNELDIR) holds no kernel headers"; \
		else \
			echo "k8snet: no kernel headers are installed"; \
		fi; \
		echo "k8snet: install them (Debian: apt-get install linux-headers-$$(uname -r)) or name them: make KERNELDIR=..."; \
		exit 1; \
	fi >&2

.PHONY: module
module: kernel-headers ## build k8snet.ko for the kernel in KERNELDIR
	+$(kbuild) modules

.PHONY: tools
tools: ## build k8snetctl into build/
	+$(toolbuild) all

.PHONY: install
install: module-install tools-install headers-install ## install everything below DESTDIR; tools and headers below PREFIX (/usr/local)

# Headers of a distribution have no signing key and no System.map: kbuild would
# complain of both.
modinst = INSTALL_MOD_PATH="$(DESTDIR)" INSTALL_MOD_DIR=updates cmd_depmod=: \
	$(if $(wildcard $(KERNELDIR)/certs/signing_key.pem),,CONFIG_MODULE_SIG_ALL=)

.PHONY: module-install
module-install: module ## install the module for the kernel in KERNELDIR
	+$(kbuild) $(modinst) modules_install
	@if [ -z "$(DESTDIR)" ]; then depmod "$(release)"; fi

.PHONY: tools-install
tools-install: tools ## install the tools, their manual pages and completion
	+$(toolbuild) DESTDIR="$(DESTDIR)" install

.PHONY: headers-install
headers-install: ## install the C header and the netlink specification
	install -D -m 644 uapi/linux/k8snet.h "$(DESTDIR)$(PREFIX)/include/linux/k8snet.h"
	install -D -m 644 uapi/netlink/specs/k8snet.yaml "$(DESTDIR)$(PREFIX)/share/ynl/specs/k8snet.yaml"

# The tools' own install target knows what it installs: it does so into an
# empty folder, and what is found there is removed.
.PHONY: uninstall
uninstall: kernel-headers ## remove what "install" installed, with the same DESTDIR, PREFIX and KERNELDIR
	rm -rf "$(BUILD)/uninstall"
	+$(toolbuild) DESTDIR="$(BUILD)/uninstall" install >/dev/null
	cd "$(BUILD)/uninstall" && find . ! -type d | while read -r f; do \
		rm -fv "$(DESTDIR)/$${f#./}"; \
	done
	rm -rf "$(BUILD)/uninstall"
	rm -fv "$(DESTDIR)$(PREFIX)/include/linux/k8snet.h" "$(DESTDIR)$(PREFIX)/share/ynl/specs/k8snet.yaml"
	rm -fv "$(DESTDIR)/lib/modules/$(release)/updates/k8snet.ko"*
	@if [ -z "$(DESTDIR)" ]; then depmod "$(release)"; fi

# What kbuild leaves is removed without it: the headers may be gone.
.PHONY: clean
clean: ## remove everything that was built
	rm -rf "$(BUILD)" .tmp_versions
	find kmod -type f \( -name '*.o' -o -name '.*.cmd' -o -name '.*.d' \) -delete
	rm -f k8snet.o k8snet.ko k8snet.mod k8snet.mod.c k8snet.mod.o .module-common.o \
		modules.order Module.symvers .*.cmd
	find . -path ./.git -prune -o -path ./.cache -prune -o \
		-type d -name __pycache__ -prune -exec rm -rf {} +

# DKMSFLAGS, DKMS_SOURCE and KVER are for tests and unusual systems.
DKMS_SOURCE ?= /usr/src
KVER ?= $(shell uname -r)
dkms-version = $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
dkms-source = $(DKMS_SOURCE)/k8snet-$(dkms-version)

.PHONY: dkms-install
dkms-install: ## register the source with DKMS, build and install it for the running kernel
	@command -v dkms >/dev/null || { \
		echo "k8snet: DKMS is not installed (Debian: apt-get install dkms)" >&2; exit 1; }
	@case "$(DKMSFLAGS)" in *--kernelsourcedir*) ;; *) \
		[ -e "/lib/modules/$(KVER)/build/Makefile" ] || { \
		echo "k8snet: the headers of kernel $(KVER) are not installed (Debian: apt-get install linux-headers-$(KVER)), or choose another kernel: make dkms-install KVER=..." >&2; \
		exit 1; };; esac
	dkms remove -m k8snet -v $(dkms-version) --all $(DKMSFLAGS) >/dev/null 2>&1 || true
	rm -rf "$(dkms-source)"
	install -d "$(dkms-source)"
	for f in Kbuild dkms.conf COPYING $$(find kmod uapi -name '*.[ch]' ! -name '*.mod.c'); do \
		install -D -m 644 "$$f" "$(dkms-source)/$$f" || exit 1; done
	dkms add -m k8snet -v $(dkms-version) $(DKMSFLAGS)
	dkms build -m k8snet -v $(dkms-version) -k "$(KVER)" $(DKMSFLAGS)
	dkms install -m k8snet -v $(dkms-version) -k "$(KVER)" $(DKMSFLAGS)

.PHONY: dkms-remove
dkms-remove: ## undo dkms-install, for all kernels
	@command -v dkms >/dev/null || { echo "k8snet: DKMS is not installed" >&2; exit 1; }
	dkms remove -m k8snet -v $(dkms-version) --all $(DKMSFLAGS)
	rm -rf "$(dkms-source)"

.PHONY: regen
regen: ## regenerate all files that come from uapi/netlink/specs/k8snet.yaml
	uapi/regen

.PHONY: style
style: ## run the static checks: checkpatch, sparse, W=1 with gcc and clang, shellcheck, yamllint
	tests/deps test
	tests/style/run

.PHONY: check
check: ## run the unit tests (T="NAME..." chooses)
	tests/run --unit $(T)

.PHONY: bench-config
bench-config: ## measure loading services: time, memory, pauses (N=100000 W="pause k8snet ipvs nft")
	tests/deps bench
	tests/bench/config $(or $(N),100000) $(W)

.PHONY: demo
demo: ## show a small cluster at work, in a guest
	@tests/demo/run

.PHONY: test
test: ## run all tests on all kernels (K=6.12 and T="NAME..." choose)
	tests/deps test
	tests/run $(if $(K),--kernels "$(K)") $(T)

.PHONY: bench
bench: ## measure what traffic costs in instructions, k8snet and what clusters use today, with 10 to 100,000 services (half an hour); build/bench/
	tests/deps bench
	@mkdir -p build/bench
	@rm -f build/bench/complete
	@{ tests/bench/run path peers sockets && touch build/bench/complete; } | tee build/bench/output
	@test -e build/bench/complete
	@tests/bench/report.py build/bench/output build/bench

.PHONY: bench-native
bench-native: ## measure the same in time, in User-Mode Linux: medians of 7; build/bench/native/
	tests/deps bench
	@mkdir -p build/bench/native
	@rm -f build/bench/native/complete
	@{ tests/bench/run --native path peers sockets && touch build/bench/native/complete; } | tee build/bench/native/output
	@test -e build/bench/native/complete
	@tests/bench/report.py build/bench/native/output build/bench/native

.PHONY: bench-check
bench-check: ## measure a few paths, and fail if one is 2 % worse than tests/bench/figures.json
	tests/deps test
	@mkdir -p build/bench
	@rm -f build/bench/complete
	@{ tests/bench/run --runs 7 --only '$(bench-short)' path && touch build/bench/complete; } | tee build/bench/check
	@test -e build/bench/complete
	@tests/bench/report.py --check build/bench/check tests/bench/figures.json
bench-short := ^(plain routing|k8snet overlay, no conntrack|k8snet service, slow path(|, IPv6)|k8snet service(|, packets of their own|, IPv6|, new flow for each packet))$$

.PHONY: test-uml
test-uml: ## run everything with KASAN, lockdep, kmemleak and failing memory, on User-Mode Linux (T="NAME..." chooses)
	tests/deps test
	tests/sanitize/run $(T)

.PHONY: test-debug
test-debug: ## run what two processors do at the same time with KASAN and lockdep, and with KCSAN, on QEMU (T="NAME..." chooses)
	tests/deps test
	tests/sanitize/run --smp $(T)

.PHONY: fuzz
fuzz: ## fuzz netlink, packets and parsers for long and print how much (FUZZ_MESSAGES, FUZZ_SECONDS, FUZZ_SEED)
	tests/deps test
	tests/fuzz/run
	tests/fuzz/parsers $${FUZZ_SECONDS:-300}

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | \
		while IFS="$$(printf '\t')" read -r t text; do printf '  %-16s %s\n' "$$t" "$$text"; done
	@echo
	@echo '  Variables: KERNELDIR (kernel headers), DESTDIR, PREFIX (/usr/local), CC'
