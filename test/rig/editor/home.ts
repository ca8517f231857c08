import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { scratch } from '../cleanup.ts';

/** A person's folders, all of them in one that is deleted afterwards. */
export class Home {
  private readonly scratch = scratch('workbench');
  readonly dir = this.scratch.dir;
  readonly folder = this.make('home');
  readonly userData = this.make('user-data');
  readonly extensions = this.make('extensions');
  readonly workspace = this.make('workspace');
  readonly temporary = this.make('tmp');
  readonly runtime = this.make('run');
  /** Profile of the browser: secrets are there. */
  readonly profile = this.make('profile');
  readonly settingsFile = join(this.make('user-data/User'), 'settings.json');
  readonly sshConfig = join(this.make('home/.ssh'), 'config');
  private readonly passwd = join(this.dir, 'passwd');

  constructor() {
    writeFileSync(this.passwd, passwdWithHome(this.folder));
  }

  /** Environment of this person's programs. No file of the user who runs the test is read or written. */
  get env(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      LANG: 'C.UTF-8',
      HOME: this.folder,
      TMPDIR: this.temporary,
      XDG_RUNTIME_DIR: this.runtime,
    };
  }

  /**
   * The argument vector of a program that finds this home also by the password file, where ssh looks. It is to run in a
   * namespace: `ip netns exec` has made its mounts the program's own.
   * @param instead files that replace others for the program, by the path of those
   */
  argv(argv: readonly string[], instead: ReadonlyMap<string, string> = new Map()): string[] {
    const mounts = [['/etc/passwd', this.passwd], ...instead].flatMap(([path = '', own = '']) => [own, path]);
    const mountAll = 'while [ "$1" != -- ]; do mount --bind "$1" "$2" || exit; shift 2; done; shift; exec "$@"';
    return ['sh', '-c', mountAll, 'sh', ...mounts, '--', ...argv];
  }

  delete(): void {
    this.scratch.discard();
  }

  private make(name: string): string {
    const path = join(this.dir, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  }
}

/** Password file of this machine with another home for the present user. */
function passwdWithHome(home: string): string {
  const { username } = userInfo();
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => {
      const fields = line.split(':');
      return fields[0] === username ? [...fields.slice(0, 5), home, ...fields.slice(6)].join(':') : line;
    })
    .join('\n');
}
