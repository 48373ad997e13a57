import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import { diorama, root, type Ended } from './run-diorama.ts';

const documentSchema = z.object({
  verdict: z.object({ kind: z.string(), reason: z.string() }), seed: z.number(), dir: z.string(),
  tally: z.record(z.string(), z.union([z.number(), z.string()])), last: z.array(z.object({ who: z.string(), call: z.string() })),
  splats: z.array(z.object({ title: z.string(), places: z.array(z.object({ place: z.string(), at: z.string().optional() })) })),
});

async function stress(results: string, args: readonly string[]): Promise<Ended & { readonly document: z.infer<typeof documentSchema> }> {
  const ended = await diorama(['stress', '--json', '--results', results, '--seed', '1', ...args]);
  if (!ended.stdout.startsWith('{')) throw new Error(`no document on stdout: ${ended.stderr}`);
  return { ...ended, document: documentSchema.parse(JSON.parse(ended.stdout)) };
}

await t.test('a stock kernel stands a stress, which meets both modes', async (t) => {
  const { exitCode, document, stderr } = await stress(t.testdir(), ['--minutes', '0.4']);
  // K8 is rare, and no failure.
  t.match(`${document.verdict.kind} ${document.verdict.reason}`, /^(pass $|known K8, )/, stderr);
  t.equal(exitCode, 0);
  for (const key of ['met', 'exclusive', 'waits', 'kills', 'evicted', 'quiets']) t.ok(Number(document.tally[key]) > 0, key);
  t.same((await readdir(document.dir)).sort(), ['console', 'program', 'stress.json', 'trace']);
});

await t.test('a kernel that lets direct writes run beside the page cache does not', async (t) => {
  const { exitCode, document } = await stress(t.testdir(), ['--minutes', '2', '--series', join(root, 'tests/canaries/parallel-beside-cache.patch')]);
  t.match(document.verdict, { kind: /^(fail|splat)$/, reason: /two direct writes to f\d were at the server at once, .* while \w+\.\d had it mapped|which .* had replaced|WARNING/ });
  t.equal(exitCode, 1);
  t.ok(document.last.some(({ who, call }) => who.startsWith('writer') && call === 'pwrite'), 'what everybody did last is there');
});

await t.test('a complaint has the lines of source that it is about', async (t) => {
  const { document } = await stress(t.testdir(), ['--minutes', '2', '--series', join(root, 'tests/canaries/racy/no-recheck-under-the-lock.patch')]);
  // Which of the kernel's complaints comes first is a race; some of them end the guest.
  t.match(document.verdict, { kind: /^(splat|crash)$/, reason: /^the kernel said: / });
  const [place] = document.splats[0]?.places ?? [];
  t.match(place, { place: /^fuse_\w+\+0x[0-9a-f]+\/0x[0-9a-f]+ \[fuse\]$/, at: /fs\/fuse\/(iomode|inode)\.c:\d+/ });
});

await t.test('stress needs CPUs that are there at once, and some time', async (t) => {
  const results = t.testdir();
  const virtual = await diorama(['stress', '--guest', 'deterministic', '--results', results]);
  t.equal(virtual.exitCode, 2);
  t.match(virtual.stderr, /stress --guest deterministic: that guest is in virtual time, .*\ntry: --guest parallel/);
  for (const minutes of ['0', '-1', '2000', 'x', '0.001']) t.equal((await diorama(['stress', '--minutes', minutes, '--results', results])).exitCode, 2, minutes);
});
