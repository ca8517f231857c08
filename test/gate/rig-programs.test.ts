import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratch } from '../rig/cleanup.ts';
import { Client } from '../rig/client.ts';
import { Gate } from '../rig/gate.ts';
import { createPair, type Pair } from '../rig/netns.ts';

/** A stand-in for the daemon: prints its user, and the signals that it gets. */
const DAEMON = `
const { readFileSync } = require('node:fs');
const say = (line) => process.stderr.write(JSON.stringify(line) + '\\n');
const [command, ...rest] = process.argv.slice(2);
const config = () => readFileSync(rest[rest.indexOf('--config') + 1], 'utf8');
if (command === 'key') console.log('knockgate1 gate KEY 32 ' + rest[1] + ' 443 ' + rest[3]);
if (command === 'run') {
  // Before it says that it is armed: from then on it gets signals.
  process.on('SIGHUP', () => say({ event: 'reloaded', config: config() }));
  process.on('SIGTERM', () => process.exit(0));
  const capabilities = /CapEff:\\s*(\\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1];
  say({ event: 'armed', uid: process.getuid(), capabilities, config: config(), state: process.env.STATE_DIRECTORY });
  process.stderr.write('not an audit line\\n');
  setInterval(() => {}, 1000);
}`;

/** Stands in for the client: repeats its arguments and where it would look for its configuration. */
const CLIENT = `
if (process.argv[2] === 'keygen') console.log('knockgate1 client KEY ' + process.argv[4]);
else console.log(JSON.stringify({ args: process.argv.slice(2), home: process.env.XDG_CONFIG_HOME }));
process.exitCode = process.argv[2] === 'knock' ? 12 : 0;`;

describe('the rig, around programs', () => {
  const { dir, discard } = scratch('fakes');
  const [daemon, cli] = [join(dir, 'daemon.cjs'), join(dir, 'cli.cjs')];
  let pair: Pair;

  beforeAll(async () => {
    // Out of reach for the daemon's user, as a clone under /root would be.
    chmodSync(dir, 0o700);
    writeFileSync(daemon, DAEMON);
    writeFileSync(cli, CLIENT);
    pair = await createPair({ name: 'fakes' });
  });
  afterAll(() => {
    pair.destroy();
    discard();
  });

  it('runs the daemon as nobody with one capability, and hears its audit lines', async () => {
    const gate = new Gate(pair.target, { daemon, clients: [{ name: 'alice', key: 'K' }] });
    const armed = await gate.start();
    expect(armed).toMatchObject({ uid: 65534, capabilities: '0000000000001000', state: gate.stateDir });
    expect(armed.config).toContain('[[client]]\nname = "alice"');
    expect(await gate.enrolmentLine('t', ['192.0.2.2'])).toBe('knockgate1 gate KEY 32 192.0.2.2 443 t');

    gate.configure({ grant: 7 }, []);
    gate.reload();
    const { config } = await gate.audit(({ event }) => event === 'reloaded');
    expect(config).toContain('grant = 7');
    expect(gate.noise).toBe('not an audit line\n');
    await expect(gate.audit(({ event }) => event === 'granted', 50)).rejects.toThrow('nothing within 50 ms');

    await gate.kill9();
    expect(gate.running).toBe(false);
    await expect(gate.audit(({ event }) => event === 'granted')).rejects.toThrow('the daemon ended (SIGKILL)');
    await gate.start();
    await gate.restart();
    expect(gate.events.filter(({ event }) => event === 'armed')).toHaveLength(3);
    expect(await gate.stop()).toBe(0);
    await gate.dispose();
  });

  it('runs the client with a configuration of its own', async () => {
    const client = new Client(pair.client, { cli });
    expect(await client.keygen('bob')).toEqual({ name: 'bob', key: 'KEY' });
    await client.add('LINE');
    const { code, json } = await client.json(['knock', 'host']);
    expect({ code, json }).toEqual({ code: 12, json: { args: ['knock', 'host', '--json'], home: client.configHome } });
    client.dispose();
  });
});
