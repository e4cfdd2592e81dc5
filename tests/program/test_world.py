# SPDX-License-Identifier: Apache-2.0
"""Simulated worlds as processes: what they show, what they keep to themselves, how they end."""
import fcntl
import hashlib
import hmac
import json
import os
import re
import select
import shutil
import signal
import socket
import ssl
import stat
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("ATTEST_BIN") or str(ROOT / "build" / "src" / "programs" / "attest")
RD = "00" * 31 + "01"
IS_ROOT = os.geteuid() == 0
NOBODY = 65534
WAIT = 60
CALLS = (2, 5, 9, 14, 20)


def environment(**more):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("ATTEST_SIM", "PCCS", "QCNL", "SGX", "AZDCAP"))}
    env["PATH"] = f"{Path(BINARY).parent}:{env['PATH']}"
    return {**env, **more}


def attest(*argv, code=0, user=None, **more):
    as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user is not None else []
    done = subprocess.run([*as_user, BINARY, *map(str, argv)], capture_output=True, text=True, timeout=WAIT,
                          env=environment(**more), check=False)
    assert code is None or done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done


def run_in(*argv, options=(), **how):
    return attest("sim", "run", *options, "--", *argv, **how)


@pytest.fixture
def short():
    """A directory for worlds, which others may pass through: socket addresses are short."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as where:
        Path(where).chmod(0o777)
        yield Path(where)


@pytest.fixture
def up(short):
    """Starts detached worlds, and ends them."""
    made = []

    def start(directory, *options, **how):
        done = attest("sim", "up", "--detach", "-o", "json", *options, directory, **how)
        made.append(json.loads(done.stdout))
        return made[-1]

    yield start
    for place in made:
        attest("sim", "stop", "--world", place["world"], code=None)
        wait_gone(place["pid"])


@pytest.fixture(scope="module")
def standing():
    """One world for those tests that change nothing in it."""
    with tempfile.TemporaryDirectory() as where:
        yield json.loads(attest("sim", "up", "--detach", "-o", "json", where).stdout)["world"]
        attest("sim", "stop", "--world", where)


def wait_gone(pid):
    """Until no such process runs: by its descriptor where the kernel has them."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    select.select([fd], [], [], WAIT)
    os.close(fd)


def left_in(directory):
    return sorted(str(p.relative_to(directory)) for p in directory.rglob("*"))


# --- A command in a world ---

USERS = [None, NOBODY] if IS_ROOT else [None]


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("options", [(), ("--isolate-net",)])
def test_evidence_is_made_and_verified(short, user, options):
    done = run_in("sh", "-c", f"cd {short} && attest quote --report-data {RD} -o bin >q && "
                  f"attest verify q --report-data {RD} --allow-simulated",
                  options=options, user=user, TMPDIR=str(short))
    assert "SIMULATED PLATFORM" in done.stdout and "this is a new world" not in done.stderr
    assert left_in(short) == ["q"]
    assert not Path("/etc/sgx_default_qcnl.conf").exists() and not Path("/run/aesmd").exists()


def test_another_world_than_the_announced_one_is_said(short):
    done = run_in("true", user=USERS[0], TMPDIR=str(short), ATTEST_SIM_WORLD="/w")
    assert "this is a new world; --world /w is the one that ATTEST_SIM_WORLD names" in done.stderr


@pytest.mark.parametrize("user", USERS)
def test_standard_paths_are_there(short, user):
    done = run_in("sh", "-c", "cat /etc/sgx_default_qcnl.conf; stat -c %F /var/run/aesmd/aesm.socket; "
                  "ls -A /etc | wc -l; readlink /etc/mtab; id -u; echo $PCCS_URL; echo $SGX_AESM_ADDR",
                  user=user, TMPDIR=str(short))
    config, rest = done.stdout.split("}\n")
    kind, count, mtab, uid, url, aesm = rest.splitlines()
    assert json.loads(config + "}")["pccs_url"] == url
    assert (kind, aesm) == ("socket", "1")
    assert int(uid) == (os.getuid() if user is None else user)
    assert int(count) == len(os.listdir("/etc")) + 1
    assert mtab == os.readlink("/etc/mtab")


