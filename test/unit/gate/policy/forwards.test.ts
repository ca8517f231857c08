import { describe, expect, it } from 'vitest';
import {
  type ClientPolicy,
  decide,
  type Forward,
  type ForwardTarget,
} from '../../../../server-helper/policy/policy.ts';
import { parsePort, parsePortRange } from '../../../../src/base/ports.ts';
import { address, SOURCE, WALL } from '../support.ts';

const forward = (name: string, port: string, to: string | undefined, toPort: number): Forward => {
  return {
    name,
    port: parsePortRange(port),
    to: to === undefined ? undefined : address(to),
    toPort,
    masquerade: false,
  };
};
const POLICY: ClientPolicy = {
  name: 'alice',
  ports: [parsePortRange('tcp/22')],
  sources: [],
  notBefore: undefined,
  notAfter: undefined,
  longestGrant: 120,
  actions: [],
  forwards: [
    forward('inner', 'tcp/2222', '10.0.0.5', 22),
    forward('inner6', 'tcp/2222', 'fd00::5', 22),
    forward('any', 'tcp/10000-65535', '10.0.0.5', 22),
    forward('web', 'tcp/2222', '10.0.0.6', 80),
    forward('local', 'tcp/2223', undefined, 22),
  ],
  enabled: true,
};

/** `tcp/2222>inner`, or the rule that was in the way. */
function led(texts: readonly string[], target?: ForwardTarget, source = SOURCE): string {
  const request = {
    duration: 0,
    ports: texts.map((text) => parsePort(text)),
    action: '',
  };
  const result = decide(POLICY, request, source, 30, WALL, target);
  if (!result.allowed) return result.rule;
  return result.ports.map(({ first, forward: by }) => (by === undefined ? first : `${first}>${by.name}`)).join(' ');
}

describe('where a grant leads', () => {
  it('is the target of the client’s first forward with that port and the IP version of its address', () => {
    expect(led(['tcp/2222'])).toBe('2222>inner');
    expect(led(['tcp/2222'], undefined, address('2001:db8::1'))).toBe('2222>inner6');
    expect(led(['tcp/2223'], undefined, address('2001:db8::1'))).toBe('2223>local');
    expect(led(['tcp/22', 'tcp/2223', 'tcp/40000'])).toBe('22 2223>local 40000>any');
  });

  it('is not this host’s own port for the IP version that no forward has', () => {
    const policy = {
      ...POLICY,
      ports: [parsePortRange('tcp/22')],
      forwards: [forward('inner', 'tcp/22', '10.0.0.5', 22)],
    };
    const request = { duration: 0, ports: [parsePort('tcp/22')], action: '' };
    const decided = (from: string) => decide(policy, request, address(from), 30, WALL);
    expect(decided('2001:db8::1')).toEqual({ allowed: false, rule: 'forwards: tcp/22 over this IP version' });
    expect(decided('192.0.2.9')).toMatchObject({ allowed: true, ports: [{ first: 22, forward: { name: 'inner' } }] });
  });

  it('is nowhere by default', () => {
    expect(led([])).toBe('22');
  });

  it('is the target that fwknop’s client names, when one of its forwards leads there', () => {
    expect(led(['tcp/2222'], { host: '10.0.0.6', port: 80 })).toBe('2222>web');
    expect(led(['tcp/2223'], { host: undefined, port: 22 })).toBe('2223>local');
  });

  it.each<[string[], ForwardTarget | undefined]>([
    [['tcp/2222'], { host: '10.0.0.7', port: 22 }],
    [['tcp/2222'], { host: '10.0.0.5', port: 23 }],
    [['tcp/2222'], { host: 'inner.example', port: 22 }],
    [['tcp/2222'], { host: undefined, port: 22 }],
    [['tcp/22'], { host: '10.0.0.5', port: 22 }],
    [['tcp/2222', 'tcp/22'], { host: '10.0.0.5', port: 22 }],
    [['udp/2222'], undefined],
    [['tcp/9999'], undefined],
  ])('is nowhere else: %j %j', (ports, target) => {
    expect(led(ports, target)).toMatch(/^(forwards|ports): /);
  });

  it('is not from one IP version to the other', () => {
    expect(led(['tcp/40000'], undefined, address('2001:db8::1'))).toBe('forwards: tcp/40000 over this IP version');
  });
});
