import t from 'tap';
import { formatDuration } from '../../harness/format-units.ts';

t.test('a duration is rounded once, in the unit that it then has', async (t) => {
  const shown = [0, 12.4, 999.4, 999.6, 1049, 59_949, 59_960, 60_000, 119_400, 119_600, 3_600_000].map(formatDuration);
  t.strictSame(shown, ['0 ms', '12 ms', '999 ms', '1.0 s', '1.0 s', '59.9 s', '1 min 0 s', '1 min 0 s', '1 min 59 s', '2 min 0 s', '60 min 0 s']);
});