def test_intel_sim_profile_by_its_own_variable(short):
    done = run_in("attest", "sim", "status", "-o", "json", SGX_MODE="SIM", TMPDIR=str(short))
    assert json.loads(done.stdout)["profile"] == "intel"
    done = run_in("attest", "sim", "status", "-o", "json", options=("--profile", "random"), SGX_MODE="SIM",
                  TMPDIR=str(short))
    assert json.loads(done.stdout)["profile"] == "random"


@pytest.mark.parametrize("command,code", [("exit 0", 0), ("exit 3", 3), ("exit 100", 100), ("kill -KILL $$", 137),
                                          ("kill -TERM $$", 143)])
def test_exit_codes_are_the_commands(standing, command, code):
    run_in("sh", "-c", command, code=code, options=("--world", standing))


def test_commands_that_can_not_be_started(standing):
    run_in("no-such-command-anywhere", code=127, options=("--world", standing))
    run_in("/etc/passwd", code=126, options=("--world", standing))


def test_signals_are_passed_on(short):
    process = subprocess.Popen([BINARY, "sim", "run", "--", "sh", "-c",
                                "trap 'echo got; exit 9' TERM; echo ready; while :; do read x; done"],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               env=environment(TMPDIR=str(short)))
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    process.stdin.write("\n")
    process.stdin.close()
    assert process.stdout.readline() == "got\n"
    assert process.wait(WAIT) == 9
    assert left_in(short) == []


def processes_with(text):
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and text in (entry / "environ").read_bytes():
                found.append(entry.name)
        except OSError:
            pass
    return found


def test_no_orphan_is_left(short):
    """Neither a background process nor a daemon that left its session."""
    mark = f"mark-{os.getpid()}"
    done = run_in("sh", "-c", "sleep 1000 & setsid sh -c 'sleep 1000 & sleep 1000' & echo started",
                  ATTEST_TEST_MARK=mark, TMPDIR=str(short))
    assert done.stdout == "started\n"
    assert processes_with(mark.encode()) == []


def test_killed_runner_leaves_no_process(short):
    process = subprocess.Popen([BINARY, "sim", "run", "--", "sh", "-c",
                                "echo $$; attest sim status -o json | tr -d '\\n'; echo; read x"],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                               env=environment(TMPDIR=str(short)))
    command = int(process.stdout.readline())
    world = json.loads(process.stdout.readline())
    process.kill()
    process.wait(WAIT)
    wait_gone(command)
    wait_gone(world["pid"])
    assert left_in(short) == []


def test_killed_runner_takes_all_along(short):
    """Also what the command had started, in a session of its own too."""
    process = subprocess.Popen([BINARY, "sim", "run", "--", "sh", "-c",
                                "sleep 1000 & echo $!; setsid sh -c 'sleep 1000 & echo $!'; sleep 1000"],
                               stdout=subprocess.PIPE, text=True, env=environment(TMPDIR=str(short)))
    started = [os.pidfd_open(int(process.stdout.readline())) for _ in range(2)]
    process.kill()
    process.wait(WAIT)
    for fd in started:
        assert select.select([fd], [], [], WAIT)[0]
        os.close(fd)


