import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Kept } from '../../../../server-helper/config/kept.ts';
import { machineMark, makeGateKey } from '../../../../server-helper/config/keys.ts';
import { loadingGate } from '../../../../server-helper/config/load.ts';
import { adopt, apply, leave, statusOf } from '../../../../server-helper/fleet/commands.ts';
import { SetInForce } from '../../../../server-helper/fleet/source.ts';
import { atOnce } from '../../../../server-helper/in-slices.ts';
import { type Paths, pathsFrom } from '../../../../server-helper/paths.ts';
import { formatParcel } from '../../../../src/fleet/parcel.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { formatKey } from '../../../../src/spa/keys.ts';
import { ISSUED, ruleFor, TestOrg, TestSigner, YEAR } from '../../../rig/fleet-org.ts';

const NOW = (ISSUED + 60) * 1000;
const keyOf = (n: number): string => formatKey(nodeCrypto.publicKey(new Uint8Array(32).fill(n)));

describe('a gate in a fleet', () => {
  const owner = new TestSigner('owner');
  const fleet = new TestOrg([owner]);
  let folder: string;
  let paths: Paths;
  let gateKey: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'knockgate-fleet-'));
    const [state, runtime] = [join(folder, 'state'), join(folder, 'run')];
    for (const each of [state, runtime]) mkdirSync(each);
    const config = join(folder, 'gate.toml');
    writeFileSync(config, `[gate]\n[[client]]\nname = "mine"\nkey = "${keyOf(1)}"\n`);
    paths = pathsFrom({ STATE_DIRECTORY: state, RUNTIME_DIRECTORY: runtime }, config);
    gateKey = formatKey(nodeCrypto.publicKey(makeGateKey(nodeCrypto, paths.key, machineMark(), false)));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const device = (person: string, n: number) => ({ key: keyOf(n), person, device: 'laptop', until: ISSUED + YEAR });
  const parcel = (people: ReturnType<typeof device>[], number = 1, breakGlass: string[] = []) =>
    fleet
      .head([{ id: 'web1', key: gateKey, rules: [ruleFor('ops')], breakGlass, teams: { ops: people } }], { number }, [
        owner,
      ])
      .parcelFor('web1');
  const kept = new Kept();
  const names = (now = NOW): string[] => {
    kept.fleet = new SetInForce(paths, () => now);
    return atOnce(loadingGate(nodeCrypto, paths, kept)).clients.map(({ policy }) => policy.name);
  };

  it('lets in the clients of a set beside its own, and lets go of them when it leaves', async () => {
    adopt(paths, fleet.org, 'web1');
    expect(names()).toEqual(['mine']);
    const applied = await apply(paths, formatParcel(parcel([device('ben', 2), device('cy', 3)])), NOW);
    expect(applied).toMatchObject({ head: 1, root: 1, clients: 2, reloaded: false, alarms: [] });
    expect(names()).toEqual(['mine', 'ben/laptop', 'cy/laptop']);
    expect(await leave(paths)).toEqual({ left: true, reloaded: false });
    expect(names()).toEqual(['mine']);
  });

  it('keeps the whole set when a later one is refused, and counts its revocations', async () => {
    adopt(paths, fleet.org, 'web1');
    await apply(paths, formatParcel(parcel([device('ben', 2), device('cy', 3)], 2)), NOW);
    const older = { ...parcel([device('eve', 4)], 1), revs: [fleet.revocation(owner, 1, 'person', 'ben')] };
    await expect(apply(paths, formatParcel(older), NOW)).rejects.toThrow('head/1 is refused');
    expect(names()).toEqual(['mine', 'cy/laptop']);
  });

  it('counts its own client where a document has the same key, and says so', async () => {
    adopt(paths, fleet.org, 'web1');
    await apply(paths, formatParcel(parcel([device('ben', 1)])), NOW);
    expect(names()).toEqual(['mine']);
    expect(statusOf(paths, NOW).alarms).toEqual(['fleet: ben/laptop has the key of mine of gate.toml, which counts']);
  });

  it('refuses a set that leaves nobody who is known to get in', async () => {
    writeFileSync(paths.config, '[gate]\n');
    adopt(paths, fleet.org, 'web1');
    await expect(apply(paths, formatParcel(parcel([device('ben', 2)], 1, ['ben/laptop'])), NOW)).rejects.toThrow(
      'refused',
    );
    expect(names()).toEqual([]);
  });

  it.each(['', 'torn', '{}'])('gets on with gate.toml alone when the set is %j', async (text) => {
    adopt(paths, fleet.org, 'web1');
    await apply(paths, formatParcel(parcel([device('ben', 2)])), NOW);
    const file = join(paths.state, 'fleet', 'set.json');
    expect(readFileSync(file, 'utf8')).not.toBe('');
    writeFileSync(file, text);
    expect(names()).toEqual(['mine']);
    expect(kept.fleet?.alarms[0]).toContain('the state folder cannot be used, gate.toml alone counts');
  });

  it('keeps a set whose head and root expired years ago', async () => {
    adopt(paths, fleet.org, 'web1');
    await apply(paths, formatParcel(parcel([device('ben', 2)], 1, ['ben/laptop'])), NOW);
    expect(names(NOW + 5 * YEAR * 1000)).toEqual(['mine', 'ben/laptop']);
    expect(kept.fleet?.alarms).toEqual([
      'fleet: head/1 has expired: what is in force stays',
      'fleet: root/1 has expired: what is in force stays',
    ]);
  });
});
