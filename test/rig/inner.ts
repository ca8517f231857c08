import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { exec, type Pair, remove } from './netns.ts';
import { must, sleep } from './process.ts';

/** Addresses of the host behind the target, and of the target on the cable to it. */
export const INNER4 = '10.77.0.5';
export const INNER6 = 'fd77::5';
export const ROUTER6 = 'fd77::1';

/** A host behind the target, which routes for it. Its TCP port `port` tells who connects, and mirrors. */
export class Inner {
  private constructor(
    readonly ns: string,
    private readonly server: ChildProcess,
  ) {}

  static async make({ target }: Pair, port: number): Promise<Inner> {
    const ns = `${target}i`;
    await must(['ip', 'netns', 'add', ns]);
    await must(['ip', 'link', 'add', 'inner', 'netns', target, 'type', 'veth', 'peer', 'inner', 'netns', ns]);
    const commands = (addresses: string[]) =>
      ['link set lo up', 'link set inner up', ...addresses.map((each) => `addr add ${each} dev inner`)].join('\n');
    const setUp = (where: string, input: string) => must(['ip', '-n', where, '-batch', '-'], { input: `${input}\n` });
    await setUp(
      target,
      commands(['10.77.0.1/24', `${ROUTER6}/64 nodad`]).replace(/ nodad dev inner/, ' dev inner nodad'),
    );
    await setUp(
      ns,
      `${commands([`${INNER4}/24`, `${INNER6}/64 nodad`]).replace(/ nodad dev inner/, ' dev inner nodad')}\nroute add default via 10.77.0.1`,
    );
    for (const key of ['net/ipv4/ip_forward', 'net/ipv6/conf/all/forwarding'])
      await must(['ip', 'netns', 'exec', target, 'sh', '-c', `echo 1 > /proc/sys/${key}`]);
    const helper = new URL('helpers/tcp-mirror.mjs', import.meta.url).pathname;
    const server = exec(ns, [process.execPath, helper, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
    if (server.stdout !== null) await once(server.stdout, 'data');
    return new Inner(ns, server);
  }

  destroy(): void {
    this.server.kill('SIGKILL');
    remove(this.ns);
  }
}

/** A connection out of a namespace that stays up; from an address of its own, where one is given. */
export class Line {
  private readonly heard: string[] = [];
  private readonly child: ChildProcess;

  constructor(ns: string, host: string, port: number, localAddress?: string) {
    const options = JSON.stringify({ host, port, localAddress });
    const script = `const s = require('net').connect(${options}); process.stdin.pipe(s); s.pipe(process.stdout)`;
    this.child = exec(ns, [process.execPath, '-e', script], { stdio: ['pipe', 'pipe', 'ignore'] });
    if (this.child.stdout !== null)
      createInterface({ input: this.child.stdout }).on('line', (line) => this.heard.push(line));
  }

  say(text: string): void {
    this.child.stdin?.write(`${text}\n`);
  }

  /** The next line that is heard. */
  async hear(): Promise<string> {
    for (let tries = 0; tries < 1000; tries++) {
      const line = this.heard.shift();
      if (line !== undefined) return line;
      await sleep(20);
    }
    throw new Error('nothing was heard');
  }

  end(): void {
    this.child.kill('SIGKILL');
  }
}
