import fc from 'fast-check';
import t from 'tap';
import { readBzImage } from '../../../../harness/kernel/image/read-bzimage.ts';
import { fakeBzImage, fakeVmlinux, pack } from './fake-kernel.ts';

t.test('the head says what it is and where the payload lies', async (t) => {
  const image = readBzImage(fakeBzImage({ release: '6.12.7-x', build: 'Debian 6.12.7-1 (2026-01-01)' }));
  t.equal(image?.banner, '6.12.7-x (a@localhost) #1 SMP Debian 6.12.7-1 (2026-01-01)');
  t.same(image?.payload, pack(fakeVmlinux({ release: '6.12.7-x', build: 'Debian 6.12.7-1 (2026-01-01)' }), 'gzip'), 'without the length behind it');
});

t.test('one that is cut short, or something else, is none', async (t) => {
  const whole = fakeBzImage();
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(4096), whole.subarray(0, 600), whole.subarray(0, whole.length - 1), fakeVmlinux()]) t.equal(readBzImage(bytes), undefined);
});

t.test('no head makes it read outside of the file', async (t) => {
  const whole = fakeBzImage();
  fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 0x1f1, max: 0x250 }), fc.integer({ min: 0, max: 255 })), { maxLength: 12 }), (changes) => {
    const bytes = Buffer.from(whole);
    for (const [at, value] of changes) bytes[at] = value;
    const image = readBzImage(bytes);
    return image === undefined || (image.payload.length > 0 && image.payload.length <= bytes.length && image.banner.length <= 512);
  }));
  t.pass();
});
