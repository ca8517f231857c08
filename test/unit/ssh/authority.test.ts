import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSshAuthority, parseSshAuthority } from '../../../src/ssh/authority.ts';

const hex = (value: unknown) => Buffer.from(JSON.stringify(value), 'utf8').toString('hex');
const to = (host: string, user?: string, port?: number) => ({ host, user, port });

describe('an authority', () => {
  it.each([
    ['plain', 'ssh-remote+prod', to('prod')],
    ['with dots and hyphens', 'ssh-remote+a-b.example', to('a-b.example')],
    ['with user and port', 'ssh-remote+dev@prod:2222', to('prod', 'dev', 2222)],
    ['of an IPv6 address', 'ssh-remote+2001:db8::1', to('2001:db8::1')],
    ['of an IPv6 address with a port', 'ssh-remote+dev@[2001:db8::1]:22', to('2001:db8::1', 'dev', 22)],
    ['in hex', `ssh-remote+${hex({ hostName: 'Prod' })}`, to('Prod')],
    ['in hex with all', `ssh-remote+${hex({ hostName: 'Prod', user: 'Dev', port: 2222 })}`, to('Prod', 'Dev', 2222)],
    ['in hex with the port as text', `ssh-remote+${hex({ hostName: 'p', port: '22' })}`, to('p', undefined, 22)],
    ['with escapes', 'ssh-remote+\\x50rod\\x45', to('ProdE')],
    ['with an escaped user', 'ssh-remote+\\x44ev@prod', to('prod', 'Dev')],
    ['nested', 'dev-container+7b22686f7374223a22227d@ssh-remote+prod', to('prod')],
    ['nested, in hex', `attached-container+00@ssh-remote+${hex({ hostName: 'Prod', user: 'u' })}`, to('Prod', 'u')],
    ['nested, with a user', 'dev-container+00@ssh-remote+dev@prod', to('prod', 'dev')],
    ['that is hex by chance', 'ssh-remote+deadbeef', to('deadbeef')],
    ['that is JSON by chance', `ssh-remote+${hex({})}`, to(hex({}))],
  ])('%s', (_, authority, destination) => {
    expect(parseSshAuthority(authority)).toEqual(destination);
  });

  it.each([
    '',
    'wsl+debian',
    'tunnel+x',
    'ssh-remote+',
    'ssh-remote+-oProxyCommand=x',
    'xssh-remote+prod',
    '127.0.0.1:80',
  ])('does not go over SSH: %j', (authority) => {
    expect(parseSshAuthority(authority)).toBeUndefined();
  });

  const host = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,40}$/);
  const user = fc.option(fc.stringMatching(/^[^\s\p{Cc}]{1,20}$/u), { nil: undefined });
  const port = fc.option(fc.integer({ min: 1, max: 65535 }), { nil: undefined });

  it('is read as it was written, nested or not', () => {
    fc.assert(
      fc.property(host, user, port, fc.boolean(), (name, login, number, isNested) => {
        const destination = to(name, login, number);
        const authority = formatSshAuthority(destination);
        expect(authority).toMatch(/^ssh-remote\+[a-z0-9._-]+$/);
        expect(parseSshAuthority(isNested ? `dev-container+7b7d@${authority}` : authority)).toEqual(destination);
      }),
    );
  });

  it('is read with every letter escaped', () => {
    fc.assert(
      fc.property(host, (name) => {
        const escaped = [...Buffer.from(name)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
        expect(parseSshAuthority(`ssh-remote+${escaped}`)).toEqual(to(name));
      }),
    );
  });

  it('never throws, and never gives what ssh would read as an option', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((s) => `ssh-remote+${s}`),
        ),
        (text) => {
          expect(parseSshAuthority(text)?.host ?? 'x').not.toMatch(/^-|^$|\s/);
        },
      ),
    );
  });
});