def test_refused_namespaces_leave_the_environment(short):
    """As in a container that allows none: said, and the command runs."""
    limits = "mnt" if IS_ROOT else "user"
    inner = f"attest sim run -- sh -c 'echo $PCCS_URL; test -e /etc/sgx_default_qcnl.conf || echo none'"
    done = subprocess.run(["unshare", "--user", "--map-root-user", "sh", "-c",
                           f"echo 0 >/proc/sys/user/max_{limits}_namespaces; echo 0 "
                           f">/proc/sys/user/max_user_namespaces; {inner}"],
                          capture_output=True, text=True, timeout=WAIT, check=True,
                          env=environment(TMPDIR=str(short)))
    url, none = done.stdout.splitlines()
    assert url.startswith("http://127.0.0.1:") and none == "none"
    assert "namespaces are refused here" in done.stderr and "environment" in done.stderr
    assert "secrets" not in done.stderr


def test_refused_namespaces_leave_secrets_bare_and_it_is_said(short):
    inner = (f"attest sim up --detach {short}/w >/dev/null; attest sim run --world {short}/w -- true; "
             f"attest sim stop --world {short}/w")
    done = subprocess.run(["unshare", "--user", "--map-root-user", "sh", "-c",
                           f"echo 0 >/proc/sys/user/max_mnt_namespaces; echo 0 "
                           f">/proc/sys/user/max_user_namespaces; {inner}"],
                          capture_output=True, text=True, timeout=WAIT, check=True, env=environment())
    assert "can read the world's secrets" in done.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&-", "<&- >&- 2>&-"])
def test_streams_may_be_closed(short, closed):
    """The new process's pipe must not be taken for a stream: a world comes up all the same."""
    subprocess.run(["sh", "-c", f"attest sim run -- touch {short}/ran {closed}"], timeout=WAIT, check=True,
                   env=environment(TMPDIR=str(short)))
    assert left_in(short) == ["ran"]


def test_stopped_world_ends_too(short):
    """What a command leaves stopped does not hold its runner for ever."""
    run_in("sh", "-c", "kill -STOP $(attest sim status -o json | sed -n 's/.*\"pid\": *\\([0-9]*\\).*/\\1/p')",
           TMPDIR=str(short))
    assert left_in(short) == []


# --- Secrets ---

# Every file of the tree that is as young as the world and can be read.
FIND = r"""
import os, sys
since, needles = float(sys.argv[1]), [bytes.fromhex(h) for h in sys.argv[2:]]
needles += [n.hex().encode() for n in needles] + [n.hex().upper().encode() for n in needles]
seen, hits = set(), []
for top in ("/etc", "/run", "/var", "/home", "/root", "/dev/shm", "/tmp", os.environ["ATTEST_SIM_WORLD"]):
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            try:
                state = os.lstat(path)
                if os.path.isfile(path) and state.st_mtime >= since and state.st_size < 1 << 24:
                    with open(path, "rb") as f:
                        data = f.read()
                    seen.add(name)
                    hits += [path] if any(n in data for n in needles) else []
            except OSError:
                pass
print(sorted(seen & {"root.pem", "signer.pem", "sgx_default_qcnl.conf", "state.json", "tls.key"}), hits)
"""


@pytest.mark.parametrize("user", USERS)
def test_secret_is_in_no_file_a_command_can_read(short, up, user):
    home = short / "w"
    if user is not None:
        home.mkdir()
        os.chown(home, user, user)
    since = time.time() - 1
    up(home, user=user)
    private = home / "private"
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert {stat.S_IMODE((private / n).stat().st_mode) for n in ("state.json", "tls.key")} == {0o600}
    secret = bytes.fromhex(json.loads((private / "state.json").read_text())["secret"])
    needles = [secret, secret[:16], secret[16:], hashlib.sha256(secret).digest()]
    done = run_in(sys.executable, "-c", FIND, since, *[n.hex() for n in needles], options=("--world", home),
                  user=user)
    assert done.stdout == "['root.pem', 'sgx_default_qcnl.conf', 'signer.pem'] []\n"
    hidden = run_in("ls", "-A", private, options=("--world", home), user=user)
    assert hidden.stdout == ""


