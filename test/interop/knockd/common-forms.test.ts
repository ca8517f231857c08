import { expect, it } from 'vitest';
import { COMMON_FORMS } from '../../rig/common-forms.ts';
import { figure } from '../../rig/figure.ts';
import { expectReachAsListed } from './same-reach.ts';

const MINUTES = 60_000;
/** One of so many, so that each program is among them. */
const EACH = 4;

it('a sample of the commonest forms of command opens at the gate what a real knockd opens with it', {
  timeout: 10 * MINUTES,
}, async () => {
  const sample = COMMON_FORMS.filter((_, i) => i % EACH === 0);
  for (const program of ['iptables', 'ufw', 'nft', 'firewall-cmd', 'knock_helper_ipt.sh'])
    expect(sample.some(({ command }) => command.includes(program))).toBe(true);
  const same = await expectReachAsListed(sample);
  figure(`import-knockd: of ${sample.length} common forms ${same} have the same reach, none has more`);
});
