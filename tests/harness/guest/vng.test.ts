import t from 'tap';
import { vngWords, type VngRequest } from '../../../harness/guest/vng.ts';

const request = {
  guest: { name: 'virtme', cpus: 2, memory: 1 << 30, limits: { teardown: 1 } } as unknown as VngRequest['guest'], kernel: '/cache/vmlinux', stageRoot: '/cache/shell/root', files: new Map([['program', '/results/program']]),
  accelerator: 'tcg', dir: '/results/exec/1', folder: '/home/dev', command: ['sh', '-c', 'echo "$1"', 'sh', 'a b'],
} as const satisfies VngRequest;
const places = { qemu: '/cache/vng/qemu', enter: '/diorama/guests/virtme/enter-vng' };

t.test('the root comes over 9p, never virtiofs, and KVM is left out where it runs no guests', async (t) => {
  const words = vngWords(request, places);
  t.ok(words.includes('--force-9p') && words.includes('--disable-kvm'));
  t.notOk(vngWords({ ...request, accelerator: 'kvm' }, places).includes('--disable-kvm'));
  t.ok(words.some((word) => word === '--qemu-opts=-fw_cfg name=opt/diorama/program,file=/results/program -fw_cfg name=opt/diorama/authorized_keys,file=/diorama/guests/virtme/enter-vng'));
  t.equal(words.at(-1), `/diorama/guests/virtme/enter-vng /cache/shell/root /media/files /home/dev sh -c 'echo "$1"' sh 'a b'`);
});

t.test('a path that vng would take apart is told', async (t) => {
  for (const folder of ['/home/my dev', '/home/$(id)', "/home/o'b", '/a,b']) t.throws(() => vngWords({ ...request, folder }, places), { code: 'bad-usage', message: /^--via vng: "/ }, folder);
});
