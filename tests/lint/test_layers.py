# SPDX-License-Identifier: Apache-2.0
"""Layers point down, in what files include and in what objects call."""

import re

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)
FOREIGN = {"openssl/": {"crypto", "service"}, "jansson": set(), "protobuf-c/": {"platform"}, "curl/": {"fetch"},
           "sqlite3": {"fetch", "service"}, "libpq": {"service"}, "event2/": {"service"}, "seccomp": {"service"}}


def includes(path):
    return [(m.group(1) == '"', m.group(2)) for m in INCLUDE.finditer(path.read_text())]


def test_folders_are_the_layers(house):
    folders = {house.layer(p) for p in house.files(".c", ".h", ".build", under="src/")} - {None}
    assert folders == set(house.layers)


def test_build_order_is_layer_order(house):
    text = (house.root / "src/meson.build").read_text()
    assert re.findall(r"^subdir\('(\w+)'\)", text, re.M) == house.layers


def test_includes_point_down(house):
    bad = []
    for path in house.files(".c", ".h", under="src/"):
        own = house.layers.index(house.layer(path))
        for quoted, name in includes(path):
            top = name.split("/")[0]
            if not quoted:
                continue
            # The public headers are contracts without code: any layer may use their types. Calling up through
            # them is what test_calls_point_down finds.
            if top == "attest" and (house.root / "include" / name).exists():
                continue
            if top not in house.layers or "/" not in name:
                bad.append(f"{house.name(path)}: {name}: not LAYER/FILE")
            elif house.layers.index(top) > own:
                bad.append(f"{house.name(path)}: {name}: a higher layer")
            elif not (house.root / "src" / name).exists():
                bad.append(f"{house.name(path)}: {name}: no such file")
    assert not bad, "\n".join(bad)


def test_foreign_libraries_stay_in_their_layer(house):
    bad = []
    for path in house.files(".c", ".h", under="src/") + house.files(".h", under="include/"):
        for _, name in includes(path):
            for prefix, layers in FOREIGN.items():
                if name.startswith(prefix) and house.layer(path) not in layers:
                    bad.append(f"{house.name(path)}: <{name}>")
    assert not bad, "\n".join(bad)


def test_openssl_is_used_through_evp(house, build, tool):
    """No low-level call is imported (the build does not even declare deprecated ones)."""
    low_level = re.compile(r"(AES|DSA|ECDH|ECDSA|EC_KEY|EC_POINT|ENGINE|HMAC|MD5|RSA|SHA\d+)_\w+|d2i_X509\w*")
    needed = {line.split()[0] for line in tool("nm", "-P", "-u", build / "src/libatt_crypto.a").splitlines()
              if " " in line}
    assert needed and not [name for name in needed if low_level.fullmatch(name)]


def test_public_headers_include_public_headers_only(house):
    bad = [f"{house.name(p)}: {name}" for p in house.files(".h", under="include/")
           for quoted, name in includes(p)
           if quoted and not (name.startswith("attest/") and (house.root / "include" / name).exists())]
    assert not bad, "\n".join(bad)


def test_calls_point_down(house, archives, tool):
    """Every att_ symbol that a layer's objects need is defined in that layer or below it."""
    defined = set()
    bad = []
    for layer in house.layers[:house.layers.index("cli")]:
        symbols = [line.split() for line in tool("nm", "-P", *archives(layer)).splitlines() if " " in line]
        defined |= {s[0] for s in symbols if s[1] in "TRDBVW"}
        needed = {s[0] for s in symbols if s[1] == "U" and s[0].startswith("att_")}
        bad += [f"{layer}: {name}" for name in sorted(needed - defined)]
    assert not bad, "\n".join(bad)
