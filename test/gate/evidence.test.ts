import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exec, LINK } from '../rig/netns.ts';
import { end, sleep } from '../rig/process.ts';
import { Scene } from '../rig/scene.ts';

describe('knockgated run --pcap', () => {
  let scene: Scene;

  beforeEach(async () => {
    scene = await Scene.make({ name: 'evidence' });
  });

  afterEach(async () => {
    await scene.end();
  });

  it('says of recorded packets what the gate said when they came, and opens nothing', async () => {
    const file = join(scene.gate.dir, 'evidence.pcap');
    const tcpdump = exec(
      scene.pair.target,
      ['tcpdump', '-Z', 'root', '-i', LINK, '--immediate-mode', '-U', '-w', file, 'udp'],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    await new Promise((resolve) => tcpdump.stderr?.once('data', resolve));
    const datagram = scene.seal();
    await scene.outcome(datagram);
    await scene.outcome(scene.seal({ timestamp: Date.now() - 70_000 }));
    await scene.send(datagram);
    await scene.flood({ count: 20 });
    await sleep(300);
    await end(tcpdump);
    await scene.gate.stop();
    const judged = await scene.gate.cli(['run', '--pcap', file, '--json'], { asRoot: true });
    expect(judged.stdout.trim()).toBe('{"packets":23,"knocks":2,"granted":1}');
    const said = judged.stderr
      .trim()
      .split('\n')
      .map((line): { event: string } => JSON.parse(line));
    const live = scene.gate.events.filter(({ event }) => event === 'granted' || event === 'refused');
    expect(said.map(({ event }) => event)).toEqual(['granted', 'refused']);
    expect(said[1]).toMatchObject({ reason: 'clock-skew' });
    expect(live.map(({ reason }) => reason)).toEqual([undefined, 'clock-skew']);
    expect(await scene.isOpen()).toBe(true);
  });

  it('refuses what is not a pcap file', async () => {
    const file = join(scene.gate.dir, 'text');
    writeFileSync(file, 'this is a text, and not at all a pcap file');
    const refused = await scene.gate.cli(['run', '--pcap', file], { asRoot: true });
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain('tcpdump -w FILE');
    expect((await scene.gate.cli(['run', '--pcap', '/nowhere'], { asRoot: true })).code).toBe(3);
  });
});
