# SPDX-License-Identifier: GPL-2.0
# bash completion of k8snetctl; the tool itself knows what can follow.

_k8snetctl() {
	local line="${COMP_LINE:0:COMP_POINT}"
	local -a words

	# Readline breaks words at colons and equals signs; names hold both.
	read -ra words <<<"$line"
	case $line in
	*[[:space:]]) words+=("") ;;
	esac
	# The FILE of "-b", and of "apply -f".
	local before=" ${words[*]:1:${#words[@]}-2} "
	if [[ $before =~ \ -[a-zA-Z]*b\ $ || $before =~ \ ap[ply]*\ (.*\ )?-f\ $ ]]; then
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "${words[${#words[@]} - 1]}")
		return
	fi
	mapfile -t COMPREPLY < <("${words[0]}" complete "${words[@]:1}" 2>/dev/null)
	# What readline takes for the last word begins after the last of those.
	local last=${words[${#words[@]} - 1]}
	local kept=${last%"${last##*[:=]}"}
	COMPREPLY=("${COMPREPLY[@]#"$kept"}")
}

complete -F _k8snetctl k8snetctl
