import { readFileSync } from 'node:fs';
import { createStar, giveNames, LINK, type Star } from './netns.ts';
import { must } from './process.ts';
import { HOST_ALIAS } from './sshd.ts';
import { Target } from './target.ts';
import { Workplace } from './workplace.ts';

/** The address of prod: that of the manual. */
export const PROD = '203.0.113.7';

/** A person with a computer, and servers that were just booted: the first of them is prod. */
export class Village {
  readonly targets = new Map<string, Target>();
  private readonly star: Star;
  readonly alice: Workplace;

  private constructor(star: Star) {
    this.star = star;
    this.alice = new Workplace(star.client);
  }

  static async make(names: readonly string[]): Promise<Village> {
    const village = new Village(await createStar(names.length));
    try {
      await village.boot(names);
      return village;
    } catch (error) {
      await village.end();
      throw error;
    }
  }

  private async boot(names: readonly string[]): Promise<void> {
    const { star, alice, targets } = this;
    for (const [i, name] of names.entries()) {
      const place = star.targets[i];
      if (place === undefined) throw new Error(`there is no place for ${name}`);
      targets.set(name, await Target.boot({ name, place, disk: '512m' }));
    }
    const prod = this.target('prod');
    await must(['ip', '-n', prod.pair.target, 'addr', 'add', `${PROD}/32`, 'dev', LINK]);
    await must(['ip', '-n', star.client, 'route', 'add', `${PROD}/32`, 'via', prod.address]);
    const addresses = names.map((name) => [name, name === 'prod' ? PROD : this.target(name).address] as const);
    giveNames(star.client, Object.fromEntries(addresses.map(([name, address]) => [name, [address]])));
    const known = addresses.map(([name]) =>
      readFileSync(this.target(name).knownHosts, 'utf8').replace(HOST_ALIAS, name),
    );
    alice.put('.ssh/known_hosts', known.join(''));
    alice.put('ssh_key', readFileSync(prod.identity, 'utf8'));
    const blocks = addresses.flatMap(([name, address]) => [
      `Host ${name}${name === 'prod' ? ` ${PROD}` : ''}`,
      ...[`HostName ${address}`, `User ${prod.user}`, `IdentityFile ${this.target(name).identity}`],
      `HostKeyAlias ${name}`,
    ]);
    const config = [...blocks, 'Host *', `UserKnownHostsFile ${alice.home}/.ssh/known_hosts`, ''].join('\n');
    alice.put('.ssh/config', config);
    alice.put('ssh.conf', config);
  }

  target(name: string): Target {
    const target = this.targets.get(name);
    if (target === undefined) throw new Error(`${name} was not booted`);
    return target;
  }

  async end(): Promise<void> {
    this.alice.discard();
    for (const target of this.targets.values()) await target.end();
    this.star.destroy();
  }
}
