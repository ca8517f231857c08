import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { planOf } from '../../../../server-helper/config/plan.ts';
import { profilesOf } from '../../../../server-helper/config/profiles.ts';
import { formatPortRange } from '../../../../src/base/ports.ts';
import { Device, FILE } from '../support.ts';

const PORTS = '[gate]\nports = ["tcp/*"]\n';
const client = (number: number, more: string) =>
  `[[client]]\nname = "c${number}"\nkey = "${new Device(number).key}"\n${more}\n`;
const profiles = (text: string) =>
  [...profilesOf(parseGateConfig(text, FILE))].map(([name, { number, ports }]) => [
    name,
    number,
    ports.map(formatPortRange),
  ]);

describe('what the kernel opens by itself', () => {
  it('is one profile for clients with the same ports, in whatever order', () => {
    const text = client(1, 'ports = ["tcp/22", "tcp/80"]') + client(2, 'ports = ["tcp/80", "tcp/22"]');
    expect(profiles(PORTS + text + client(3, 'ports = ["tcp/443"]'))).toEqual([
      ['tcp/22 tcp/80', 2374, ['tcp/22', 'tcp/80']],
      ['tcp/443', 2308, ['tcp/443']],
    ]);
  });

  it('has the same number whatever the other clients have: the kernel keeps tags over a reload', () => {
    const [alone] = profiles(PORTS + client(3, 'ports = ["tcp/443"]'));
    const [, second] = profiles(PORTS + client(1, 'ports = ["tcp/22"]') + client(3, 'ports = ["tcp/443"]'));
    expect(second).toEqual(alone);
  });

  it('is nothing for a strict client, at a strict gate, and where a socket hears', () => {
    expect(profiles(PORTS + client(1, 'strict = true'))).toEqual([]);
    expect(profiles(`${PORTS}strict = true\n${client(1, '')}`)).toEqual([]);
    expect(profiles(`${PORTS}capture = "socket"\n${client(1, '')}`)).toEqual([]);
  });

  it('is at most 64 profiles; the daemon opens for the other clients', () => {
    const text = Array.from({ length: 70 }, (_, i) => client(i + 1, `ports = ["tcp/${i + 1}"]`)).join('');
    const numbers = profiles(PORTS + text).map(([, number]) => number);
    expect(new Set(numbers).size).toBe(64);
    expect(planOf(parseGateConfig(PORTS + text, FILE)).profiles.size).toBe(64);
  });
});
