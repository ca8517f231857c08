import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Head, Root } from '../../src/fleet/documents.ts';
import { formatParcel, type Parcel } from '../../src/fleet/parcel.ts';
import { Client } from '../rig/client.ts';
import { ruleFor, TestOrg, TestSigner } from '../rig/fleet-org.ts';
import { Scene } from '../rig/scene.ts';

const GATE = 'web1';
const DAY = 86_400;
const now = () => Math.floor(Date.now() / 1000);
const [ana, mallory] = [new TestSigner('ana'), new TestSigner('mallory')];

/** A gate in a fleet: its owner is a client of gate.toml, and ben is in the documents. */
describe('a gate of a fleet', () => {
  let scene: Scene;
  let ben: Client;
  let benKey: string;
  let org: TestOrg;
  const files = () => join(scene.gate.stateDir, 'fleet');

  beforeAll(async () => {
    scene = await Scene.make({ name: 'fleet' });
    ben = new Client(scene.pair.client);
    benKey = String((await ben.keygen('ben')).key);
    await ben.add(scene.line);
    org = new TestOrg([ana], { issued: now() - DAY, expires: now() + 365 * DAY });
  });
  afterAll(async () => {
    ben?.dispose();
    await scene?.end();
  });

  function headOf(number: number, people: readonly string[], more: Partial<Head> = {}, by = ana): Parcel {
    const devices = people.map((person) => ({ key: benKey, person, device: 'laptop', until: now() + 30 * DAY }));
    const gate = { id: GATE, key: scene.line.split(' ')[2] ?? '', rules: [ruleFor('ops')], teams: { ops: devices } };
    const times = { issued: now() - 60, expires: now() + 90 * DAY };
    return org.head([gate], { number, ...times, ...more }, [by]).parcelFor(GATE);
  }

  /** Has the gate take a parcel. @returns its exit code and what it said */
  async function apply(parcel: Parcel) {
    const file = join(scene.gate.dir, 'parcel');
    writeFileSync(file, formatParcel(parcel));
    scene.gate.give(file);
    const { code, stdout, stderr } = await scene.gate.cli(['fleet', 'apply', file]);
    return { code, said: stdout + stderr };
  }

  const getsIn = async (client: Client): Promise<boolean> => {
    await scene.gate.cli(['flush']);
    return (await client.json(['knock', 'target', '--force', '--timeout', '1'])).code === 0;
  };
  const both = async () => ({ owner: await getsIn(scene.client), ben: await getsIn(ben) });
  const status = async () => (await scene.gate.cli(['fleet', 'status'])).stdout;

  it('lets the devices of its documents in, beside its own clients', async () => {
    expect(await both()).toEqual({ owner: true, ben: false });
    expect((await scene.gate.cli(['fleet', 'adopt', org.org, '--as', GATE])).code).toBe(0);
    expect(await apply(headOf(1, ['ben']))).toMatchObject({ code: 0 });
    expect(await both()).toEqual({ owner: true, ben: true });
    expect((await scene.gate.cli(['client', 'list', '--json'])).stdout).toContain('"origin":"fleet"');
  });

  it('goes on after a restart', async () => {
    await scene.gate.restart();
    expect(await both()).toEqual({ owner: true, ben: true });
  });

  it.each([
    ['forged', () => headOf(2, ['mallory'], {}, mallory), 'head/2 is refused: 0 of 1'],
    ['changed', () => ({ ...headOf(2, ['ben']), list: '' }), 'list is refused: it is not the document that was signed'],
  ])('keeps its set when it is offered one that is %s', async (_, offered, why) => {
    const { code: exit, said } = await apply(offered());
    expect(said).toContain(why);
    expect(exit).toBe(3);
    expect(await both()).toEqual({ owner: true, ben: true });
  });

  it('shuts a revoked person out at once, and ends the grant', async () => {
    expect(await getsIn(ben)).toBe(true);
    const revs = [org.revocation(ana, 1, 'person', 'ben')];
    expect(await apply({ ...headOf(1, ['ben']), roots: [], revs })).toMatchObject({ code: 3 });
    expect((await scene.gate.cli(['list'])).stdout).not.toContain('ben/laptop');
    expect(await both()).toEqual({ owner: true, ben: false });
    const folded = [{ key: ana.keyId, number: 1 }];
    expect(await apply(headOf(2, ['ben'], { folded }))).toMatchObject({ code: 0 });
    expect(await both()).toEqual({ owner: true, ben: true });
  });

  it('refuses an older set, also when its own is torn; its owner gets in, and it says why', async () => {
    const whole = readFileSync(join(files(), 'set.json'));
    truncateSync(join(files(), 'set.json'), Math.floor(whole.length / 2));
    await scene.gate.restart();
    expect(await both()).toEqual({ owner: true, ben: false });
    expect(await status()).toContain('gate.toml alone counts');
    expect((await apply(headOf(1, ['ben']))).said).toContain('head/2 of root/1');
    expect(await apply(headOf(3, ['ben']))).toMatchObject({ code: 0 });
    expect(await both()).toEqual({ owner: true, ben: true });
  });

  it('lets both in when root and head have expired, and says so', async () => {
    const old = { issued: now() - 1800 * DAY, expires: now() - 1500 * DAY };
    const next: Partial<Root> = old;
    org.next(next, [ana]);
    expect(await apply(headOf(1, ['ben'], old))).toMatchObject({ code: 0 });
    await scene.gate.restart();
    expect(await both()).toEqual({ owner: true, ben: true });
    expect(await status()).toMatch(/head\/1 has expired[\s\S]*root\/2 has expired/);
  });

  it('refuses a set that leaves nobody who is known to get in, until a client is enrolled', async () => {
    scene.gate.configure({}, []);
    org.next({ issued: now(), expires: now() + 30 * DAY }, [ana]);
    expect((await apply(headOf(1, []))).said).toContain('nobody who is known to get in');
    scene.configure({});
    expect(await apply(headOf(1, []))).toMatchObject({ code: 0 });
    expect(await both()).toEqual({ owner: true, ben: false });
  });

  it('is left with its own clients, without a signature', async () => {
    expect(await apply(headOf(2, ['ben']))).toMatchObject({ code: 0 });
    expect(await both()).toEqual({ owner: true, ben: true });
    expect((await scene.gate.cli(['fleet', 'leave'])).code).toBe(0);
    expect(await both()).toEqual({ owner: true, ben: false });
  });
});