def test_seal_key_is_as_documented(short, up):
    """doc/sim-protocol.md, "Keys": from the secret on disk to what EGETKEY answers."""
    home = Path(up(short / "w")["world"])
    root = bytes.fromhex(json.loads((home / "private" / "state.json").read_text())["secret"])
    shutil.copy("/bin/true", short / "image")
    attest("sim", "sign", short / "image", "--key", home / "signer.pem", "--svn", "3", "--prod-id", "7")

    def mac(key, *parts):
        return hmac.digest(key, b"".join(parts), "sha256")

    def memory(data):
        fd = os.memfd_create("x", os.MFD_ALLOW_SEALING)
        os.write(fd, data)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)
        return fd

    def ask(op, body, fds=()):
        socket.send_fds(s, [bytes([1, op, 0, 0]) + body], fds)
        answer = s.recv(65536)
        assert answer[1:4] == bytes([op + 128, 0, 0]), answer
        return answer[8:]

    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.settimeout(WAIT)
        s.connect(str(home / "cpu.sock"))
        fds = [memory((short / name).read_bytes()) for name in ("image", "image.sig")]
        identity = ask(1, bytes(1 + 8 + 8 + 4 + 64 + 2), fds)
        svn = ask(2, bytes(512 + 64))[:16]
        key_id = bytes(range(32))
        request = struct.pack("<HHHH16sQQ32sI", 4, 1, 2, 0, svn, 0xff, 3, key_id, 0xf)
        key = ask(3, request.ljust(512, b"\0"))
        for fd in fds:
            os.close(fd)
    miscselect, attributes, xfrm = struct.unpack_from("<IQQ", identity, 12)
    prod_id = struct.unpack_from("<H", identity, 160)[0]
    world = mac(root, b"attest simulated world\0", b"processor\0")
    epoch = mac(root, b"attest simulated world\0", b"owner epoch\0")[:16]
    padding = b"\0\1" + b"\xff" * 330 + bytes.fromhex("003031300d060960864801650304020105000420")
    assert (prod_id, len(padding)) == (7, 352)
    assert key == mac(mac(world, b"attest simulated seal fuses\0"), struct.pack(
        "<HHQQQQII16s16sHHH", 4, 1, attributes & 0xff, xfrm & 3, 0xff, 3, miscselect & 0xf, 0xfffffff0, epoch, svn, 2,
        prod_id, 0), bytes(64 + 16 + 16), identity[32:64], bytes(32), key_id, padding)[:16]


@pytest.mark.parametrize("user", USERS)
def test_command_that_begins_among_the_secrets_sees_none(short, up, user):
    home = short / "w"
    if user is not None:
        home.mkdir()
        os.chown(home, user, user)
    up(home, user=user)
    inner = "setpriv --reuid={0} --regid={0} --clear-groups ".format(user) if user is not None else ""
    done = subprocess.run(["sh", "-c", f"cd {home}/private && {inner}attest sim run --world {home} -- ls -A . && pwd"],
                          capture_output=True, text=True, timeout=WAIT, check=True, env=environment())
    assert done.stdout == f"{home}/private\n"


@pytest.mark.parametrize("user", USERS)
def test_worlds_process_can_not_be_looked_into(short, user):
    look = ("import json, os, subprocess\n"
            "pid = json.loads(subprocess.check_output(['attest', 'sim', 'status', '-o', 'json']))['pid']\n"
            "for name in ('mem', 'environ', 'maps', 'fd/0', 'root/etc/passwd'):\n"
            "    try:\n"
            "        with open(f'/proc/{pid}/{name}', 'rb') as f: f.read(1)\n"
            "        print(name, 'open')\n"
            "    except OSError as e: print(name, e.errno)\n"
            "try: os.open(f'/proc/{pid}/mem', os.O_RDWR); print('writable')\n"
            "except OSError: pass\n")
    done = run_in(sys.executable, "-c", look, user=user, TMPDIR=str(short))
    assert len(done.stdout.splitlines()) == 5
    assert "open" not in done.stdout and "writable" not in done.stdout, done.stdout


