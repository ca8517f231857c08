import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { shownAt } from '../../../../server-helper/config/open-windows.ts';
import { planOf } from '../../../../server-helper/config/plan.ts';
import { DAYS } from '../../../../server-helper/firewall/firewall.ts';
import { FILE } from '../support.ts';

const GATE = '[gate]\nports = ["tcp/22", "tcp/8000-8100"]\n';
const OFFICE = ['from = "08:00"', 'until = "18:30"'];
const parse = (...lines: string[]) => parseGateConfig(`${GATE}[[always_open]]\n${lines.join('\n')}\n`, FILE);
const windowsOf = (...lines: string[]) => planOf(parse(...lines)).windows;

describe('an [[always_open]]', () => {
  it('shows all that is hidden, every day, unless it says otherwise', () => {
    const ports = parse(...OFFICE).gate.ports;
    expect(windowsOf(...OFFICE)).toEqual([{ days: DAYS, from: 28_800, until: 66_600, ports }]);
    expect(windowsOf(...OFFICE, 'days = ["mon", "fri"]', 'ports = ["tcp/22"]')).toEqual([
      { days: ['mon', 'fri'], from: 28_800, until: 66_600, ports: ports.slice(0, 1) },
    ]);
  });

  it('that ends before it begins ends the next day', () => {
    expect(windowsOf('from = "22:00"', 'until = "06:00:30"', 'days = ["sat", "sun"]')).toMatchObject([
      { days: ['sat', 'sun'], from: 79_200, until: 86_400 },
      { days: ['mon', 'sun'], from: 0, until: 21_630 },
    ]);
    expect(windowsOf('from = "22:00"', 'until = "00:00"')).toMatchObject([{ from: 79_200, until: 86_400 }]);
    expect(windowsOf('from = "00:00"', 'until = "24:00"')).toMatchObject([{ from: 0, until: 86_400 }]);
  });

  it('never goes over midnight for the kernel, and lasts as long as it says', () => {
    const time = fc.nat(86_399);
    const text = (seconds: number) => new Date(seconds * 1000).toISOString().slice(11, 19);
    fc.assert(
      fc.property(time, time, (from, until) => {
        fc.pre(from !== until);
        const windows = windowsOf(`from = "${text(from)}"`, `until = "${text(until)}"`);
        for (const window of windows) expect(window.from < window.until && window.until <= 86_400).toBe(true);
        const open = windows.reduce((sum, window) => sum + window.until - window.from, 0);
        expect(open).toBe((until - from + 86_400) % 86_400);
      }),
    );
  });

  it('is told while it is open', () => {
    // 2026-11-21 is a Saturday.
    const at = (time: string, ...lines: string[]) => shownAt(parse(...lines).windows, Date.parse(`2026-11-${time}Z`));
    const office = [...OFFICE, 'ports = ["tcp/22"]'];
    expect(at('21T07:59:59', ...office)).toEqual([]);
    expect(at('21T08:00:00', ...office)).toEqual(['tcp/22 until 18:30 UTC']);
    expect(at('21T18:30:00', ...office)).toEqual([]);
    const night = ['from = "22:00"', 'until = "06:00:30"', 'days = ["sat"]'];
    expect(at('21T23:00:00', ...night)).toEqual(['tcp/22, tcp/8000-8100 until 06:00:30 UTC']);
    expect(at('22T06:00:29', ...night)).toHaveLength(1);
    expect(at('22T22:30:00', ...night)).toEqual([]);
    expect(at('21T23:59:59', 'from = "00:00"', 'until = "24:00"')).toEqual(['tcp/22, tcp/8000-8100 until 24:00 UTC']);
  });

  it.each([
    [[], 'an [[always_open]] needs from'],
    [['from = "08:00"'], 'an [[always_open]] needs until'],
    [['from = "8:00"', 'until = "18:00"'], 'a time of day in UTC'],
    [['from = "24:01"', 'until = "18:00"'], 'a time of day in UTC'],
    [['from = "29:00"', 'until = "18:00"'], 'a time of day in UTC'],
    [['from = "08:60"', 'until = "18:00"'], 'a time of day in UTC'],
    [['from = 08:00:00', 'until = "18:00"'], 'a text in quotation marks'],
    [['from = "24:00"', 'until = "18:00"'], 'from should be earlier than "24:00"'],
    [['from = "08:00"', 'until = "08:00"'], 'nothing would be open'],
    [[...OFFICE, 'days = []'], 'days is empty'],
    [[...OFFICE, 'days = ["Monday"]'], 'mon, tue, wed'],
    [[...OFFICE, 'ports = []'], 'ports is empty'],
    [[...OFFICE, 'ports = ["tcp/80"]'], 'tcp/80 is not among the ports that the gate hides'],
    [[...OFFICE, 'zone = "Europe/Berlin"'], 'unknown key zone'],
  ])('is refused with %j', (lines, words) => {
    expect(() => parse(...lines)).toThrow(words);
  });

  it('needs two brackets: there can be many', () => {
    expect(() => parseGateConfig(`${GATE}[always_open]\n`, FILE)).toThrow('write [[always_open]]');
  });
});
