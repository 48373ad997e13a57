import ssh2 from 'ssh2';
import t from 'tap';
import { makeLoginKey } from '../../../harness/guest/login-key.ts';

t.test('every key pair can be read, and what its private key signs its public key knows: of 2,000, since one of 256 was malformed', (t) => {
  const text = Buffer.from('log in');
  let good = 0;
  for (let pair = 0; pair < 2000; pair++) {
    const made = makeLoginKey(ssh2);
    const [mine, theirs] = [ssh2.utils.parseKey(made.private), ssh2.utils.parseKey(made.public)];
    if (mine instanceof Error || theirs instanceof Error) continue;
    const signature = mine.sign(text) as Buffer | Error;
    if (!(signature instanceof Error) && theirs.verify(text, signature)) good += 1;
  }
  t.equal(good, 2000);
  t.end();
});
