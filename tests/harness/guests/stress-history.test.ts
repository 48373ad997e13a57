import t from 'tap';
import { judgeInGuest } from './history-driver.ts';

void t.test('a read sees what was there, and what is being written', async (t) => {
  t.same(judgeInGuest(['read', 'see first']), ['ok'], 'nobody has written');
  t.same(judgeInGuest(['write a 0 call', 'read', 'see first', 'see a']), ['ok', 'ok'], 'a write is under way');
  t.same(judgeInGuest(['read', 'write a 0 call', 'whole 0', 'see first', 'see a']), ['ok', 'ok'], 'a write came and went while it read');
});

void t.test('a read that begins when a write has ended sees no older one', async (t) => {
  const [first, a] = judgeInGuest(['write a 0 call', 'whole 0', 'read', 'see first', 'see a']);
  t.match(first, /^who reads saw what the file had at first in word 0 of f0's block 3, which write 1 of a0 to f0's block 3 had replaced \(a pwrite, from \d+ to \d+\) before the read began at \d+$/);
  t.equal(a, 'ok');
});

void t.test('of two writes at once either may stay', async (t) => {
  const lines = ['write a 0 call', 'write b 1 call', 'whole 0', 'whole 1', 'read'];
  t.same(judgeInGuest([...lines, 'see a', 'see b']), ['ok', 'ok']);
  t.match(judgeInGuest([...lines, 'see first']), [/had replaced/]);
});

void t.test('a write that ended before another began is replaced by it, though a third spans both', async (t) => {
  t.match(judgeInGuest(['write c 2 call', 'write a 0 call', 'whole 0', 'write b 1 call', 'whole 1', 'read', 'see a', 'see b', 'see c']), [/which write 101 of a1/, 'ok', 'ok']);
});

void t.test('what nobody wrote there is explained by nothing', async (t) => {
  t.match(judgeInGuest(['read', 'see junk', 'see elsewhere', 'see zeros']), [
    /which nobody wrote in word 0 of f0's block 3, which no write explains$/, /saw what the file had at first .* which no write explains$/, /saw zeros .* which no write explains$/,
  ]);
});

void t.test('a truncate makes zeros, until the next write', async (t) => {
  t.same(judgeInGuest(['write z 0 zeros', 'whole 0', 'read', 'see zeros']), ['ok']);
  t.match(judgeInGuest(['write z 0 zeros', 'whole 0', 'write a 1 call', 'whole 1', 'read', 'see zeros']), [/saw zeros .* which write 101 of a1/]);
  t.match(judgeInGuest(['write z 0 zeros', 'whole 0', 'read', 'see first']), [/which zeros .*had replaced \(a truncate/]);
});

void t.test('of a killed writer all, some or nothing may be there', async (t) => {
  t.same(judgeInGuest(['write a 0 call', 'part 0', 'read', 'see first', 'see a']), ['ok', 'ok']);
  t.match(judgeInGuest(['write a 0 call', 'part 0', 'write b 1 call', 'whole 1', 'read', 'see a']), [/had replaced/], 'until the next whole one');
});

void t.test('a store may bring back what was there before a write that it met, until it has ended', async (t) => {
  const met = ['write s 0 store', 'write a 1 call', 'whole 1'];
  t.same(judgeInGuest([...met, 'read', 'see first']), ['ok'], 'its page was read before that write');
  t.match(judgeInGuest([...met, 'whole 0', 'read', 'see first', 'see s', 'see a']), [/had replaced/, 'ok', 'ok'], 'it has filled the page by now');
  t.match(judgeInGuest(['write s 0 store', 'whole 0', 'write a 1 call', 'whole 1', 'read', 'see first', 'see s']), [/had replaced/, /had replaced/], 'one that ended before met nothing');
  t.same(judgeInGuest([...met, 'part 0', 'read', 'see first']), ['ok'], 'one that was killed never filled it');
});

void t.test('a write through the page cache that met an open or mmap may be hidden from the cache, which is noted', async (t) => {
  const note = /^who reads saw what the file had at first in word 0 of f0's block 3, which write 101 of a1 .* had replaced \(a pwrite through the page cache that met an open or mmap, from/;
  const met = ['write a 1 paged', 'drops 2', 'dropped 2', 'whole 1'];
  t.match(judgeInGuest([...met, 'fault', 'see first', 'see a']), [note, 'ok']);
  t.match(judgeInGuest(['drops 2', 'write a 1 paged', 'whole 1', 'dropped 2', 'fault', 'see first']), [note], 'it is under way');
  t.match(judgeInGuest(['drops 2', 'write a 1 paged', 'dropped 2', 'whole 1', 'fault', 'see first']), [note], 'it was under way');
  t.match(judgeInGuest([...met, 'read', 'see first']), [/had replaced .* before the read began/], 'the server has no such excuse');
  t.match(judgeInGuest([...met, 'write b 0 call', 'whole 0', 'fault', 'see first', 'see a']), [/which write 1 of a0 .* \(a pwrite, from/, /\(a pwrite, from/], 'until the next write that nobody met');
  const failed = /^who reads saw what the file had at first .* \((?:a pwrite|a pwrite through the page cache), from \d+ to \d+\) before/;
  t.match(judgeInGuest(['drops 2', 'dropped 2', 'write a 1 paged', 'whole 1', 'drops 2', 'dropped 2', 'fault', 'see first']), [failed], 'one before and one after met nothing');
  // Two truncates at once, and a direct write after the one of them that ended first: the other is what was seen.
  const zeros = ['write A 2 zeros', 'write B 3 zeros', 'whole 3', 'write d 1 call', 'whole 1', 'whole 2', 'write c 1 paged', 'drops 4', 'dropped 4', 'whole 1', 'fault', 'see zeros'];
  t.match(judgeInGuest(zeros), [/^who reads saw zeros .* which write 102 of a1 .* had replaced \(a pwrite through the page cache that met an open or mmap, from/], 'the write that is named is the one that was hidden');
  t.match(judgeInGuest(['write a 1 call', 'drops 2', 'dropped 2', 'whole 1', 'fault', 'see first']), [failed], 'no excuse for a direct write');
});

void t.test('a word may be torn by a write that comes while it is read, and only by that', async (t) => {
  t.same(judgeInGuest(['write a 0 call', 'whole 0', 'read', 'write s 1 store', 'torn a s', 'torn s a']), ['ok', 'ok']);
  t.same(judgeInGuest(['write a 0 call', 'whole 0', 'read', 'write s 1 store', 'whole 1', 'torn a s']), ['ok'], 'it was under way');
  t.match(judgeInGuest(['write a 0 call', 'write s 1 store', 'whole 0', 'whole 1', 'read', 'torn a s']), [/which no write explains/], 'both were over');
  t.match(judgeInGuest(['write a 0 call', 'whole 0', 'write b 1 call', 'whole 1', 'read', 'write s 2 store', 'torn a s']), [/which no write explains/], 'half of it was replaced long ago');
});

void t.test('nothing is judged when more was written meanwhile than is remembered', async (t) => {
  const many = Array.from({ length: 300 }, (_, index) => [`write w${index} 1 call`, 'whole 1']).flat();
  t.same(judgeInGuest(['read', ...many, 'see first']), ['unjudged']);
  t.match(judgeInGuest([...many, 'read', 'see first']), [/which no write explains/], 'but what is older than all that is no excuse');
});
