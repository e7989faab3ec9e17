#!/bin/sh
# SPDX-License-Identifier: MIT
# repeat.sh - --watch of list, show and clients: in a pipe, as JSON, and on terminals of several sizes
[ -x /usr/bin/python3 ] || { echo "this needs python3" >&2; exit 77; }
# shellcheck source=tests/ctl/scene.sh
. "${0%/*}/scene.sh"

daemon_start
for ring in alpha beta gamma delta; do
	"$SHMQCTL_BIN" create $ring --slots 8 --size 64 --quiet
done

# has_lines N PATTERN: so many lines of $dir/out are like this
has_lines()
{
	[ "$(grep -c "$2" "$dir/out")" -ge "$1" ]
}

# In a pipe: one table after another, with what is new, until the ring is gone.
"$SHMQCTL_BIN" show alpha --watch 100ms >"$dir/out" 2>"$dir/error" &
children=$!
until_true has_lines 2 '^  *Geometry: 8 slots'
"$SHMQCTL_BIN" destroy alpha --quiet
status=0
wait $children || status=$?
children=
[ $status = 4 ] || fail "show of a ring that is gone: status $status"
like "$dir/error" 'no such ring|there is no ring'
! grep -q "$(printf '\033')" "$dir/out" || fail "escapes in a pipe"

# JSON: a line for each look.
"$SHMQCTL_BIN" clients --watch 100ms --json >"$dir/out" &
children=$!
until_true has_lines 3 '^{"schema":1,"clients":\[\]}$'
kill $children
wait $children || [ $? -gt 128 ]
children=

# Who doesn't read on ends it.
"$SHMQCTL_BIN" list --watch 100ms -n -r -o name | head -n 5 >"$dir/out"
[ "$(grep -c . "$dir/out")" = 4 ] || fail "not four lines:" "$dir/out"
for span in 0 1ms 2h infinity; do
	ends 2 "$SHMQCTL_BIN" list --watch $span
	like "$dir/error" '100ms to 1h'
done

# On a terminal.
cat >"$dir/terminal.py" <<'PYTHON'
import fcntl, os, pty, select, signal, struct, sys, termios, time

def start(rows, columns, *args):
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.environ["TERM"] = "xterm"
        os.execv(os.environ["SHMQCTL_BIN"], ["shmqctl"] + list(args))
    return pid, fd

def read_until(fd, wanted, n=1):
    text, end = b"", time.monotonic() + 20
    while text.count(wanted) < n:
        assert time.monotonic() < end, (wanted, text)
        if select.select([fd], [], [], 1)[0]:
            try:
                text += os.read(fd, 65536)
            except OSError:  # nobody has the terminal open any more
                assert text.count(wanted) >= n, (wanted, text)
    return text

def ended(pid, fd):
    text = b""
    while True:
        try:
            some = os.read(fd, 65536)
        except OSError:
            break
        if not some:
            break
        text += some
    return os.waitpid(pid, 0)[1], text

given_back = b"\033[?25h\033[?1049l"
for rows, columns in ((24, 80), (24, 60)):
    pid, fd = start(rows, columns, "list", "--watch", "100ms")
    text = read_until(fd, b"gamma", 3)
    assert b"\033[?1049h" in text and b"every 100ms" in text and b"more lines" not in text, text
    assert text.count(b"\033[?7l") - text.count(b"\033[?7h") in (0, 1), text
    os.write(fd, b"q")
    status, text = ended(pid, fd)
    assert status == 0 and text.endswith(given_back), (status, text)

# fewer rows than rings
pid, fd = start(4, 80, "list", "--watch", "100ms")
text = read_until(fd, b"more lines)", 2)
assert b"gamma" not in text, text
os.kill(pid, signal.SIGTERM)
status, text = ended(pid, fd)
assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGTERM and given_back in text, (status, text)

# it fails: the terminal is given back, then it says why
pid, fd = start(24, 80, "show", "nope", "--watch", "1s")
status, text = ended(pid, fd)
assert os.WEXITSTATUS(status) == 4 and b"nope" in text.split(given_back)[1], (status, text)

# no colours where they aren't wanted
os.environ["NO_COLOR"] = "1"
pid, fd = start(24, 80, "list", "--watch", "100ms")
text = read_until(fd, b"gamma", 2)
assert b"\033[3" not in text and b"\033[1m" not in text, text
os.write(fd, b"q")
assert ended(pid, fd)[0] == 0
PYTHON
SHMQCTL_BIN=$SHMQCTL_BIN /usr/bin/python3 "$dir/terminal.py"
