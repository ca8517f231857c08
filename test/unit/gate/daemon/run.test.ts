import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addClient, removeClient } from '../../../../server-helper/manage/client.ts';
import { nodeCrypto } from '../../../../src/spa/crypto-node.ts';
import { formatKey } from '../../../../src/spa/keys.ts';
import { problemOf } from '../support.ts';
import { boundSocket, closed, FWKNOP_KEYS, scene, start } from './run-support.ts';

describe('a daemon starts without broken parts of fwknop', () => {
  it('or of a rotation; a reload skips the same, and nothing else', async () => {
    const made = await scene();
    rmSync(join(made.folder, 'laptops'));
    writeFileSync(made.paths.previousKey, 'x\n', { mode: 0o640 });
    const { child, until } = start(made);
    const said = (await until('armed')).filter((line) => line.includes('"skipped"'));
    expect(said).toEqual([
      expect.stringContaining('the previous key: '),
      expect.stringContaining('[[fwknop]] laptops: '),
      // Its library is not beside this daemon.
      expect.stringContaining('[[fwknop]] alice: '),
    ]);
    // What is whole is heard.
    await expect(boundSocket(made.fwknopPort)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const reload = async (event: 'skipped' | 'reload-failed' | 'reloaded') => {
      child.kill('SIGHUP');
      return (await until(event)).at(-1) ?? '';
    };
    await reload('reloaded');
    const stillOut = [await until('skipped'), await until('skipped'), await until('skipped')];
    expect(stillOut.map((lines) => lines.at(-1)?.replace(/.*"detail"/, ''))).toEqual(
      said.map((line) => line.replace(/.*"detail"/, '')),
    );
    // Broken in another way, since somebody has tried to mend it: that is an error.
    writeFileSync(join(made.folder, 'laptops'), 'no keys\n', { mode: 0o600 });
    expect(await reload('reload-failed')).toContain('laptops');
    writeFileSync(join(made.folder, 'laptops'), FWKNOP_KEYS, { mode: 0o600 });
    rmSync(made.paths.previousKey);
    const mended = [await reload('reloaded'), ...(await until('skipped'))];
    expect(mended.at(-1)).toContain('[[fwknop]] alice: ');
    expect(mended.filter((line) => line.includes('"skipped"'))).toHaveLength(1);
    // What is in force is not lost to a reload.
    rmSync(join(made.folder, 'phones'));
    expect(await reload('reload-failed')).toContain(join(made.folder, 'phones'));
  });

  it('and a client can be added or removed meanwhile', async () => {
    const made = await scene();
    rmSync(join(made.folder, 'laptops'));
    const { until } = start(made);
    await until('armed');
    const key = formatKey(nodeCrypto.publicKey(new Uint8Array(32).fill(7)));
    const line = `knockgate1 client ${key} alice-laptop`;
    const taken = { name: 'alice-laptop', reloaded: true };
    expect(await addClient(made.paths, line, { name: undefined, ports: [] })).toEqual({ ...taken, known: false });
    expect(await removeClient(made.paths, 'alice-laptop')).toEqual({ ...taken, nobody_left: false });
    rmSync(join(made.folder, 'phones'));
    expect((await problemOf(() => addClient(made.paths, line, { name: undefined, ports: [] }))).code).toBe(
      'not-in-force',
    );
  });

  it('such as the part that hears it', async () => {
    const made = await scene();
    rmSync(made.part);
    expect((await start(made).until('armed')).join('\n')).toContain(
      `fwknop_port ${made.fwknopPort}: knockgated-fwknop.cjs`,
    );
  });

  it('such as its port, which another program has', async () => {
    const made = await scene();
    const taken = await boundSocket(made.fwknopPort);
    const { child, until } = start(made);
    const said = `fwknop_port ${made.fwknopPort}: Another program already listens`;
    expect((await until('armed')).join('\n')).toContain(said);
    child.kill('SIGHUP');
    const lines = [...(await until('reloaded')), ...(await until('skipped')), ...(await until('skipped'))];
    expect(lines.join('\n')).toContain(said);
    // As soon as it is free, a reload is enough.
    await closed(taken);
    child.kill('SIGHUP');
    await until('reloaded');
    await expect(boundSocket(made.fwknopPort)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('and hears it from a reload on when there was nobody to hear', async () => {
    const made = await scene();
    const text = readFileSync(made.paths.config, 'utf8');
    writeFileSync(made.paths.config, text.slice(0, text.indexOf('[[fwknop]]')));
    const { child, until } = start(made);
    await until('armed');
    const taken = await boundSocket(made.fwknopPort);
    writeFileSync(made.paths.config, text.slice(0, text.lastIndexOf('[[fwknop]]')));
    // New, and broken.
    child.kill('SIGHUP');
    expect((await until('reload-failed')).at(-1)).toContain('Another program already listens');
    await closed(taken);
    child.kill('SIGHUP');
    await until('reloaded');
    await expect(boundSocket(made.fwknopPort)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
