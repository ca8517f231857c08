import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { scratch } from '../rig/cleanup.ts';
import { countTags, loadNft } from '../rig/nft.ts';
import { Scene } from '../rig/scene.ts';

/** A mount namespace in which a script replaces nft: it notes its arguments, which every local user could read. */
function listening() {
  const { dir, discard } = scratch('nft');
  onTestFinished(discard);
  chmodSync(dir, 0o755);
  const [log, script, real] = ['log', 'nft', 'real'].map((name) => join(dir, name));
  writeFileSync(`${log}`, '');
  chmodSync(`${log}`, 0o666);
  writeFileSync(`${real}`, '');
  writeFileSync(`${script}`, `#!/bin/sh\necho "nft $*" >>${log}\nexec ${real} "$@"\n`, { mode: 0o755 });
  const mounts =
    'set -e; nft=$(realpath /usr/sbin/nft); mount --bind "$nft" "$2"; mount --bind "$1" "$nft"; shift 2; exec "$@"';
  const through = ['unshare', '--mount', 'sh', '-c', mounts, 'sh', `${script}`, `${real}`];
  return { through, started: () => readFileSync(`${log}`, 'utf8').trim().split('\n') };
}

it('no tag, nor who was let in, is in the arguments of a program that the gate starts', async () => {
  const { through, started } = listening();
  const scene = await Scene.make({ name: 'argv', gate: { through } });
  onTestFinished(() => scene.end());
  const tags = await countTags(scene.pair.target);
  expect(tags).toBeGreaterThan(100);
  await scene.outcome(scene.seal({ duration: 100 }));
  await scene.reconfigure({});
  const since = scene.gate.events.length;
  await loadNft(scene.pair.target, 'delete table inet knockgate');
  await scene.gate.audit(({ event }) => event === 'firewall-restored', 10_000, since);
  await scene.gate.cli(['flush']);
  await scene.gate.stop();
  const lines = started();
  for (const usual of [/ -i$/, / -f -$/, / list ruleset inet$/])
    expect(lines.some((line) => usual.test(line))).toBe(true);
  expect(lines.filter((line) => /0x[0-9a-f]|\btags\b|192\.0\.2/.test(line))).toEqual([]);
});
