/** What goes into the units. */
export interface UnitInput {
  /** Absolute path of the launcher. */
  readonly launcher: string;
  /** Absolute path of the nightly's YAML. */
  readonly config: string;
  readonly cache: string;
  /** HH:MM, local time. */
  readonly at: string;
  /** The system's, to be found by multi-user.target; else the user's. */
  readonly system: boolean;
}

export interface Unit {
  readonly name: string;
  readonly text: string;
}

/**
 * systemd units: a service that plays a night, a timer that starts it, and a service that goes on with a night which a reboot cut short
 * (a timer would only wait for the next one). See systemd.service(5), systemd.timer(5).
 */
export function systemdUnits(given: UnitInput): Unit[] {
  const target = given.system ? 'multi-user.target' : 'default.target';
  return [
    { name: 'diorama-nightly.service', text: service(given, { description: 'diorama: a night of scenes on the kernels that are watched', more: [] }) },
    {
      name: 'diorama-nightly.timer',
      text: lines([
        '[Unit]', 'Description=diorama: every night', '',
        '[Timer]', `OnCalendar=*-*-* ${given.at}:00`, 'RandomizedDelaySec=10min', '# A night that the machine slept through is made up for.', 'Persistent=true', '',
        '[Install]', 'WantedBy=timers.target',
      ]),
    },
    {
      name: 'diorama-nightly-resume.service',
      text: `${service(given, { description: 'diorama: goes on with a night that a reboot cut short', more: ['--resume'] })}\n${lines(['[Install]', `WantedBy=${target}`])}`,
    },
  ];
}

function service(given: UnitInput, own: { readonly description: string; readonly more: readonly string[] }): string {
  const command = [given.launcher, 'nightly', '--config', given.config, ...own.more].map((word) => quoted(word)).join(' ');
  return lines([
    '[Unit]', `Description=${own.description}`,
    ...(given.system ? ['Wants=network-online.target', 'After=network-online.target'] : []), '',
    '[Service]', 'Type=oneshot', `Environment=${quoted(`DIORAMA_CACHE=${given.cache}`, 'assignment')}`, `ExecStart=${command}`,
    '# A night has a budget of its own; the units need no second one.', 'TimeoutStartSec=infinity', 'TimeoutStopSec=60', 'KillMode=mixed',
    '# 1 is a regression, 3 a kernel that does not build or boot: news, shown as a failed unit. 130 is a night that goes on later.',
    'SuccessExitStatus=130', 'Nice=10', 'IOSchedulingClass=idle',
  ]);
}

/** systemd.service(5), "Command lines", and systemd.unit(5), "Specifiers": in an assignment there are no variables. */
function quoted(word: string, place: 'command' | 'assignment' = 'command'): string {
  const text = word.replaceAll('%', '%%').replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return `"${place === 'command' ? text.replaceAll('$', '$$$$') : text}"`;
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
