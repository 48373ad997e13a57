# SPDX-License-Identifier: GPL-2.0-only
"""Commands of a gdb session in a clone: `diorama` tells the step, the guest's time and who is where; `diorama-stack ACTOR` an actor's stack."""
import json

import gdb


def events():
    found = []
    with open(diorama_trace, encoding="latin-1") as trace:
        for line in trace:
            try:
                found.append(json.loads(line))
            except ValueError:
                break
    return found


def plain(text):
    return "".join(c if c.isprintable() else "?" for c in str(text))


def standing(event):
    if event is None:
        return "did nothing yet"
    kind = event["e"]
    if kind == "call":
        return "in its %s since step %d" % (plain(event["call"]), event["step"])
    if kind == "return":
        return "%s of step %d returned %s" % (plain(event["call"]), event["step"], plain(event.get("errno", event["ret"])))
    if kind == "sleep":
        return "sleeps in %s, called since step %d" % (plain(event["in"]), event["step"])
    return kind


def tasks():
    """Every thread of the guest: its name and its task_struct. Types come from fuse.ko's debug info."""
    kind = gdb.lookup_type("struct task_struct")
    pointer = kind.pointer()
    offset = {field.name: field.bitpos // 8 for field in kind.fields() if field.name}
    first = int(gdb.parse_and_eval("(unsigned long)&init_task"))
    at = first
    for _ in range(65536):
        task = gdb.Value(at).cast(pointer)
        signal = task["signal"]
        head = int(signal["thread_head"].address)
        node = int(signal["thread_head"]["next"])
        for _ in range(65536):
            if node == head:
                break
            yield gdb.Value(node - offset["thread_node"]).cast(pointer)
            node = int(gdb.Value(node).cast(gdb.lookup_type("struct list_head").pointer())["next"])
        at = int(task["tasks"]["next"]) - offset["tasks"]
        if at == first:
            return


def name_of(task):
    return plain(task["comm"].string(errors="replace"))


def actors(seen):
    names = []
    for event in seen:
        if "who" in event and event["who"] not in names:
            names.append(event["who"])
    return names


class Diorama(gdb.Command):
    """Tells the step, the guest's time, and where each actor is."""

    def __init__(self):
        super().__init__("diorama", gdb.COMMAND_STATUS)

    def invoke(self, _argument, _from_tty):
        seen = events()
        steps = [event["step"] for event in seen if event["e"] == "step"]
        last = seen[-1]["t"] if seen else 0
        print("step %s begun, the last event was at %.3f ms of the guest's time" % (steps[-1] if steps else "0", last / 1e6))
        try:
            found = {name_of(task): task for task in tasks()}
        except gdb.error:
            found = {}
        for who in actors(seen):
            event = next((event for event in reversed(seen) if event.get("who") == who), None)
            task = found.get(who[:15])
            where = "" if task is None else "  task 0x%x, pid %d" % (int(task), int(task["pid"]))
            print("  %-12s %s%s" % (plain(who), standing(event), where))


class DioramaStack(gdb.Command):
    """Shows the kernel stack of a task that sleeps, by its name: diorama-stack w1"""

    def __init__(self):
        super().__init__("diorama-stack", gdb.COMMAND_STACK)

    def invoke(self, argument, _from_tty):
        task = next((task for task in tasks() if name_of(task) == argument.strip()[:15]), None)
        if task is None:
            raise gdb.GdbError("no task of that name; diorama tells them")
        # struct inactive_task_frame (arch/x86/include/asm/switch_to.h): five saved registers, then rbp and the return address.
        word = gdb.lookup_type("unsigned long").pointer()
        at = int(task["thread"]["sp"]) + 5 * 8
        for _ in range(64):
            frame = gdb.Value(at).cast(word)
            code = int(frame[1])
            symbol = gdb.execute("info symbol 0x%x" % code, to_string=True).split(" in section ")[0].strip()
            if symbol.startswith("No symbol"):
                break
            line = gdb.find_pc_line(code - 1)
            place = "" if line.symtab is None else "  %s:%d" % (line.symtab.fullname(), line.line)
            print("  0x%016x %s%s" % (code, symbol, place))
            following = int(frame[0])
            if following <= at:
                break
            at = following


Diorama()
DioramaStack()