@pytest.mark.parametrize("user", USERS)
def test_cover_of_the_secrets_can_not_be_taken_off(short, up, user):
    home = short / "w"
    if user is not None:
        home.mkdir()
        os.chown(home, user, user)
    up(home, user=user)
    private = home / "private"
    done = run_in("sh", "-c", f"umount {private} 2>/dev/null && echo taken off; "
                  f"unshare -rm sh -c 'umount {private}' 2>/dev/null && echo taken off; ls -A {private}",
                  options=("--world", home), user=user, code=None)
    assert done.stdout == ""


# --- A world that is kept ---

def identity(place):
    """The root's key and all that its certificate says but its signature, which is made by chance."""
    return subprocess.run(["openssl", "x509", "-in", place["root"], "-noout", "-pubkey", "-serial", "-dates",
                           "-subject", "-ext", "subjectKeyIdentifier"], capture_output=True, check=True).stdout


def kill_world(place):
    os.kill(place["pid"], signal.SIGKILL)
    wait_gone(place["pid"])


def test_kept_world_survives_kill_9(short, up):
    first = up(short / "w")
    root = identity(first)
    attest("sim", "fault", "--world", short / "w", "tcb=revoked")
    kill_world(first)
    assert "no world is running" in attest("sim", "status", "--world", short / "w", code=3).stderr
    second = up(short / "w")
    assert identity(second) == root and first["pid"] != second["pid"]
    status = json.loads(attest("sim", "status", "--world", short / "w", "-o", "json").stdout)
    assert status["dial"]["tcb"] == "revoked" and status["trouble"] is None


def test_half_written_state_is_no_state(short, up):
    """What a crash between write and rename leaves is passed over."""
    first = up(short / "w")
    root = identity(first)
    kill_world(first)
    (short / "w" / "private" / "state.json.new").write_text('{"format"')
    assert identity(up(short / "w")) == root


def test_damaged_state_is_said_and_left_alone(short, up):
    kill_world(up(short / "w"))
    state = short / "w" / "private" / "state.json"
    state.write_text("{}")
    assert "saved world" in attest("sim", "up", "--detach", short / "w", code=3).stderr
    assert state.read_text() == "{}"


def test_one_process_a_world(short, up):
    up(short / "w")
    assert "running" in attest("sim", "up", "--detach", short / "w", code=3).stderr


@pytest.mark.parametrize("calls", CALLS)
def test_killed_at_any_moment_it_comes_back(short, calls):
    """Killed at its n-th write, rename or unlink: the next one comes up, and it is one world from then on."""
    home = short / "w"
    done = subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=write,rename,unlink,fsync",
                           "-e", f"inject=write,rename,unlink,fsync:signal=KILL:when={calls}",
                           BINARY, "sim", "up", "--detach", home], capture_output=True, text=True, check=False,
                          env=environment(ASAN_OPTIONS="detect_leaks=0"), timeout=WAIT)
    assert done.returncode and "ended before it served" in done.stderr
    roots = set()
    for _ in range(2):
        place = json.loads(attest("sim", "up", "--detach", "-o", "json", home).stdout)
        roots.add(identity(place))
        kill_world(place)
    place = json.loads(attest("sim", "up", "--detach", "-o", "json", home).stdout)
    roots.add(identity(place))
    attest("sim", "stop", "--world", home)
    wait_gone(place["pid"])
    assert len(roots) == 1
    assert not [n for n in left_in(home) if n.endswith((".sock", ".socket", ".new"))]


