import { describe, expect, it } from 'vitest';
import { elementOf, renderGrant, renderNewGrant, renderRevocation } from '../../../../server-helper/firewall/grants.ts';
import { parsePortRange } from '../../../../src/base/ports.ts';
import { address } from '../support.ts';

const element = (host: string, port: string, prefix = 128) => elementOf(address(host), parsePortRange(port), prefix);

describe('the element of a grant', () => {
  it.each([
    ['198.51.100.7', 'tcp/22', 128, 'granted4', '198.51.100.7 . tcp . 22'],
    ['198.51.100.7', 'udp/51820', 64, 'granted4', '198.51.100.7 . udp . 51820'],
    ['::ffff:198.51.100.7', 'tcp/22', 48, 'granted4', '198.51.100.7 . tcp . 22'],
    ['2001:db8::7', 'tcp/22', 128, 'granted6', '2001:db8::7 . tcp . 22'],
    ['2001:db8:1:2:3:4:5:6', 'tcp/22', 64, 'granted6', '2001:db8:1:2:: . tcp . 22'],
    ['198.51.100.7', 'tcp/8000-8100', 128, 'granted_tcp_8000_8100_v4', '198.51.100.7'],
    ['2001:db8::7', 'tcp/*', 64, 'granted_tcp_1_65535_v6', '2001:db8::'],
  ])('for %s, %s and a prefix of %i', (host, port, prefix, set, key) => {
    expect(element(host, port, prefix)).toEqual({ set, key });
  });
});

describe('the commands of a grant', () => {
  it('are one transaction: put there, taken away, put there with its time', () => {
    expect(renderGrant(element('198.51.100.7', 'tcp/22'), 30, 'alice')).toBe(
      'add element inet knockgate granted4 { 198.51.100.7 . tcp . 22 }; ' +
        'delete element inet knockgate granted4 { 198.51.100.7 . tcp . 22 }; ' +
        'add element inet knockgate granted4 { 198.51.100.7 . tcp . 22 timeout 30s comment "alice" }',
    );
  });

  it('are one for an element that is not there', () => {
    expect(renderNewGrant(element('198.51.100.7', 'tcp/22'), 30, 'alice')).toBe(
      'create element inet knockgate granted4 { 198.51.100.7 . tcp . 22 timeout 30s comment "alice" }',
    );
  });

  it('never make one without an end: nft takes a timeout of 0 for none', () => {
    for (const render of [renderGrant, renderNewGrant])
      expect(render(element('198.51.100.7', 'tcp/22'), 0, 'alice')).toContain('timeout 1s');
  });

  it('take it back, whether it is there or not', () => {
    expect(renderRevocation(element('2001:db8::7', 'tcp/22'))).toBe(
      'add element inet knockgate granted6 { 2001:db8::7 . tcp . 22 }; ' +
        'delete element inet knockgate granted6 { 2001:db8::7 . tcp . 22 }',
    );
  });
});
