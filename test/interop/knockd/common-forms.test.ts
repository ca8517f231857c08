import { describe, expect, it } from 'vitest';
import { COMMON_FORMS } from '../../rig/common-forms.ts';
import { figure } from '../../rig/figure.ts';
import { compareReach } from './both.ts';

const MINUTES = 60_000;
const A = 'iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT';
/** What neither opens: some of it because iptables or nft refuses it. */
const NOTHING = [
  'iptables -A FORWARD -s %IP% -p tcp --dport 22 -j ACCEPT',
  'iptables -A OUTPUT -d %IP% -p tcp --sport 22 -j ACCEPT',
  'iptables -A INPUT -s %IP% -p gre -j ACCEPT',
  'iptables -A INPUT -s %IP% -p sctp --dport 22 -j ACCEPT',
  'nft add rule inet filter input ip saddr %IP% ip protocol icmp accept',
  `${A.replace('-A', '-C')} && ${A}`,
].map((command) => ({ command }));
/** Of every form, and some beside them. */
const PORTS = [22, 23, 53, 80, 443, 1194, 7777, 8000, 8001, 8002, 8003, 8004, 51_820].flatMap((port) => [
  `tcp/${port}`,
  `udp/${port}`,
]);

describe('the 60 commonest forms of command, run by a real knockd with the real firewalls', () => {
  it('open at the gate what they open there: at least 50 just that, none more', { timeout: 10 * MINUTES }, async () => {
    const reaches = await compareReach('common', [...COMMON_FORMS, ...NOTHING], PORTS);
    const found = [...COMMON_FORMS, ...NOTHING].map((form, i) => {
      const { knockd = [], gate = [] } = reaches[i] ?? {};
      const more = gate.filter((each) => !knockd.includes(each));
      return {
        form,
        knockd,
        gate,
        more,
        isSame: gate.length > 0 && gate.length === knockd.length && more.length === 0,
      };
    });
    expect(found.filter(({ more }) => more.length > 0)).toEqual([]);
    for (const { form, knockd, gate } of found.slice(COMMON_FORMS.length))
      expect([form.command, knockd, gate]).toEqual([form.command, [], []]);
    const forms = found.slice(0, COMMON_FORMS.length);
    // What the list says of each form is so.
    const wrong = forms.filter(
      ({ form, isSame }) => isSame !== ('opens' in form && form.opens !== undefined && !('isForEverybody' in form)),
    );
    expect(wrong).toEqual([]);
    const same = forms.filter(({ isSame }) => isSame);
    expect(same.length).toBeGreaterThanOrEqual(50);
    figure(`import-knockd: ${same.length} of the ${forms.length} commonest forms have the same reach, none has more`);
  });
});
