import { describe, expect, it } from 'vitest';
import { hostMeant } from '../../../../src/client/hosts/host-called.ts';
import { parseHost } from '../../../../src/client/hosts/kinds.ts';
import { gateLine } from '../../cli/support.ts';

const FIELDS = {
  Prod: { gate: gateLine('prod', ['192.0.2.1', '2001:db8::1', 'prod.example']) },
  'dev@stage': { gate: gateLine('stage', ['192.0.2.9']), address: '192.0.2.2' },
};
const HOSTS = new Map(
  Object.entries(FIELDS).map(([name, fields]) => [name, parseHost(name, fields, 'hosts.toml', 'file')]),
);

describe('the host that somebody means', () => {
  it.each([
    ['Prod', 'Prod'],
    ['prod', 'Prod'],
    ['PROD', 'Prod'],
    ['dev@prod', 'Prod'],
    ['prod:22', 'Prod'],
    ['dev@PROD:2222', 'Prod'],
    ['ssh://dev@prod:22', 'Prod'],
    ['prod.example', 'Prod'],
    ['dev@PROD.example', 'Prod'],
    ['192.0.2.1', 'Prod'],
    ['2001:DB8::1', 'Prod'],
    ['dev@[2001:db8::1]:22', 'Prod'],
    // This can also be the name of a host.
    ['dev@stage', 'dev@stage'],
    ['192.0.2.2', 'dev@stage'],
    ['stage', undefined],
    ['production', undefined],
    ['', undefined],
    ['ssh://', undefined],
    ['prod;id', undefined],
  ])('by %j is %s', (destination, name) => {
    expect(hostMeant(destination, HOSTS)?.name).toBe(name);
  });
});
