import { describe, expect, it } from 'vitest';
import { parsePlainDestination } from '../../../src/ssh/destination.ts';

describe('a destination', () => {
  it.each([
    ['prod', { host: 'prod', user: undefined, port: undefined }],
    ['root@192.0.2.1', { host: '192.0.2.1', user: 'root', port: undefined }],
    ['DOMAIN\\alice@prod:2222', { host: 'prod', user: 'DOMAIN\\alice', port: 2222 }],
    ['a@b@[2001:db8::1]:22', { host: '2001:db8::1', user: 'a@b', port: 22 }],
    ['büro', { host: 'büro', user: undefined, port: undefined }],
  ])('is read from %s', (text, destination) => {
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
  ])('is not %j: OpenSSH takes no such name, or its shell would obey it', (text) => {
    expect(parsePlainDestination(text)).toBeUndefined();
  });
});
