/** Behind the list of commands. */
export const examples = `
Examples:
  ./diorama run                                     play every scene on Debian's 6.12
  ./diorama run --series v3.mbox                    … and on 6.12 with the series, and compare
  ./diorama run --kernel git:~/linux@v6.12 --series v6.12..my-branch
  ./diorama run --series v3.mbox --each-patch       … patch by patch: which one broke, which one mended
  ./diorama bisect --kernel git:~/linux --good v6.11 --bad v6.12 --scenario write-does-not-overtake-mmap
  ./diorama test write-does-not-overtake-mmap       one scene, its trace step by step
  ./diorama watch --kernel dir:~/linux              play on every save
  ./diorama show latest/write-does-not-overtake-mmap
  ./diorama run --baseline latest                   … and say what is not as it was in the run before
  ./diorama compare previous latest
  ./diorama report latest --format mail             … as a mail; also tap, ktap, junit, kcidb, jsonl

Exit codes:
    0  no regression (without a series: nothing failed that is not a known issue)
    1  a scene failed, or the series broke one
    2  bad usage, or a mistake in an input file
    3  the series does not apply, or a kernel does not build or boot
   69  the machine is at fault: a missing program, a full disk; or a scene could not be judged
  130  interrupted

The launcher takes one option for itself, anywhere among the arguments:
  --yes  install missing system packages with sudo without asking`;

/** What `--kernel` and `--series` take. */
export const kernelHelp = `Kernels:
  debian:6.12            the archive's linux-source package (also debian:6.1, debian:7.3, …)
  dir:PATH               a directory, as it is now
  git:PATH               a work tree of yours, uncommitted changes included
  git:PATH@REV           a commit of that repository
  tar:FILE-or-URL        a tarball, checked against the checksum file beside it
  image:host             built already, so without --series and --config: the kernel that this machine runs,
  image:debian:7.2       the archive's linux-image package,
  image:FILE             or a vmlinuz, bzImage, vmlinux or linux-image .deb, with its modules around it

Series:
  a .patch or .diff, an mbox (b4, lore, patchwork), a directory of patches, a quilt series file,
  or REV..REV of a git: kernel; several --series are applied one after the other`;

/** Behind the options of `bisect`. */
export const bisectHelp = `
Both ends are tested first. A commit between them that does not build or boot, cannot be judged, or fails otherwise than the bad one is
skipped, not blamed. Your repository is only read. Ended at any point, it goes on where it was when it is given again.

Exit codes: 0 the commit was found · 1 only a range was, the rest of it was skipped · 2 the ends are not what they are said to be ·
3 an end does not build or boot · 69 the machine is at fault`;

/** Behind the options of `cache`. */
export const cacheHelp = `
The cache is DIORAMA_CACHE, else XDG_CACHE_HOME/diorama, else ~/.cache/diorama. All of it may be removed at any time while no diorama runs.
A run that made something evicts what was used longest ago, when more than DIORAMA_CACHE_LIMIT (40G) is taken and no other diorama runs.`;

/** Behind the options of `stable`. */
export const stableHelp = `
Every play is held against the first of its scene, to the byte. What differs is kept: both traces, consoles and verdicts.
With a series the patched kernel plays. Nothing is taken from an earlier run.

Exit codes: 0 none differs · 1 one does · 69 none does, but a scene could not be judged, or the machine is at fault · others as ever`;

/** Behind the options of `exec`. */
export const execHelp = `
Runs in the directory where you are. /mnt has the stage's FUSE server, with the files cached, direct and parallel of 4 MiB, one for each way to open.
What the command writes to the folder $RESULTS is copied back; everything else that it writes is gone with the guest. It runs as root there, and reads
what you can read here.

Exit codes: the command's own; 2, 3 and 69 also as ever, when it could not be run`;

/** Behind the options of `suite`. */
export const suiteHelp = `
Each suite runs in a guest of its own, with this machine's root and programs, on the stage's server and on libfuse's passthrough_hp. What a suite needs and
this machine lacks is named, and the suite skipped. Its verdict is its programs' own exit code, unless the kernel complained, hung or died.

Exit codes: 0 no regression (without a series: nothing failed) · 1 a suite failed, or the series broke one · 69 one could not be judged · others as ever`;

/** Behind the options of `stress`. */
export const stressHelp = `
Every write has its own bytes, so that each word that is read by pread, mmap or splice can be held against the writes that may explain it.
Meanwhile actors are killed, caches dropped, inodes evicted, and whoever waits has a bound. The same seed gives the same work, not the same race.
With a series the patched kernel is tested. A stress that never met what it is about is an error.

Exit codes: 0 nothing wrong but what is known · 1 something was · 69 it could not be judged, or the machine is at fault · others as ever`;
