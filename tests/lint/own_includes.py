#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Which standard headers a file uses and does not include.

own_includes.py FIXES...: FIXES is what clang-tidy's misc-include-cleaner
exported.  A header of ours may include a standard one for the file;
that a system's header happens to do so counts for nothing.  Other libraries'
headers may include each other.
"""
import os
import re
import sys

STANDARD = set("""
assert complex ctype dirent dlfcn elf errno fcntl fenv float getopt glob inttypes
iso646 langinfo limits link locale malloc math poll pthread regex sched semaphore
setjmp signal spawn stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib
stdnoreturn string strings termios tgmath threads time uchar unistd wchar wctype
sys/ioctl sys/mman sys/resource sys/select sys/stat sys/time sys/types sys/uio
sys/wait""".split())

# What glibc has in files of its own: in any of these headers by the standards.
PUBLIC = {
    "asm-generic/errno": ["errno"],
    "asm-generic/errno-base": ["errno"],
    "bits/getopt_core": ["unistd", "getopt"],
    "bits/getopt_ext": ["getopt"],
    "bits/pthreadtypes": ["pthread", "sys/types"],
    "bits/time": ["time"],
    "bits/types/locale_t": ["locale"],
    "bits/types/sigset_t": ["signal"],
    "elf": ["elf", "link"],
    "linux/limits": ["limits"],
    "sys/poll": ["poll"],
    "sys/types": ["sys/types", "unistd", "sys/stat", "sys/wait", "fcntl", "stdio"],
}


def ours(name, includer):
    for folder in (os.path.dirname(includer), "include", "lib", "."):
        path = os.path.normpath(os.path.join(folder, name))
        if os.path.exists(path):
            return path
    return None


def included(path, seen):
    """The system's headers that a file and ours that it includes name."""
    names = set()
    if path in seen:
        return names
    seen.add(path)
    with open(path, encoding="utf8") as f:
        for mark, name in re.findall(r'^ *# *include *([<"])([^>"]+)', f.read(), re.M):
            own = ours(name, path)
            if own:
                names |= included(own, seen)
            elif mark == "<":
                names.add(re.sub(r"\.h$", "", name))
    return names


def look(one):
    """One diagnostic of clang-tidy's, as it exports them."""
    path = re.search(r"FilePath: +'([^']+)'", one)
    name = re.search(r"no header providing\W+(.*?)\W+is directly", one)
    header = re.search(r"#include <([^>]+)>", one)
    if not (path and name and header):
        return
    path = os.path.relpath(path[1])
    cxx = "." not in header[1]
    header = re.sub(r"\.h$", "", header[1])
    choice = PUBLIC.get(header, [header])
    if cxx and not name[1].startswith("std::"):
        choice = choice + [header[1:]]
    if (cxx or set(choice) & STANDARD) and not set(choice) & included(path, set()):
        print(f"{path}:1: uses {name[1]}, so it must include "
              f"<{choice[0]}{'' if cxx else '.h'}>")


for fixes in sys.argv[1:]:
    if os.path.exists(fixes):
        with open(fixes, encoding="utf8") as f:
            for one in f.read().split("- DiagnosticName:")[1:]:
                look(one)
