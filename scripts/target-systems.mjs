// The systems that targets boot. Each is a release of Debian, what is installed on it, and how it is told what to start.

/** A server that one can log in to, and no more, without its init. */
const LOGIN = ['openssh-server', 'sudo', 'iproute2', 'procps'];
const SYSTEMD = ['systemd', 'systemd-sysv', 'dbus', 'libpam-systemd'];
/** Packages that the gate needs. A bare target has the files of these packages in apt's cache: it can install them without a network. */
const NEEDS = ['nftables', 'tcpdump', 'nodejs'];
/** Other people's firewalls, none of them in force, and readers of manual pages. */
const FIREWALLS = ['firewalld', 'iptables', 'man-db', 'mandoc', 'ufw'];

const READY = { kind: 'ready', from: 'bare', packages: NEEDS };

const withSystemd = (suite) => ({
  suite,
  bare: [...SYSTEMD, ...LOGIN],
  needs: NEEDS,
  kinds: [READY, { kind: 'firewalls', from: 'ready', packages: FIREWALLS }],
  enable: ['systemctl', 'enable', 'ssh'],
  /** Packages that bring a unit of their name, which is enabled unless it is disabled. */
  units: ['firewalld', 'ufw', 'nftables'],
});

const SYSTEMS = {
  bookworm: withSystemd('bookworm'),
  trixie: withSystemd('trixie'),
  // Debian's own sysvinit is process 1 and starts OpenRC.
  openrc: {
    suite: 'bookworm',
    bare: ['sysvinit-core', 'openrc', ...LOGIN],
    needs: NEEDS,
    kinds: [READY],
    units: [],
    // A target has no terminals to log in at.
    enable: ['sh', '-c', 'rc-update add ssh default && sed -i /getty/d /etc/inittab'],
  },
};

/** A system by its name. */
export function systemNamed(name) {
  const system = SYSTEMS[name];
  if (system === undefined) throw new Error(`${name}: no such system. There are: ${Object.keys(SYSTEMS).join(', ')}`);
  return system;
}
