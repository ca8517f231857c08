import { describe, expect, it } from 'vitest';
import { type AskedAccess, type ClientPolicy, decide } from '../../../../server-helper/policy/policy.ts';
import { parseNetwork } from '../../../../src/base/addresses.ts';
import { formatPortRange, parsePort, parsePortRange } from '../../../../src/base/ports.ts';
import { address, SOURCE, WALL } from '../support.ts';

const POLICY: ClientPolicy = {
  name: 'alice',
  ports: ['tcp/22', 'tcp/8000-8100'].map((text) => parsePortRange(text)),
  sources: [],
  notBefore: undefined,
  notAfter: undefined,
  longestGrant: 120,
  actions: ['wake'],
  forwards: [],
  enabled: true,
};
const ASKS: AskedAccess = { duration: 0, ports: [], action: '' };

const decision = (policy: Partial<ClientPolicy> = {}, request: Partial<AskedAccess> = {}, source = SOURCE) =>
  decide({ ...POLICY, ...policy }, { ...ASKS, ...request }, source, 30, WALL);
const ports = (...texts: string[]) => texts.map((text) => parsePort(text));

/** `tcp/22 tcp/80 30`, or the rule that was in the way. */
function shown(...given: Parameters<typeof decision>): string {
  const result = decision(...given);
  return result.allowed ? `${result.ports.map(formatPortRange).join(' ')} ${result.seconds}` : result.rule;
}

describe('what is opened', () => {
  it("is the client's usual ports for the usual time, when it asks for nothing", () => {
    expect(shown()).toBe('tcp/22 tcp/8000-8100 30');
  });

  it('is what it asks for', () => {
    expect(shown({}, { ports: ports('tcp/8000'), duration: 45 })).toBe('tcp/8000 45');
    expect(shown({}, { ports: ports('tcp/22', 'tcp/8100') })).toBe('tcp/22 tcp/8100 30');
  });

  it('is the action that it asks for, and no port that it does not name', () => {
    expect(decision({}, { action: 'wake' })).toEqual({ allowed: true, ports: [], action: 'wake', seconds: 30 });
    expect(shown({}, { action: 'wake', ports: ports('tcp/22') })).toBe('tcp/22 30');
  });

  it('is no longer than the client’s longest grant, the usual one included', () => {
    expect(shown({}, { duration: 65_535 })).toContain(' 120');
    expect(shown({}, { duration: 120 })).toContain(' 120');
    expect(shown({ longestGrant: 10 })).toContain(' 10');
  });
});

describe('a rule is in the way', () => {
  it('when the client is not enabled', () => {
    expect(shown({ enabled: false })).toBe('enabled = false');
  });

  it('before its first day and from its last moment on', () => {
    expect(shown({ notBefore: WALL + 1 })).toBe('not_before');
    expect(shown({ notBefore: WALL })).toContain('tcp/22');
    expect(shown({ notAfter: WALL })).toBe('not_after');
    expect(shown({ notAfter: WALL + 1 })).toContain('tcp/22');
  });

  it('when it comes from elsewhere', () => {
    const sources = ['198.51.100.0/24', '2001:db8::/32'].map((text) => parseNetwork(text));
    expect(shown({ sources })).toContain('tcp/22');
    expect(shown({ sources }, {}, address('2001:db8:1::1'))).toContain('tcp/22');
    expect(shown({ sources }, {}, address('198.51.101.7'))).toBe('sources');
    expect(shown({ sources }, {}, address('2001:db9::1'))).toBe('sources');
    expect(shown({ sources: [parseNetwork('::/0')] })).toBe('sources');
  });

  it('when it asks for an action that it may not use', () => {
    expect(shown({}, { action: 'reboot' })).toBe('no action of that name');
  });

  it.each(['tcp/80', 'udp/22', 'tcp/7999', 'tcp/8101'])('when it asks for %s, also beside an allowed one', (port) => {
    expect(shown({}, { ports: ports(port) })).toBe(`ports: ${port}`);
    expect(shown({}, { ports: ports('tcp/22', port) })).toBe(`ports: ${port}`);
  });

  it('and the first one is named', () => {
    const result = shown({ enabled: false, notAfter: WALL }, { action: 'reboot', ports: ports('tcp/80') });
    expect(result).toBe('enabled = false');
  });
});
