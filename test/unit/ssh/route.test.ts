import { describe, expect, it } from 'vitest';
import { parseEffectiveConfig } from '../../../src/ssh/effective-config.ts';
import { gateOnRoute, routeTo } from '../../../src/ssh/route.ts';

/** Settings by name, as `ssh -G` would print them. */
const SETTINGS: Record<string, string> = {
  prod: 'hostname 192.0.2.1\nport 22',
  inner: 'user root\nhostname 10.0.0.5\nport 2222\nproxyjump bastion',
  bastion: 'hostname 192.0.2.9\nport 22',
  deep: 'hostname 10.0.0.6\nport 22\nproxyjump dev@inner:2200,other',
  other: 'hostname 10.0.0.7\nport 23\nproxyjump nowhere',
  round: 'hostname x\nport 22\nproxyjump round',
};
const look = async (name: string) => parseEffectiveConfig(SETTINGS[name] ?? '');
const words = async (name: string) =>
  (await routeTo(name, look)).map((hop) => `${hop.name}=${hop.hostName}:${hop.port}`);

describe('the route to a host', () => {
  it('is straight, or through its jumps and theirs', async () => {
    expect(await words('prod')).toEqual(['prod=192.0.2.1:22']);
    expect(await words('inner')).toEqual(['bastion=192.0.2.9:22', 'inner=10.0.0.5:2222']);
    // A later jump is reached through the one before, whatever its own settings say.
    expect(await words('deep')).toEqual([
      'bastion=192.0.2.9:22',
      'inner=10.0.0.5:2200',
      'other=10.0.0.7:23',
      'deep=10.0.0.6:22',
    ]);
  });

  it('is straight where ssh says nothing', async () => {
    expect(await words('unknown')).toEqual(['unknown=unknown:22']);
  });

  it('ends where a configuration has a circle', async () => {
    expect((await words('round')).length).toBeLessThan(12);
  });
});

describe('the gate on a route', () => {
  const gate = async (name: string, ...gated: string[]) =>
    gateOnRoute(await routeTo(name, look), (hop) => gated.find((each) => each === hop.name));

  it('is that of the host, or of the first jump though the host has one too', async () => {
    expect(await gate('prod', 'prod')).toMatchObject({ kind: 'here', gate: 'prod', hop: { port: 22 } });
    expect(await gate('inner', 'bastion')).toMatchObject({ kind: 'here', gate: 'bastion' });
    expect(await gate('inner', 'bastion', 'inner')).toMatchObject({ kind: 'here', gate: 'bastion' });
  });

  it('is out of reach behind a jump', async () => {
    expect(await gate('inner', 'inner')).toMatchObject({
      kind: 'further-in',
      gate: 'inner',
      behind: { name: 'bastion' },
    });
    expect(await gate('deep', 'inner')).toMatchObject({
      kind: 'further-in',
      gate: 'inner',
      behind: { name: 'bastion' },
    });
  });

  it('may not be there', async () => {
    expect(await gate('inner', 'prod')).toEqual({ kind: 'none' });
  });
});

describe('what ssh says', () => {
  it.each([
    [
      'hostname a\nport 2222\nproxyjump none\n',
      { hostName: 'a', port: 2222, addressFamily: 'any', jumps: [], hasProxyCommand: false },
    ],
    [
      'hostname a\nport x\naddressfamily any',
      { hostName: 'a', port: 22, addressFamily: 'any', jumps: [], hasProxyCommand: false },
    ],
    [
      'hostname a\naddressfamily inet6',
      { hostName: 'a', port: 22, addressFamily: 'inet6', jumps: [], hasProxyCommand: false },
    ],
    [
      'hostname a\nproxyjump u@b:22,ssh://c,[2001:db8::1]:2200,-oX',
      {
        hostName: 'a',
        port: 22,
        addressFamily: 'any',
        jumps: [
          { host: 'b', user: 'u', port: 22 },
          { host: 'c', user: undefined, port: undefined },
          { host: '2001:db8::1', user: undefined, port: 2200 },
        ],
        hasProxyCommand: false,
      },
    ],
    [
      'hostname a\nproxycommand sh -c "sleep 1; exec nc %h %p" # b',
      { hostName: 'a', port: 22, addressFamily: 'any', jumps: [], hasProxyCommand: true },
    ],
    ['', undefined],
    ['port 22', undefined],
  ])('is read: %j', (output, config) => {
    expect(parseEffectiveConfig(output)).toEqual(config);
  });
});
