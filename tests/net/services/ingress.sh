#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Ingress: a real nginx in a pod, behind a NodePort and a LoadBalancer address, sends two host names to two services.
#
#   p1a (nginx) - n1 --.
#                      +--[ul]-- rt -- inet, curl        (tests/services.sh)
#   p2a, p2b ---- n2 --'
#
#   a.example -> d/a:http -> p2a        b.example -> d/b:http -> p2b, p1b
#
# timeout: 300

# Words are split where several are meant.
# shellcheck disable=SC2086
. "$(dirname "$0")/../../lib.sh"
# shellcheck source=../../services.sh
. "$TESTS/services.sh"

command -v nginx >/dev/null || skip_all "the guest has no nginx"
ktap_start
topo_cluster 2
for p in p2a p2b; do
	mkdir -p "$T/$p"
	echo "this is $p" >"$T/$p/index.html"
	head -c 300000 /dev/urandom >"$T/$p/file"
	http_serve $p 8080 "$T/$p"
done
service add d/a:http tcp .41:80 @p2a:8080
service add d/b:http tcp .42:80 @p2b:8080
lb() { # VERB POLICY
	service "$1" ingress/nginx:http tcp .40:80 nodeport 30080 lb=40 external-policy "$2" @p1a:80
}
lb add local

mkdir -p "$T/nginx/tmp"
cat >"$T/nginx.conf" <<CONF
worker_processes 1;
daemon off;
user root;
pid $T/nginx/pid;
error_log $T/nginx/error warn;
events { worker_connections 64; }
http {
	log_format client '\$remote_addr \$host \$status';
	access_log $T/nginx/access client;
	client_body_temp_path $T/nginx/tmp/1;
	proxy_temp_path $T/nginx/tmp/2;
	fastcgi_temp_path $T/nginx/tmp/3;
	uwsgi_temp_path $T/nginx/tmp/4;
	scgi_temp_path $T/nginx/tmp/5;
	server { listen 80 default_server; listen [::]:80 default_server; return 404; }
	server { listen 80; listen [::]:80; server_name a.example;
		location / { proxy_pass http://10.96.0.41; } location /6/ { proxy_pass http://[fd00:96::41]/; } }
	server { listen 80; listen [::]:80; server_name b.example;
		location / { proxy_pass http://10.96.0.42; } location /6/ { proxy_pass http://[fd00:96::42]/; } }
}
CONF
mkdir -p /var/lib/nginx /var/log/nginx
bg_ns p1a nginx -c "$T/nginx.conf" -e "$T/nginx/error"
wait_listen p1a tcp 80

# get CLIENT HOST ADDRESS PORT [PATH] - the page
get() {
	local a=$3
	[[ $a != *:* ]] || a="[$a]"
	in_ns "$1" curl -sS --max-time "${HTTP_TIMEOUT:-10}" -H "Host: $2" "http://$a:$4/${5-}" 2>&1
}
last() { tail -n 1 "$T/nginx/access"; }
for f in 4 6; do
	p=
	[ $f = 4 ] || p=6/
	for way in "NodePort:${node[f]}1 30080" "LoadBalancer address:${ext[f]}40 80"; do
		{
			check_eq "${way%%:*} of the ingress, host a.example, IPv$f" "this is p2a" "$(get inet a.example ${way#*:} $p)"
			check_eq "the log has the client's own address (policy Local), IPv$f" "${inet[f]} a.example 200" "$(last)"
			check_eq "${way%%:*} of the ingress, host b.example, IPv$f" "this is p2b" "$(get inet b.example ${way#*:} $p)"
			check_eq "the log has the client's own address (policy Local), IPv$f" "${inet[f]} b.example 200" "$(last)"
		}
	done
	check_match "another host is nobody's, IPv$f" "404 Not Found" "$(get inet c.example ${ext[f]}40 80)"
	get inet a.example ${ext[f]}40 80 ${p}file | sha256sum >"$T/sum"
	check_eq "300 kB through ingress and service, IPv$f" "$(sha256sum <"$T/p2a/file")" "$(cat "$T/sum")"
	check_eq "from a pod on another node, IPv$f" "this is p2b" "$(get p2a b.example ${ext[f]}40 80 $p)"
	check_eq "a node without an ingress pod does not answer, IPv$f" "" \
		"$(HTTP_TIMEOUT=1 get inet a.example ${node[f]}2 30080 $p | grep -v 'timed out')"
done
lb replace cluster
for f in 4 6; do
	of $f @k2
	seen=$of
	of $f @g1
	check_eq "policy Cluster: through any node, IPv$f" "this is p2a" "$(get inet a.example ${node[f]}2 30080)"
	check_eq "the log has the node's address then, IPv$f" "$seen a.example 200" "$(last)"
	check_eq "through the node itself, IPv$f" "this is p2a" "$(get inet a.example ${node[f]}1 30080)"
	check_eq "and there, too, IPv$f" "$of a.example 200" "$(last)"
done
# Behind the ingress, services change as anywhere.
service replace d/b:http tcp .42:80 @p2a:8080
check_eq "a service behind the ingress gets another endpoint" "this is p2a" "$(get inet b.example 203.0.113.40 80)"
service replace d/b:http tcp .42:80
check_match "or none: the ingress is refused at once, and says so" "502 Bad Gateway" "$(get inet b.example 203.0.113.40 80)"

ktap_end