def test_seed_and_time_make_the_same_world(short, up):
    options = ("--seed", "a seed", "--time", "2025-06-15T15:06:40Z")
    one, two = up(short / "a", *options), up(short / "b", *options)
    assert Path(one["environment"]["ATTEST_SIM_SIGNER"]).read_bytes() == \
        Path(two["environment"]["ATTEST_SIM_SIGNER"]).read_bytes()
    assert identity(one) == identity(two)
    status = json.loads(attest("sim", "status", "--world", short / "a", "-o", "json").stdout)
    assert status["time"] == "2025-06-15T15:06:40Z"
    other = up(short / "c", "--seed", "another", "--time", "2025-06-15T15:06:40Z")
    assert identity(other) != identity(one)


def test_another_seed_is_not_this_world(short, up):
    kill_world(up(short / "w", "--seed", "one"))
    assert "not made of this seed" in attest("sim", "up", "--detach", "--seed", "two", short / "w", code=1).stderr
    up(short / "w", "--seed", "one")


# --- A world that is not kept ---

@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT])
def test_temporary_world_leaves_nothing(short, signo):
    process = subprocess.Popen([BINARY, "sim", "up"], stdout=subprocess.PIPE, text=True,
                               env=environment(TMPDIR=str(short)))
    assert process.stdout.readline().startswith("world")
    assert left_in(short)
    process.send_signal(signo)
    assert process.wait(WAIT) == 0
    assert left_in(short) == []


def test_killed_temporary_world_holds_no_secret_and_goes_with_the_next(short):
    place = json.loads(attest("sim", "up", "--detach", "-o", "json", TMPDIR=str(short)).stdout)
    kill_world(place)
    assert not [n for n in left_in(short) if "private" in n or "state" in n]
    assert left_in(short)
    run_in("true", TMPDIR=str(short))
    assert left_in(short) == []


