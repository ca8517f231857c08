import { cpSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capture } from '../rig/capture.ts';
import { scratch } from '../rig/cleanup.ts';
import { Client } from '../rig/client.ts';
import { figure } from '../rig/figure.ts';
import { flood } from '../rig/flood.ts';
import { Gate } from '../rig/gate.ts';
import { createStar, LINK, type Star } from '../rig/netns.ts';
import { isOpen } from '../rig/probe.ts';
import { must } from '../rig/process.ts';
import { type Sshd, startSshd } from '../rig/sshd.ts';

/** Address of the group: of whichever member is the active one. */
const GROUP = '203.0.113.9';

/** A gate of the group, in a namespace of its own. */
interface Member {
  readonly ns: string;
  readonly address: string;
  readonly gate: Gate;
  readonly sshd: Sshd;
}

describe('a group of two gates behind one address', () => {
  let star: Star;
  let client: Client;
  const members: Member[] = [];

  beforeAll(async () => {
    star = await createStar(2);
    client = new Client(star.client);
    const entry = await client.keygen();
    for (const { pair, address } of star.targets) {
      const sshd = await startSshd(pair.target);
      const gate = new Gate(pair.target, { clients: [entry] });
      members.push({ ns: pair.target, address, gate, sshd });
    }
    const lines = await Promise.all(members.map(({ gate }, i) => gate.enrolmentLine(`web${i + 1}`, [GROUP])));
    for (const { gate } of members) await gate.start();
    await client.add(lines.join('\n'), '--name', 'web');
    for (const line of lines) await client.add(line);
    await must(['ip', '-n', star.client, 'route', 'add', `${GROUP}/32`, 'dev', LINK]);
    await moveTo(0);
  });

  afterAll(async () => {
    for (const { gate, sshd } of members) {
      await gate.dispose();
      await sshd.stop();
    }
    client?.dispose();
    star?.destroy();
  });

  const member = (i: number): Member => {
    const found = members[i];
    if (found === undefined) throw new Error(`no member ${i}`);
    return found;
  };

  /** Gives a member the group's address, as keepalived does: the other loses it, and neighbours are told. */
  async function moveTo(i: number): Promise<void> {
    const [active, passive] = [member(i), member(1 - i)];
    await must(['ip', '-n', passive.ns, 'addr', 'flush', 'to', `${GROUP}/32`, 'dev', LINK]);
    await must(['ip', '-n', active.ns, 'addr', 'replace', `${GROUP}/32`, 'dev', LINK]);
    await must(['ip', '-n', star.client, 'neigh', 'flush', 'to', `${GROUP}/32`, 'dev', LINK]);
  }

  /** Knocks once at the group or at one gate, and returns the datagrams that left. */
  async function knock(host: string): Promise<Uint8Array[]> {
    const seen = await capture(star.client, `udp and dst host ${GROUP}`);
    const { code, stderr } = await client.json(['knock', host, '--force']);
    const { datagrams } = await seen.stop();
    expect(code, stderr).toBe(0);
    return datagrams.map(({ payload }) => payload);
  }

  it('opens at the active one, and at the other once that has taken over', async () => {
    const first = await knock('web');
    expect(first.length).toBeGreaterThanOrEqual(2);
    expect(await isOpen(star.client, GROUP, 22)).toBe(true);
    await moveTo(1);
    const started = performance.now();
    await knock('web');
    figure(
      `a knock after the other gate has taken over: ${Math.round(performance.now() - started)} ms with its program`,
    );
    expect(await isOpen(star.client, GROUP, 22)).toBe(true);
    expect(members.map(({ gate }) => gate.events.filter(({ event }) => event === 'granted').length)).toEqual([1, 1]);
  });

  it('opens nothing for what one member has heard and is replayed at each, also after a snapshot was restored', async () => {
    const snapshots = members.map(({ gate }) => scratchCopy(gate.stateDir));
    const heard: Uint8Array[] = [];
    for (const i of [0, 1]) {
      await moveTo(i);
      heard.push(...(await knock(`web${i + 1}`)));
    }
    for (const { gate } of members) await gate.cli(['flush']);
    expect(await opensToReplays(heard)).toEqual([]);
    for (const [i, { gate }] of members.entries()) {
      await gate.stop();
      cpSync(snapshots[i] ?? '', gate.stateDir, { recursive: true, force: true, preserveTimestamps: true });
      await gate.start();
    }
    expect(await opensToReplays(heard)).toEqual([]);
  });

  it('opens once for a datagram that another member was sent and has not heard, as docs/groups.md says', async () => {
    for (const { gate } of members) await gate.cli(['flush']);
    await moveTo(0);
    const datagrams = await knock('web');
    await members[0]?.gate.cli(['flush']);
    expect(await opensToReplays(datagrams)).toEqual([`${GROUP} at member 1`, `${member(1).address} at member 1`]);
    await members[1]?.gate.cli(['flush']);
    expect(await opensToReplays(datagrams)).toEqual([]);
  });

  /** Sends packets to both members, at their own addresses and at the group's; names the addresses that opened. */
  async function opensToReplays(captured: readonly Uint8Array[]): Promise<string[]> {
    const opened: string[] = [];
    for (const [i, { address }] of members.entries()) {
      await moveTo(i);
      for (const to of [GROUP, address]) {
        await flood(star.client, { host: to, port: 443, count: captured.length, bodies: captured });
        if (await isOpen(star.client, to, 22, 250)) opened.push(`${to} at member ${i}`);
      }
    }
    return opened;
  }
});

/** A copy of a folder, deleted at the end. */
function scratchCopy(folder: string): string {
  const { dir } = scratch('snapshot');
  cpSync(folder, dir, { recursive: true, preserveTimestamps: true });
  return dir;
}
