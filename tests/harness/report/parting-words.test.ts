import t from 'tap';
import { partingWords } from '../../../harness/report/parting-words.ts';

t.test("the judge's sentence is parted into what was expected, what came and what it means", async (t) => {
  t.strictSame(partingWords("step 7: w2's pwrite of 4K at 4K reached the server (WRITE), where it must wait for the inode lock: it overtook m's mmap, which waits for caching mode (fuse_file_cached_io_open) since step 6"), {
    came: "w2's pwrite of 4K at 4K reached the server (WRITE)", expected: 'it must wait for the inode lock', actor: 'w2',
    meaning: "it overtook m's mmap, which waits for caching mode (fuse_file_cached_io_open) since step 6",
  });
});

t.test('a splat has what the kernel said, and the step where there is one', async (t) => {
  t.strictSame(partingWords('the kernel said: kernel BUG at fs/fuse/dir.c:1824! (console line 3)'), { said: 'kernel BUG at fs/fuse/dir.c:1824!' });
  t.match(partingWords("the kernel said: WARNING: at x.c:1 f+0x1/0x2 (console line 5); and step 79 (order 30 of 36: m mmap, release w1): w1's pwrite of 4K at 0 waits for the inode lock, where it must reach the server"), {
    said: 'WARNING: at x.c:1 f+0x1/0x2', actor: 'w1', came: "w1's pwrite of 4K at 0 waits for the inode lock", expected: 'it must reach the server',
  });
});

t.test('a sentence of another kind has no parts', async (t) => {
  t.strictSame(partingWords('the guest did not end within 20 s and hung in step 3 (limit: scene)'), {});
  t.strictSame(partingWords(''), {});
});
