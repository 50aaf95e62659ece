# SPDX-License-Identifier: Apache-2.0
"""Stands between a pty and a program as a shell does: foreground group, stop, fg, exit status.

leader.py FD ARGV...: stdio is the pty; words on socket FD: "pid N", "stopped", "exit N" out, one byte in for fg.
"""
import fcntl
import os
import signal
import socket
import sys
import termios


def child(argv):
    os.setpgid(0, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.tcsetpgrp(0, os.getpid())
    for s in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(s, signal.SIG_DFL)
    os.execv(argv[0], argv)


def main():
    link = socket.socket(fileno=int(sys.argv[1]))
    link.set_inheritable(False)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    for s in (signal.SIGTTOU, signal.SIGTTIN, signal.SIGTSTP, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(s, signal.SIG_IGN)
    pid = os.fork()
    if not pid:
        child(sys.argv[2:])
    link.send(b"pid %d\n" % pid)
    while True:
        _, status = os.waitpid(pid, os.WUNTRACED)
        try:
            os.tcsetpgrp(0, os.getpgrp())
        except OSError:
            pass  # the terminal has gone
        if not os.WIFSTOPPED(status):
            link.send(b"exit %d\n" % os.waitstatus_to_exitcode(status))
            return
        link.send(b"stopped\n")
        if not link.recv(1):
            os.kill(pid, signal.SIGKILL)
            continue
        os.tcsetpgrp(0, pid)
        os.killpg(pid, signal.SIGCONT)


main()
