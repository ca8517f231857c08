import { expect, it } from 'vitest';
import { COMMON_FORMS } from '../../rig/common-forms.ts';
import { figure } from '../../rig/figure.ts';
import { expectReachAsListed } from './same-reach.ts';

const MINUTES = 60_000;
/** Commands that neither opens for, some of them because iptables or nft refuses them. */
const NOTHING = [
  'iptables -A FORWARD -s %IP% -p tcp --dport 22 -j ACCEPT',
  'iptables -A OUTPUT -d %IP% -p tcp --sport 22 -j ACCEPT',
  'iptables -A INPUT -s %IP% -p gre -j ACCEPT',
  'iptables -A INPUT -s %IP% -p sctp --dport 22 -j ACCEPT',
  'nft add rule inet filter input ip saddr %IP% ip protocol icmp accept',
].map((command) => ({ command }));

it('of the 60 commonest forms of command at least 50 open at the gate what a real knockd opens with them, none more', {
  timeout: 20 * MINUTES,
}, async () => {
  const same = await expectReachAsListed([...COMMON_FORMS, ...NOTHING]);
  expect(same).toBeGreaterThanOrEqual(50);
  figure(`import-knockd: ${same} of the ${COMMON_FORMS.length} commonest forms have the same reach, none has more`);
});
