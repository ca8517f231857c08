import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figure } from '../rig/figure.ts';
import { createPair, LINK, type Pair, TARGET4, TARGET6 } from '../rig/netns.ts';
import { loadNft } from '../rig/nft.ts';
import { nmap } from '../rig/nmap.ts';
import { isOpen } from '../rig/probe.ts';
import { must } from '../rig/process.ts';
import { ECHO, PACE, PLAIN, SCANS } from '../rig/scans.ts';
import { type Sshd, startSshd } from '../rig/sshd.ts';

/** Configuration of the scanned target's gate. */
export const SCANNED = { ports: ['tcp/*', 'udp/*'], knock_ports: [443, 62201] };

/** A booted target with a gate in force that hides every port, as `SCANNED` says. */
export interface ScannedGate {
  readonly pair: Pair;
  knock(): Promise<boolean>;
  end(): Promise<void>;
}

/** A target with a gate looks to nmap like a host that drops everything, as the gate of test/gate/scan.test.ts does. */
export function describeScans(title: string, make: () => Promise<ScannedGate>): void {
  describe(`${title}, scanned`, () => {
    let gate: ScannedGate;
    let plain: Pair;
    let plainSshd: Sshd;

    beforeAll(async () => {
      gate = await make();
      plain = await createPair({ name: 'plain' });
      plainSshd = await startSshd(plain.target);
      // nmap reports the hardware address: that of one host twice, then.
      for (const ns of [gate.pair.target, plain.target])
        await must(['ip', '-n', ns, 'link', 'set', LINK, 'address', '02:00:00:00:00:02']);
      for (const script of [PLAIN, ECHO]) await loadNft(plain.target, script);
    });

    afterAll(async () => {
      await plainSshd?.stop();
      plain?.destroy();
      await gate?.end();
    });

    it.each(SCANS)('looks like a host that drops everything: %s', async (name, args) => {
      for (const [family, words] of [
        ['IPv4', [...args, TARGET4]],
        ['IPv6', ['-6', ...args, TARGET6]],
      ] as const) {
        const scans = await Promise.all([gate.pair, plain].map(({ client }) => nmap(client, [...PACE, ...words])));
        const [ours, host] = scans;
        expect(ours?.xml).toBe(host?.xml);
        const states = scans.flatMap(({ summed, ports }) => [
          ...Object.keys(summed),
          ...ports.map(({ state }) => state),
        ]);
        expect(states.filter((state) => !/^(open\|)?filtered$/.test(state))).toEqual([]);
        figure(`${title}: scan ${name}, ${family}: XML of ${ours?.xml.length} characters equal`);
      }
    });

    it('is a gate: a knock opens it', async () => {
      expect(await isOpen(gate.pair.client, TARGET4, 22)).toBe(false);
      expect(await gate.knock()).toBe(true);
    });
  });
}
