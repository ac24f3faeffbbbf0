"""Answers of testinfra about a root file system, for the questions on standard input: JSON in, JSON out."""
import json
import sys

import testinfra

questions = json.load(sys.stdin)
host = testinfra.get_host(sys.argv[1], connection="chroot")


def package(name):
    found = host.package(name)
    return {"installed": found.is_installed, "version": found.version if found.is_installed else None}


def file(path):
    found = host.file(path)
    if not found.exists:
        return {"exists": False}
    return {"exists": True, "mode": "%04o" % found.mode, "owner": found.user, "group": found.group,
            "isLink": found.is_symlink, "isFile": found.is_file, "isFolder": found.is_directory}


def user(name):
    found = host.user(name)
    if not found.exists:
        return {"exists": False}
    return {"exists": True, "uid": found.uid, "groups": found.groups, "shell": found.shell, "home": found.home}


def service(name):
    return {"enabled": host.run("systemctl --root=/ is-enabled %s", name).rc == 0}


ask = {"package": package, "file": file, "user": user, "service": service}
print(json.dumps([ask[kind](name) for kind, name in questions]))
