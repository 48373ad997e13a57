import { writeKernel } from './kernel-fixture.ts';

const makefile = `VERSION = 6
PATCHLEVEL = 12
SUBLEVEL = 7
EXTRAVERSION =
MAKEFLAGS += --no-print-directory
.PHONY: tinyconfig olddefconfig modules said
# Like fixdep: what object $(2) was made of, source $(1) first.
note = { printf 'savedcmd_%s := gcc\\n\\nsource_%s := %s\\n\\ndeps_%s := \\\\\\n' $(2) $(2) $(CURDIR)/$(1) $(2); \
	gcc -I$(CURDIR)/include -M $(CURDIR)/$(1) | tr -d '\\\\' | tr -s ' \\n' '\\n' | sed '1,2d; /./!d; s/.*/  & \\\\/'; \
	printf '\\n%s: $$(deps_%s)\\n\\n$$(deps_%s):\\n' $(2) $(2) $(2); } > $(O)/$(dir $(2)).$(notdir $(2)).cmd
said:
	@echo "made $(MAKECMDGOALS)"
tinyconfig: said
	@echo "CONFIG_TINY=y" > $(O)/.config
# Like kconfig: a symbol that the tree does not have, or whose dependency is not met, is dropped.
olddefconfig: said
	@sed -n 's/^config /CONFIG_/p' Kconfig fs/fuse/Kconfig > $(O)/known
	@grep -wFf $(O)/known $(O)/.config > $(O)/.config.new; grep -q ^CONFIG_BASE=y $(O)/.config.new || sed -i /NEEDS_BASE/d $(O)/.config.new
	@mv $(O)/.config.new $(O)/.config
	@mkdir -p $(O)/include/config; printf 'deps_config := \\\\\\n\\tKconfig \\\\\\n\\tfs/fuse/Kconfig\\n\\n' > $(O)/include/config/auto.conf.cmd
vmlinux: $(O)/vmlinux
$(O)/vmlinux: init.c include/linux/both.h said
	@mkdir -p $(O)/include/config $(O)/fs/fuse; echo 6.12.7 > $(O)/include/config/kernel.release
	@echo "  CC      init.o"
	@gcc -g -I$(CURDIR)/include -c $(CURDIR)/init.c -o $(O)/init.o
	@$(call note,init.c,init.o)
	@echo 'const char vermagic[] = "6.12.7 ";' | gcc -x c -c - -o $(O)/magic.o
	@ld -e 0 -o $@ $(O)/init.o $(O)/magic.o
	@nm $@ > $(O)/System.map
modules: fs/fuse/fuse.ko
fs/fuse/fuse.ko: $(O)/fs/fuse/fuse.ko
$(O)/fs/fuse/fuse.ko: fs/fuse/file.c include/linux/x.h said
	@mkdir -p $(O)/fs/fuse
	@if grep -q SLEEP fs/fuse/file.c; then touch $(O)/asleep; sleep 60; fi
	@echo "  CC [M]  fs/fuse/file.o"
	@gcc -Iinclude -c $(CURDIR)/fs/fuse/file.c -o $(O)/fs/fuse/file.o
	@$(call note,fs/fuse/file.c,fs/fuse/file.o)
	@magic=6.12.7; if grep -q STRANGE fs/fuse/file.c && [ "$(MAKECMDGOALS)" = fs/fuse/fuse.ko ]; then magic=6.12.6; fi; printf '__attribute__((section(".modinfo"), used)) static char m[] = "vermagic=%s ";' $$magic | gcc -x c -c - -o $(O)/fs/fuse/magic.o
	@ld -r -o $@ $(O)/fs/fuse/file.o $(O)/fs/fuse/magic.o
	@echo 'savedcmd_fs/fuse/fuse.ko := ld' > $(O)/fs/fuse/.fuse.ko.cmd
`;

const kconfig = `config TINY
	bool "tiny"
config BASE
	bool "base"
config NEEDS_BASE
	bool "needs base"
	depends on BASE
source "fs/fuse/Kconfig"
`;

const mergeConfig = `#!/bin/sh
cat "$4" "$5" > "$4.merged" && mv "$4.merged" "$4"
`;

/**
 * A tree with all that a build asks of a kernel, made by the real gcc and ld in a fraction of a second: a vmlinux of init.c, a
 * module of fs/fuse/file.c, with notes of what each read. It says what it was told to make. A file.c with SLEEP in it
 * takes a minute; one with STRANGE gives a module for another kernel when it is made alone.
 */
export function writeBuildableKernel(dir: string, more: Readonly<Record<string, string>> = {}): string {
  return writeKernel(dir, {
    Makefile: makefile,
    Kconfig: kconfig,
    'scripts/kconfig/merge_config.sh': mergeConfig,
    'init.c': '#include <linux/both.h>\nint init;\n',
    'include/linux/both.h': 'int both(void);\n',
    'include/linux/x.h': 'int x(void);\n',
    'fs/fuse/file.c': '#include <linux/x.h>\nint fuse;\n',
    ...more,
  });
}
