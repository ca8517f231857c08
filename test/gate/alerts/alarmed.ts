import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'smol-toml';
import { until } from '../../rig/deployment.ts';
import { exec, run } from '../../rig/netns.ts';
import { end } from '../../rig/process.ts';
import { Scene, type SceneOptions } from '../../rig/scene.ts';

/** A user that every Debian has, and that is neither root nor the daemon. */
export const USER = 'games';

/** Everything that a run of an alert was given. */
export interface Told {
  readonly uid: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly words: readonly string[];
  readonly input: string;
}

/** A gate with alerts, and the unit that runs them, which notes what each run was given. */
export class Alarmed {
  readonly scene: Scene;
  private readonly out: string;
  private readonly program: string;
  private unit: ReturnType<typeof exec> | undefined;

  private constructor(scene: Scene) {
    this.scene = scene;
    this.out = join(scene.gate.dir, 'out');
    this.program = join(scene.gate.dir, 'alarm');
  }

  /** Makes it, and does not start the daemon. */
  static async make(options: SceneOptions): Promise<Alarmed> {
    const made = new Alarmed(await Scene.make({ ...options, start: false }));
    const uid = Number((await run(made.scene.pair.target, ['id', '-u', USER])).stdout);
    mkdirSync(made.out);
    chownSync(made.out, uid, 0);
    // A run is there, whole, once its folder has its name.
    const lines = [
      'part=$(mktemp -d "$1/part.XXXXXX")',
      'id -u >"$part/uid"; env -0 >"$part/env"; printf "%s\\0" "$@" >"$part/words"; cat >"$part/input"',
      'mv "$part" "$1/$KNOCKGATE_ALERT.$(date +%s%N)"',
    ];
    writeFileSync(made.program, `#!/bin/sh\n${lines.join('\n')}\n`);
    chmodSync(made.program, 0o755);
    return made;
  }

  /**
   * Writes gate.toml with alerts, whose command notes what it is given.
   * @param alerts fields of each beside its command and user
   */
  configure(alerts: readonly Record<string, unknown>[], settings: Record<string, unknown> = {}): void {
    const { gate, entry } = this.scene;
    const table = {
      gate: { ports: ['tcp/22'], knock_ports: [443, 62201], slots: 64, refusals_logged: 65_535, ...settings },
      client: [entry],
      alert: alerts.map((alert) => ({ run: [this.program, this.out, 'a word; id'], user: USER, ...alert })),
    };
    gate.configureText(stringify(table));
    // Only root may let a program run as another user.
    for (const path of [gate.dir, gate.configFile]) chownSync(path, 0, 0);
    chmodSync(gate.configFile, 0o644);
  }

  /** Starts the unit. As systemd does it for knockgate-action.socket: one process for each connection. */
  async startUnit(): Promise<void> {
    const { gate, pair } = this.scene;
    const program = [process.execPath, 'dist/knockgated.cjs', 'run-action', '--config', gate.configFile];
    const argv = ['systemd-socket-activate', '--accept', '--inetd', '-l', this.socket, ...program];
    this.unit = exec(pair.target, argv, { stdio: ['ignore', 'ignore', 'ignore'] });
    await until('the unit', async () => existsSync(this.socket), 10_000);
    chmodSync(this.socket, 0o666);
  }

  get socket(): string {
    return `${this.scene.gate.runtimeDir}-action`;
  }

  /** The runs of an alert, in order. */
  runs(name: string): Told[] {
    return readdirSync(this.out)
      .filter((each) => each.startsWith(`${name}.`))
      .sort()
      .map((each) => {
        const read = (file: string) => readFileSync(join(this.out, each, file), 'utf8');
        const pairs = read('env')
          .split('\0')
          .filter((pair) => pair !== '')
          .map((pair): [string, string] => [pair.split('=')[0] ?? '', pair.slice(pair.indexOf('=') + 1)]);
        const words = read('words').split('\0').slice(1, -1);
        return { uid: read('uid').trim(), environment: Object.fromEntries(pairs), words, input: read('input') };
      });
  }

  /** Waits for the run of an alert with this number, counted from 1. */
  async run(name: string, number = 1, withinMs = 30_000): Promise<Told> {
    await until(`alert ${name}`, async () => this.runs(name).length >= number, withinMs);
    const told = this.runs(name).at(number - 1);
    if (told === undefined) throw new Error(`alert ${name} did not run`);
    return told;
  }

  async end(): Promise<void> {
    if (this.unit !== undefined) await end(this.unit);
    await this.scene.end();
  }
}
