import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pingBySystem, pingCommand } from '../../../../src/client/network/ping.ts';
import { temporaryFolder } from '../support.ts';

const NEVER = new AbortController().signal;

/** A program in place of the system's ping, which only a test with a network can use (test/gate/sequence-ping.test.ts). */
function ping(script: string) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'ping'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'ping'), 0o755);
  return pingBySystem({ platform: 'linux', env: { PATH: `${folder}:/usr/bin:/bin` } });
}

describe('ping', () => {
  it.each([
    ['linux', '192.0.2.1', undefined, 'ping -c 1 192.0.2.1'],
    ['linux', '2001:db8::1', 100, 'ping -c 1 -s 100 2001:db8::1'],
    ['darwin', '192.0.2.1', 0, 'ping -c 1 -s 0 192.0.2.1'],
    ['darwin', '2001:db8::1', 100, 'ping6 -c 1 -s 100 2001:db8::1'],
    ['win32', '192.0.2.1', 100, 'ping -n 1 -l 100 192.0.2.1'],
    ['win32', '2001:db8::1', undefined, 'ping -n 1 2001:db8::1'],
  ] as const)('is called in the words of %s for %s with %s bytes', (platform, address, length, words) => {
    expect(pingCommand(address, length, platform).join(' ')).toBe(words);
  });

  it('has sent when somebody answers, when nobody does, and when it is ended', async () => {
    expect(await ping('exit 0')('192.0.2.1', 5, 10_000, NEVER)).toEqual({ kind: 'sent' });
    expect(await ping('exit 1')('192.0.2.1', 5, 10_000, NEVER)).toEqual({ kind: 'sent' });
    expect(await ping('exec sleep 60')('192.0.2.1', 5, 1, NEVER)).toEqual({ kind: 'sent' });
  });

  it('says what has failed, in words that can be printed', async () => {
    const failed = await ping('printf "connect: Network is unreachable\\n\\033[31mmore\\n" >&2; exit 2')(
      '192.0.2.1',
      5,
      10_000,
      NEVER,
    );
    expect(failed).toEqual({ kind: 'failed', said: 'connect: Network is unreachable' });
    const place = { platform: 'linux', env: { PATH: temporaryFolder() } } as const;
    expect(await pingBySystem(place)('192.0.2.1', 5, 10_000, NEVER)).toEqual({ kind: 'missing' });
  });

  it('gets no more than words: no shell reads them', async () => {
    const folder = temporaryFolder();
    const run = ping(`printf '%s\\n' "$@" >${folder}/words`);
    await run('$(id);192.0.2.1', 5, 10_000, NEVER);
    expect(readFileSync(join(folder, 'words'), 'utf8').split('\n').slice(-2)[0]).toBe('$(id);192.0.2.1');
  });
});