def test_foreground_says_that_its_world_was_killed(short):
    process = subprocess.Popen([BINARY, "sim", "up", "-o", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, env=environment(TMPDIR=str(short)))
    text = ""
    while not text.endswith("}\n") or text.count("{") != text.count("}"):
        text += process.stdout.readline()
    os.kill(json.loads(text)["pid"], signal.SIGKILL)
    assert process.wait(WAIT) == 3
    assert "killed by signal 9" in process.stderr.read()
    assert left_in(short) == []


# --- The dial, and the sockets ---

def fetch(url, context=None):
    try:
        with urllib.request.urlopen(url, timeout=WAIT, context=context) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_dial(short, up):
    place = up(short / "w")
    listed = json.loads(attest("sim", "fault", "--list", "-o", "json").stdout)["settings"]
    assert {"tcb", "pck", "upstream", "aesm"} <= {s["name"] for s in listed}
    turned = json.loads(attest("sim", "fault", "-w", place["world"], "tcb=outdated", "pck=revoked", "-o",
                               "json").stdout)["dial"]
    assert (turned["tcb"], turned["pck"]) == ("outdated", "revoked")
    # All or none.
    bad = attest("sim", "fault", "-w", place["world"], "tcb=current", "pck=no-such", code=1)
    assert "no-such" in bad.stderr or "pck" in bad.stderr
    status = json.loads(attest("sim", "status", "-w", place["world"], "-o", "json").stdout)
    assert status["dial"]["tcb"] == "outdated"
    reset = json.loads(attest("sim", "fault", "--reset", "-w", place["world"], "-o", "json").stdout)["dial"]
    assert {s["name"]: s["values"].split("|")[0] for s in listed} == reset
    assert "NAME=VALUE" in attest("sim", "fault", "-w", place["world"], "tcb", code=1).stderr
    assert "which world" in attest("sim", "fault", "tcb=revoked", code=1).stderr


def test_a_turned_dial_is_seen_at_once(short):
    done = run_in("sh", "-c", f"cd {short} && attest quote --report-data {RD} -o bin >q && "
                  f"attest verify q --report-data {RD} --allow-simulated >/dev/null && "
                  "attest sim fault tcb=revoked >/dev/null && "
                  f"attest verify q --report-data {RD} --allow-simulated -o json", code=2, TMPDIR=str(short))
    assert json.loads(done.stdout)["tcb_status"] == "Revoked"


def test_upstream_faults(short, up):
    place = up(short / "w")
    url = place["pcs_url"] + "pckcrl?ca=platform"
    assert fetch(url)[0] == 200
    attest("sim", "fault", "-w", place["world"], "upstream=429")
    assert fetch(url)[0] == 429
    attest("sim", "fault", "-w", place["world"], "upstream=503")
    assert fetch(url)[0] == 503


def test_tls_under_the_worlds_authority(short, up):
    place = up(short / "w")
    context = ssl.create_default_context(cafile=place["tls_authority"])
    status, crl = fetch(place["pccs_tls_url"] + "rootcacrl", context)
    assert status == 200 and re.fullmatch(rb"[0-9a-f]+", crl)
    kill_world(place)
    again = up(short / "w")
    assert Path(again["tls_authority"]).read_bytes() == Path(place["tls_authority"]).read_bytes()


def send_all(path, kind, *messages):
    with socket.socket(socket.AF_UNIX, kind) as s:
        s.settimeout(WAIT)
        s.connect(path)
        for message in messages:
            s.send(message)
        try:
            return s.recv(65536)
        except ConnectionResetError:
            return b""


def test_sockets_survive_what_is_thrown_at_them(short, up):
    place = up(short / "w")
    world = Path(place["world"])
    garbage = [b"\x00" * 4096, b"\xff" * 70000, b"{" * 5000 + b"\n", b"GET / HTTP/1.1\r\n\r\n"]
    for data in garbage:
        send_all(str(world / "cpu.sock"), socket.SOCK_SEQPACKET, data[:65536])
        assert send_all(str(world / "aesm.socket"), socket.SOCK_STREAM, data) == b""
    answer = json.loads(send_all(str(world / "control.sock"), socket.SOCK_STREAM, b'{"do":"dance"}\n'))
    assert answer["ok"] is False and answer["rc"] == "ATT_E_FORMAT"
    assert send_all(str(world / "control.sock"), socket.SOCK_STREAM, b"x" * 40000) == b""
    crowd = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(300)]
    for s in crowd:
        s.connect(str(world / "cpu.sock"))
    for s in crowd:
        s.close()
    done = attest("quote", "--report-data", RD, "-o", "hex", **place["environment"])
    assert len(bytes.fromhex(done.stdout)) > 1000
    assert json.loads(attest("sim", "status", "-w", world, "-o", "json").stdout)["pid"] == place["pid"]


def test_crowd_at_the_api_leaves_descriptors_to_the_others(short, up):
    place = up(short / "w")
    crowd = []
    for url in (place["pccs_url"], place["pcs_url"]):
        host, port = url.split("/")[2].split(":")
        for _ in range(600):
            crowd.append(socket.create_connection((host, int(port))))
            crowd[-1].sendall(b"GET / HT")
    done = attest("quote", "--report-data", RD, "-o", "hex", **place["environment"])
    assert len(bytes.fromhex(done.stdout)) > 1000
    assert len(os.listdir(f"/proc/{place['pid']}/fd")) < 1000
    for s in crowd:
        s.close()


def test_files_of_others_stay(short):
    (short / "README").write_text("mine")
    assert "not empty" in attest("sim", "up", "--detach", short, code=1).stderr
    assert left_in(short) == ["README"] and (short / "README").read_text() == "mine"


def test_long_directory_is_said(short):
    assert "path of at most" in attest("sim", "up", "--detach", short / ("x" * 120), code=1).stderr


def test_misuse(short):
    attest("sim", "run", code=1)
    attest("sim", "run", "--world", short, "--seed", "x", "--", "true", code=1)
    attest("sim", "up", "--clock", "running", code=1)
    attest("sim", "up", "--time", "yesterday", code=1)
    assert "no world is running" in run_in("true", options=("--world", short), code=3).stderr
