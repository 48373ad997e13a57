import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { download } from '../../../harness/host/download.ts';
import { fileServer } from '../kernel/file-server.ts';
import { errorOf, testHost } from '../kernel/kernel-fixture.ts';

const content = randomBytes(300_000);

t.test('a download that breaks goes on where it broke', async (t) => {
  const host = testHost(t);
  const server = await fileServer(t);
  server.files.set('/x', content);
  let left = 2;
  server.breakAfter = () => (left-- > 0 ? 100_000 : undefined);
  const to = join(host.dir, 'x');
  server.writtenTo = `${to}.part`;
  await download(host, { url: `${server.url}/x`, to });
  t.ok(readFileSync(to).equals(content));
  t.match(server.requests, ['GET /x', 'GET /x bytes=100000-', 'GET /x bytes=200000-']);
  t.notOk(existsSync(`${to}.part`));
  t.notOk(existsSync(`${to}.part.json`));
});

t.test('a later run goes on with what an earlier one left, unless the file changed meanwhile', async (t) => {
  for (const changed of [false, true]) {
    const host = testHost(t);
    const server = await fileServer(t);
    server.files.set('/x', content);
    const to = join(host.dir, 'x');
    const url = `${server.url}/x`;
    const control = new AbortController();
    server.writtenTo = `${to}.part`;
    server.breakAfter = () => {
      if (server.requests.length > 1) control.abort(new Error('enough'));
      return 100_000;
    };
    await t.rejects(download({ ...host, signal: control.signal }, { url, to }), { message: 'enough' });
    t.ok(existsSync(`${to}.part`));
    server.breakAfter = () => undefined;
    const now = changed ? randomBytes(200_000) : content;
    if (changed) {
      server.files.set('/x', now);
      server.etag = '"two"';
    }
    await download(host, { url, to });
    t.ok(readFileSync(to).equals(now), changed ? 'the new file whole' : 'the same file');
    t.match(server.requests.at(-1), /bytes=[1-9]/);
  }
});

t.test('one that was complete when diorama was killed is not asked for again', async (t) => {
  const host = testHost(t);
  const server = await fileServer(t);
  server.files.set('/x', content);
  const to = join(host.dir, 'x');
  writeFileSync(`${to}.part`, content);
  writeFileSync(`${to}.part.json`, JSON.stringify({ url: `${server.url}/x`, etag: '"one"', length: content.length }));
  await download(host, { url: `${server.url}/x`, to });
  t.ok(readFileSync(to).equals(content));
  t.same(server.requests, [`GET /x bytes=${String(content.length)}-`]);
});

t.test('without an ETag or a date it starts over instead of gluing two files together', async (t) => {
  const host = testHost(t);
  const server = await fileServer(t);
  server.files.set('/x', content);
  server.etag = undefined;
  let left = 1;
  server.breakAfter = () => (left-- > 0 ? 100_000 : undefined);
  await download(host, { url: `${server.url}/x`, to: join(host.dir, 'x') });
  t.ok(readFileSync(join(host.dir, 'x')).equals(content));
  t.same(server.requests, ['GET /x', 'GET /x']);
});

t.test('a server that never brings a byte, says 503 or hangs is given up after some attempts', async (t) => {
  const host = testHost(t);
  const server = await fileServer(t);
  server.files.set('/x', content);
  server.status = 503;
  const to = join(host.dir, 'x');
  t.match(await errorOf(download(host, { url: `${server.url}/x`, to })), { blame: 'machine', code: 'program-failed', message: /503/ });
  server.status = undefined;
  server.breakAfter = () => 100_000;
  const before = server.requests.length;
  t.match(await errorOf(download(host, { url: `${server.url}/x`, to, totalMs: 1 })), { blame: 'machine', code: 'timed-out' });
  t.equal(server.requests.length, before + 1);
});

t.test('a file that the server does not have is said at once', async (t) => {
  const host = testHost(t);
  const server = await fileServer(t);
  const error = await errorOf(download(host, { url: `${server.url}/x`, to: join(host.dir, 'x') }));
  t.match(error, { blame: 'usage', code: 'no-such-kernel', message: /404/ });
  t.equal(server.requests.length, 1);
});
