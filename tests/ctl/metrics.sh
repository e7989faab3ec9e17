#!/bin/sh
# SPDX-License-Identifier: MIT
# metrics.sh - what `shmqctl metrics` prints and shmqd serves by HTTP, read by Prometheus' own parsers
# (python3-prometheus-client), and by promtool where it is installed
python=/usr/bin/python3
if ! $python -c 'import prometheus_client.openmetrics.parser' 2>/dev/null; then
	echo "python3-prometheus-client is not installed" >&2
	exit 77
fi

# shellcheck source=tests/ctl/scene.sh
. "${0%/*}/scene.sh"

daemon_start --metrics "$dir/http"
"$SHMQCTL_BIN" create ticks --slots 64 --size 128 --quiet
"$SHMQCTL_BIN" create empty --quiet
seq 1 10 | "$SHMQCTL_BIN" send ticks
"$SHMQCTL_BIN" recv ticks --count 4 >"$dir/received"
ends 4 "$SHMQCTL_BIN" destroy nothing

"$SHMQCTL_BIN" metrics >"$dir/openmetrics"
"$SHMQCTL_BIN" metrics --format prometheus >"$dir/prometheus"
"$SHMQCTL_BIN" metrics --json >"$dir/json"
"$SHMQCTL_BIN" metrics --textfile "$dir/shmq.prom"
echo old >"$dir/other.prom"
"$SHMQCTL_BIN" metrics --textfile "$dir/other.prom" --format openmetrics

$python - "$dir" <<'END'
import http.client, json, socket, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

directory = sys.argv[1]


def samples(parse, text):
    """name and labels to value; every family has help, type, and what its type allows"""
    found = {}
    for family in parse(text):
        assert family.documentation and family.type in ("counter", "gauge"), family
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in found, key
            found[key] = sample.value
    assert len(found) > 70, len(found)
    return found


def read(name):
    with open(f"{directory}/{name}") as file:
        return file.read()


def check(found):
    ticks = (("ring", "ticks"),)
    assert found["shmq_ring_pushed_messages_total", ticks] == 10
    assert found["shmq_ring_popped_messages_total", ticks] == 4
    assert found["shmq_ring_depth_messages", ticks] == 6
    assert found["shmq_ring_capacity_messages", ticks] == 64
    assert found["shmq_ring_attachments_total", ticks] == 2
    assert found["shmq_ring_participants", ticks + (("role", "producer"),)] == 0
    assert found["shmq_ring_live", (("ring", "empty"),)] == 1
    assert found["shmqd_rings", ()] == 2
    assert found["shmqd_created_rings_total", ()] == 2
    assert found["shmqd_requests_total", (("op", "attach"),)] == 2
    assert found["shmqd_refused_requests_total", (("status", "absent"),)] >= 1
    assert 0 < found["shmqd_uptime_seconds", ()] < 900
    assert found["shmqd_segment_bytes", ()] < found["shmqd_quota_bytes", ()]
    assert found["shmqd_busy_seconds_total", ()] > 0


class Local(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(f"{directory}/http")


def ask(method, path, **headers):
    connection = Local("shmqd")
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


text = read("openmetrics")
assert text.endswith("# EOF\n")
assert "# UNIT shmq_ring_depth_messages messages\n" in text
check(samples(openmetrics, text))
check(samples(openmetrics, read("other.prom")))
check(samples(prometheus, read("prometheus")))
check(samples(prometheus, read("shmq.prom")))

answer, text = ask("GET", "/metrics", Accept="application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
assert answer.status == 200 and "openmetrics-text" in answer.headers["Content-Type"], answer.status
check(samples(openmetrics, text))
answer, text = ask("GET", "/metrics?name=x")
assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
check(samples(prometheus, text))
assert ask("HEAD", "/metrics")[0].status == 200
assert ask("GET", "/")[0].status == 404
assert ask("GET", "/metrics/x")[0].status == 404
for method in "POST", "PUT", "DELETE", "OPTIONS", "PATCH":
    answer, _ = ask(method, "/metrics")
    assert answer.status == 405 and answer.headers["Allow"] == "GET, HEAD", (method, answer.status)

figures = json.loads(read("json"))
ring = next(ring for ring in figures["rings"] if ring["name"] == "ticks")
assert figures["schema"] == 1 and ring["depth"] == 6 and ring["pushed"] == 10, ring
assert figures["daemon"]["rings"] == 2
END

if command -v promtool >/dev/null; then
	promtool check metrics <"$dir/prometheus"
	promtool check rules "$TOP_SRCDIR/docs/monitoring/shmq.rules.yml"
	(cd "$TOP_SRCDIR/docs/monitoring" && promtool test rules shmq.rules.test.yml)
fi

# Alerts and dashboard name what there is.
for file in shmq.rules.yml grafana.json; do
	grep -o 'shmqd\{0,1\}_[a-z_]*[a-z]' "$TOP_SRCDIR/docs/monitoring/$file" | sort -u | while read -r name; do
		grep -q "^${name}[ {]" "$dir/prometheus" || fail "$file: there is no $name"
	done
done

# Nothing is left beside the file, and the file goes when the daemon does.
[ "$(find "$dir" -name '*.prom*' | wc -l)" = 2 ] || fail "temporary files are left"
[ "$(stat -c %a "$dir/shmq.prom")" = 644 ] || fail "the textfile can't be read by others"
ends 1 "$SHMQCTL_BIN" metrics --textfile "$dir/no/such/directory"
like "$dir/error" 'no/such/directory'
daemon_end KILL
ends 3 "$SHMQCTL_BIN" metrics --textfile "$dir/shmq.prom"
[ ! -e "$dir/shmq.prom" ] || fail "old figures stay when shmqd is gone"

# A socket that was handed over by the name that shmqd-metrics.socket gives it.
activate=/usr/bin/systemd-socket-activate
if grep -q '^#define HAVE_SYSTEMD 1' "$TOP_BUILDDIR/config.h" && [ -x $activate ]; then
	rm -f "$dir/http"
	$activate -l "$dir/http" --fdname=metrics -E SHMQ_TEST_RUN -E ASAN_OPTIONS \
		"$SHMQD_BIN" --socket "$SHMQ_SOCKET" --instance "$instance" 2>"$dir/log" &
	daemon=$!
	# it has its name before somebody listens at it; to connect would start shmqd
	until_true grep -q " 00010000 .* $dir/http\$" /proc/net/unix
	$python - "$dir/http" <<'END'
import socket, sys
visitor = socket.socket(socket.AF_UNIX)
visitor.settimeout(20)
visitor.connect(sys.argv[1])
visitor.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
answer = b"".join(iter(lambda: visitor.recv(65536), b""))
assert answer.startswith(b"HTTP/1.0 200") and b'shmq_ring_live{ring="ticks"} 1' in answer, answer
END
	daemon_end KILL
fi

# An address that is none ends a start, with a sentence.
for address in localhost:9464 127.0.0.1:0 '[::1:9464' 1.2.3.4:99999 /no/such/directory/socket; do
	status=0
	"$SHMQD_BIN" --socket "$SHMQ_SOCKET" --instance "$instance" "--metrics=$address" 2>"$dir/log" ||
		status=$?
	[ $status = 1 ] || fail "$address: exit status $status"
	grep -q "metrics can't be served at" "$dir/log" || fail "$address: not told" "$dir/log"
done

# What a dead daemon left at the path of its HTTP socket is taken over; an orderly end removes it.
[ -S "$dir/http" ]
daemon_start --metrics "$dir/http"
daemon_end TERM
[ ! -e "$dir/http" ] || fail "the HTTP socket is left"
