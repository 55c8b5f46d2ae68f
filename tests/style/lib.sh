# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Sourced by static checks and unit tests: copies of the tree, and builds of the module with each compiler.

STYLE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export K8SNET_CACHE=${K8SNET_CACHE:-$STYLE_ROOT/.cache}

# style_kernels - prints the kernels that the module is built for
style_kernels() { grep -v '^#' "$STYLE_ROOT/tests/vm/kernels"; }

# style_copy DIR [NAME...] - copies the sources (or those NAMEs) to DIR, without anything that was built
style_copy() {
	local dir=$1

	shift
	mkdir -p "$dir"
	tar -C "$STYLE_ROOT" --exclude=./.git --exclude=./.cache --exclude=./build \
		--exclude='*.o' --exclude='*.ko' --exclude='*.mod' --exclude='*.mod.c' \
		--exclude='.*.cmd' --exclude='.*.d' --exclude=modules.order --exclude=Module.symvers \
		--exclude=__pycache__ -cf - "${@:-.}" | tar -C "$dir" -xf -
}

# style_headers VERSION - prints the folder of that kernel's headers
style_headers() {
	local dir

	dir=$("$STYLE_ROOT/tests/vm/kernel" "$1") && echo "$dir/build"
}

# style_release KERNELDIR - prints the release of that kernel
style_release() { sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' "$1/include/generated/utsrelease.h"; }

# style_clang_headers KERNELDIR DIR - copies the headers to DIR, configured for clang
#
# Distributions build with gcc, and the compiler's abilities are part of their
# configuration (as is the compiler: LLVM=1 changes nothing on Debian). There
# is no Kconfig in the headers to ask again, so what clang lacks, or has
# otherwise, is replaced here.
style_clang_headers() {
	local kerneldir dir=$2 name value conf version

	kerneldir=$(readlink -f "$1")
	version=$(($(clang -E -P - <<<'__clang_major__ * 10000 + __clang_minor__ * 100 + __clang_patchlevel__')))
	mkdir -p "$dir"
	cp -a "$kerneldir/." "$dir/"
	# What refers to its neighbours
	echo "include $kerneldir/Makefile" >"$dir/Makefile"
	for name in scripts tools; do
		ln -sfn "$(readlink -f "$kerneldir/$name")" "$dir/$name"
	done
	while read -r name value; do
		[ -n "$name" ] || continue
		for conf in "$dir/include/config/auto.conf" "$dir/.config"; do
			sed -i "/^$name=/d" "$conf"
			[ -z "$value" ] || echo "$name=$value" >>"$conf"
		done
		conf=$dir/include/generated/autoconf.h
		sed -i "/^#define $name /d" "$conf"
		case $value in
		'') ;;
		y) echo "#define $name 1" >>"$conf" ;;
		*) echo "#define $name $value" >>"$conf" ;;
		esac
	done <<-EOT
		CONFIG_CC_IS_GCC
		CONFIG_CC_IS_CLANG y
		CONFIG_GCC_VERSION 0
		CONFIG_CLANG_VERSION $version
		CONFIG_CC_IMPLICIT_FALLTHROUGH "-Wimplicit-fallthrough"
		CONFIG_CC_HAS_AUTO_VAR_INIT_ZERO_BARE
		CONFIG_CC_HAS_AUTO_VAR_INIT_ZERO_ENABLER y
		CONFIG_FTRACE_MCOUNT_USE_CC
		CONFIG_CC_HAS_NAMED_AS
		CONFIG_USE_X86_SEG_SUPPORT
		CONFIG_RETHUNK
		CONFIG_MITIGATION_RETHUNK
		CONFIG_SLS
		CONFIG_MITIGATION_SLS
	EOT
}

# style_build TREE KERNELDIR LOG [MAKE ARGUMENT...] - builds the module of a copied tree
style_build() {
	local tree=$1 kerneldir=$2 log=$3

	shift 3
	env -u MAKEFLAGS -u MAKELEVEL LC_ALL=C make -j"$(nproc)" -C "$tree" \
		KERNELDIR="$kerneldir" "$@" module >"$log" 2>&1
}

# style_warnings TREE LOG - prints the warnings that concern the tree, fails if there are any;
# STYLE_NOTE says how many there were in the kernel's own headers
style_warnings() {
	local status=0

	"$STYLE_ROOT/tests/style/warnings" "$1" "$2" "$2.foreign" || status=1
	# shellcheck disable=SC2034  # for the caller
	STYLE_NOTE=$(sed '/^0$/d; s/$/ warnings in kernel headers not counted/' "$2.foreign")
	return "$status"
}
