import type { ChildProcess } from 'node:child_process';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exec, TARGET4 } from '../rig/netns.ts';
import { end } from '../rig/process.ts';
import { HOST, Scene } from '../rig/scene.ts';

/** Hidden by the gate, listened to, and opened by none of the imported configurations. */
const OTHER = 2323;

/** Files of each peer, the command that imports them, and a host of its kind, where a gate opens to the same knock. */
const PEERS = {
  pyknock: {
    files: {
      'knock.sh':
        "ipset create ssh_in hash:ip timeout 20\niptables -A INPUT -p tcp --dport 22 -m set --match-set ssh_in src -j ACCEPT\npyknock-server S3cret 'ipset add -exist ssh_in $ip' true\n",
    },
    argv: ['import-pyknock', 'knock.sh'],
  },
  aldaba: {
    files: { 'aldabad.conf': 'passphrase = S3cret-of-Aldaba\n', 'aldaba.conf': 'port = 22/tcp\n' },
    argv: ['import-aldaba', 'aldabad.conf', 'aldaba.conf'],
  },
  'xt_pknock with a secret': {
    files: {
      'secret.rules':
        '-A INPUT -p udp -m pknock --name SSH --knockports 2000 --opensecret S3cret --closesecret Other -j DROP\n-A INPUT -p tcp -m pknock --checkip --name SSH --dport 22 -j ACCEPT\n',
    },
    argv: ['import-xt-pknock', 'secret.rules'],
  },
  'xt_pknock by a sequence': {
    files: {
      'steps.rules':
        '-A INPUT -p tcp -m pknock --knockports 4002,4001,4004 --time 10 --strict --autoclose 1 --name SSH -m tcp --dport 22 -j ACCEPT\n',
    },
    argv: ['import-xt-pknock', 'steps.rules'],
    host: `[same]\nkind = "xt_pknock"\naddress = "${TARGET4}"\nsteps = "4002:tcp 4001:tcp 4004:tcp"\n`,
  },
};

describe('a peer that was moved to a gate', () => {
  let scene: Scene;
  let listener: ChildProcess;
  let line = '';

  beforeAll(async () => {
    scene = await Scene.make({ name: 'moved' });
    const listen = `require('net').createServer((s) => s.end()).listen(${OTHER}, '0.0.0.0')`;
    listener = exec(scene.pair.target, [process.execPath, '-e', listen]);
    line = (await scene.client.run(['pubkey'])).stdout.trim();
    for (const { files } of Object.values(PEERS))
      for (const [name, text] of Object.entries(files)) {
        writeFileSync(join(scene.gate.dir, name), text);
        scene.gate.give(join(scene.gate.dir, name));
      }
  });
  afterAll(async () => {
    await end(listener);
    await scene?.end();
  });

  it.each(Object.entries(PEERS))('%s: opens the same port, and nothing more', async (_, peer) => {
    const [command = '', ...files] = peer.argv;
    const argv = [command, ...files.map((file) => join(scene.gate.dir, file)), '--client', line];
    const { code, stdout, stderr } = await scene.gate.cli(argv);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).not.toContain('S3cret');
    // As it is, and then with one more port that is hidden.
    scene.gate.configureText(stdout);
    expect(await scene.gate.cli(['check'])).toMatchObject({ code: 0, stderr: '' });
    scene.gate.configureText(stdout.replace(/^(ports = \[)(.*\])$/m, `$1"tcp/${OTHER}", $2`));
    await scene.gate.restart();
    await scene.gate.cli(['flush']);
    expect([await scene.isOpen(), await scene.isOpen(TARGET4, OTHER)]).toEqual([false, false]);
    const host = 'host' in peer ? 'same' : HOST;
    if ('host' in peer) appendFileSync(join(scene.client.configHome, 'knockgate', 'hosts.toml'), `\n${peer.host}`);
    else {
      const more = await scene.client.json(['knock', HOST, '--force', '--port', String(OTHER), '--timeout', '2']);
      expect(more.code).not.toBe(0);
    }
    expect(await scene.client.json(['knock', host, '--force'])).toMatchObject({ code: 0, json: { open: true } });
    expect([await scene.isOpen(), await scene.isOpen(TARGET4, OTHER)]).toEqual([true, false]);
  });
});
