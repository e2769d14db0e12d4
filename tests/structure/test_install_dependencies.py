#!/usr/bin/env python3
"""tools/install_dependencies.sh beside a stand-in for Debian's tools: what is missing is installed, as root or by sudo.
Usage: test_install_dependencies.py SOURCE"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(sys.argv[1]).resolve() / "tools/install_dependencies.sh"


def packages(name):
    return re.search(rf"^{name}=\((.*?)^\)", SCRIPT.read_text(encoding="utf-8"), re.M | re.S).group(1).split()


PACKAGES, CHECKING = packages("packages"), packages("checking")


class InstallDependencies(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        for tool in ("bash", "env", "grep", "cat"):
            (self.folder / tool).symlink_to(shutil.which(tool))
        self.log = self.folder / "log"
        self.log.touch()

    def tool(self, name, text):
        (self.folder / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (self.folder / name).chmod(0o755)

    def install(self, installed=(), user=0, sudo=False, arguments=(), **environment):
        """Exit code, what was said, the calls of apt-get."""
        cases = "\n".join(f"    {p}) echo installed; exit 0;;" for p in installed)
        self.tool("dpkg-query", f'for last; do :; done\ncase "$last" in\n{cases}\n    *) exit 1;;\nesac')
        self.tool("apt-get", f'echo "${{AS_ROOT:-}}apt-get $*" >> {self.log}')
        self.tool("id", f"echo {user}")
        if sudo:
            self.tool("sudo", 'AS_ROOT="sudo " exec "$@"')
        environment["PATH"] = str(self.folder)
        command = ["bash", SCRIPT, *arguments]
        result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return result.returncode, result.stdout + result.stderr, self.log.read_text(encoding="utf-8").splitlines()

    def test_nothing_is_said_where_all_are_there(self):
        self.assertEqual(self.install(PACKAGES), (0, "", []))

    def test_what_is_missing_is_installed_by_root(self):
        code, said, calls = self.install(PACKAGES[3:])
        self.assertEqual((code, len(calls)), (0, 2))
        self.assertIn("Installing: " + " ".join(PACKAGES[:3]), said)
        self.assertEqual(calls[1].split()[-3:], PACKAGES[:3])
        self.assertTrue(calls[1].startswith("apt-get install -y"))

    def test_what_the_checks_need_is_installed_where_it_is_asked_for(self):
        self.assertEqual(self.install(PACKAGES + CHECKING, arguments=["--checks"]), (0, "", []))
        code, _, calls = self.install(PACKAGES, arguments=["--checks"])
        self.assertEqual((code, calls[1].split()[-len(CHECKING) :]), (0, CHECKING))

    def test_others_use_sudo(self):
        code, _, calls = self.install(user=1000, sudo=True)
        self.assertEqual(code, 0)
        self.assertTrue(calls[1].startswith("sudo apt-get install"))
        self.assertEqual(calls[1].split()[-len(PACKAGES) :], PACKAGES)

    def test_without_sudo_the_packages_are_named(self):
        code, said, calls = self.install(PACKAGES[1:], user=1000)
        self.assertEqual((code, calls), (1, []))
        self.assertIn("Run as root, or install: " + PACKAGES[0], said)

    def test_it_can_be_told_to_leave_the_system_alone(self):
        self.assertEqual(self.install(user=1000, GLIOCAST_SKIP_INSTALL="1"), (0, "", []))


if __name__ == "__main__":
    os.umask(0o022)
    unittest.main(argv=sys.argv[:1])
