import { writeKernel } from './kernel-fixture.ts';

const makefile = `VERSION = 6
PATCHLEVEL = 12
SUBLEVEL = 7
EXTRAVERSION =
MAKEFLAGS += --no-print-directory
.PHONY: tinyconfig olddefconfig modules said
said:
	@echo "made $(MAKECMDGOALS)"
tinyconfig: said
	@echo "CONFIG_TINY=y" > $(O)/.config
# Like kconfig: a symbol that the tree does not have, or whose dependency is not met, is dropped.
olddefconfig: said
	@sed -n 's/^config /CONFIG_/p' Kconfig fs/fuse/Kconfig > $(O)/known
	@grep -wFf $(O)/known $(O)/.config > $(O)/.config.new; grep -q ^CONFIG_BASE=y $(O)/.config.new || sed -i /NEEDS_BASE/d $(O)/.config.new
	@mv $(O)/.config.new $(O)/.config
vmlinux: $(O)/vmlinux
$(O)/vmlinux: init.c said
	@mkdir -p $(O)/include/config $(O)/fs/fuse; echo 6.12.7 > $(O)/include/config/kernel.release; echo map > $(O)/System.map
	@echo "  CC      init.o"
	@gcc -g -c init.c -o $(O)/init.o
	@ld -r -o $@ $(O)/init.o
modules: fs/fuse/fuse.ko
fs/fuse/fuse.ko: $(O)/fs/fuse/fuse.ko
$(O)/fs/fuse/fuse.ko: fs/fuse/file.c include/linux/x.h said
	@if grep -q SLEEP fs/fuse/file.c; then touch $(O)/asleep; sleep 60; fi
	@echo "  CC [M]  fs/fuse/file.o"
	@gcc -Iinclude -c $(CURDIR)/fs/fuse/file.c -o $(O)/fs/fuse/file.o
	@magic=$$(sed -n 's/^.*MAGIC //p' fs/fuse/file.c); printf 'license=GPL\\0vermagic=%s SMP mod_unload \\0' "$\${magic:-6.12.7}" > $(O)/modinfo
	@objcopy --add-section .modinfo=$(O)/modinfo $(O)/fs/fuse/file.o $@
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

/** A tree with all that a build asks of a kernel, made by the real gcc and ld in a fraction of a second. It says what it was told to make. */
export function writeBuildableKernel(dir: string, more: Readonly<Record<string, string>> = {}): string {
  return writeKernel(dir, {
    Makefile: makefile,
    Kconfig: kconfig,
    'scripts/kconfig/merge_config.sh': mergeConfig,
    'init.c': 'int init;\n',
    'include/linux/x.h': 'int x(void);\n',
    'fs/fuse/file.c': '#include <linux/x.h>\nint fuse;\n',
    ...more,
  });
}
