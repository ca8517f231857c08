/** Programs that come as packages. */
export const PROGRAMS = ['nftables', 'tcpdump', 'nodejs'] as const;
export type Program = (typeof PROGRAMS)[number];

/** Way to find and install packages on a system. */
export interface PackageManager {
  /** Name of its program, by which it is found. */
  readonly name: 'apt-get' | 'dnf' | 'apk' | 'pacman' | 'zypper';
  /** Names of the programs' packages, where they differ from the program: the first that is offered is taken. */
  readonly called: Partial<Readonly<Record<Program, readonly string[]>>>;
  /** Commands of sh that print the version of the package `$1` that would be installed, or nothing; they change nothing. */
  readonly version: string;
  /** Commands of sh that install the packages `"$@"` without asking. */
  readonly install: string;
  /** Command that removes packages. */
  readonly remove: string;
}

/**
 * Package managers, in the order in which they are looked for. This project's tests have run only apt; the others follow their
 * manuals.
 */
export const PACKAGE_MANAGERS: readonly PackageManager[] = [
  {
    name: 'apt-get',
    called: {},
    version: `apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: //p'`,
    install: `export DEBIAN_FRONTEND=noninteractive
apt-get -q -y --no-install-recommends install "$@" || { apt-get -q update && apt-get -q -y --no-install-recommends install "$@"; }`,
    remove: 'apt-get purge',
  },
  {
    name: 'dnf',
    called: {},
    version: `dnf -q info --available "$1" 2>/dev/null | sed -n 's/^Version *: *//p' | tail -n 1`,
    install: 'dnf -q -y --setopt=install_weak_deps=False install "$@"',
    remove: 'dnf remove',
  },
  {
    name: 'zypper',
    called: { nodejs: ['nodejs-default', 'nodejs22', 'nodejs20', 'nodejs18'] },
    version: `zypper --non-interactive --no-refresh info "$1" 2>/dev/null | sed -n 's/^Version *: *//p' | head -n 1`,
    install: 'zypper --non-interactive install --no-recommends "$@"',
    remove: 'zypper remove',
  },
  {
    name: 'pacman',
    called: {},
    version: `pacman -Si "$1" 2>/dev/null | sed -n 's/^Version *: *//p' | head -n 1`,
    // Without -y: a database newer than the installed system would make this a partial upgrade, which Arch does not support.
    install: 'pacman -S --noconfirm --needed "$@"',
    remove: 'pacman -Rs',
  },
  {
    name: 'apk',
    called: {},
    version: `apk policy "$1" 2>/dev/null | sed -n '2s/^ *\\([^:]*\\):$/\\1/p'`,
    install: 'apk add --quiet "$@" || apk add --quiet --update-cache "$@"',
    remove: 'apk del',
  },
];

/** Possible names of a program's package, the best first. */
export function namesOf(manager: PackageManager, program: Program): readonly string[] {
  return manager.called[program] ?? [program];
}

/** Command line that finds the manager, and what it offers: `manager NAME`, then `PACKAGE VERSION` each. */
export const LOOK_FOR_PACKAGES = `packages() {
${PACKAGE_MANAGERS.map((manager) => {
  const names = PROGRAMS.flatMap((program) => namesOf(manager, program)).join(' ');
  return `  if command -v ${manager.name} >/dev/null; then
    version_of() { ${manager.version}; }
    printf 'manager %s\\n' ${manager.name}
    for package in ${names}; do printf '%s %s\\n' "$package" "$(version_of "$package")"; done
    return 0
  fi`;
}).join('\n')}
  return 1
}`;
