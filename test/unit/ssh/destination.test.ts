import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDestination, parsePlainDestination } from '../../../src/ssh/destination.ts';

const to = (host: string, user?: string, port?: number) => ({ host, user, port });

describe('a destination', () => {
  it.each([
    ['prod', to('prod')],
    ['root@192.0.2.2', to('192.0.2.2', 'root')],
    ['alice@corp@bastion', to('bastion', 'alice@corp')],
    ['prod:2222', to('prod', undefined, 2222)],
    ['DOMAIN\\alice@prod:2222', to('prod', 'DOMAIN\\alice', 2222)],
    ['büro', to('büro')],
    ['dev@prod.example:2222', to('prod.example', 'dev', 2222)],
    ['2001:db8::1', to('2001:db8::1')],
    ['dev@2001:db8::1', to('2001:db8::1', 'dev')],
    ['dev@[2001:db8::1]:2222', to('2001:db8::1', 'dev', 2222)],
    ['ssh://prod', to('prod')],
    ['ssh://root@192.0.2.2:2222/', to('192.0.2.2', 'root', 2222)],
    ['SSH://root@[2001:db8::1]:22', to('2001:db8::1', 'root', 22)],
  ])('is read: %s', (text, destination) => {
    expect(parsePlainDestination(text)).toEqual(destination);
  });

  it.each([
    '',
    'user@',
    '-oProxyCommand=x',
    '-l@prod',
    'a b',
    'a\nb',
    'a\u001b[2J',
    'a\u202eb',
    '$(id)',
    '`id`',
    'a;b',
    'a|b',
    'a&b',
    'a>b',
    "a'b",
    'a"b',
    'a\\b',
    '{a}',
    '[x](command:y)',
    ';id@prod',
    '`id`@prod',
    'a\\@prod',
    ' ',
    '@prod',
    'prod:0',
    'prod:65536',
    'a b@prod',
    'prod -p 22',
    'ssh://',
    'ssh://prod/srv',
    'ssh://ssh://prod',
  ])('is refused, as OpenSSH or a shell might obey it: %j', (text) => {
    expect(parsePlainDestination(text)).toBeUndefined();
  });

  const host = fc.oneof(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,40}$/), fc.ipV6());
  const user = fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._@-]{0,20}$/), { nil: undefined });
  const port = fc.option(fc.integer({ min: 1, max: 65535 }), { nil: undefined });

  it('is read as ssh gets it', () => {
    fc.assert(
      fc.property(host, user, port, (name, login, number) => {
        const destination = to(name, login, number);
        expect(parsePlainDestination(formatDestination(destination))).toEqual(destination);
      }),
    );
  });

  it('gives ssh nothing that it would read as an option', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const found = parsePlainDestination(text);
        if (found !== undefined) expect(formatDestination(found)).not.toMatch(/^-|\s/);
      }),
    );
  });
});
