import { once } from 'node:events';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { askDaemon } from '../../../../server-helper/control/client.ts';
import type { ControlRequest } from '../../../../server-helper/control/protocol.ts';
import { type ControlHandler, listenForControl } from '../../../../server-helper/control/server.ts';
import { refusedByDaemon } from '../../../../server-helper/problems.ts';
import { ExitCode } from '../../../../src/base/problem.ts';
import { problemOf, temporaryFolder } from '../support.ts';
import { raw } from './support.ts';

let path: string;
let asked: ControlRequest[];
beforeEach(() => {
  path = join(temporaryFolder(), 'control.sock');
  asked = [];
});

const echo: ControlHandler = async (request) => {
  asked.push(request);
  return { asked: request.command };
};

async function listen(handler = echo): Promise<Server> {
  const server = await listenForControl(path, handler);
  onTestFinished(() => void server.close());
  return server;
}

describe('the control socket', () => {
  it.each<ControlRequest>([
    { command: 'status' },
    { command: 'list' },
    { command: 'reload' },
    { command: 'flush' },
    { command: 'grant', address: '198.51.100.7', ports: [] },
    { command: 'grant', address: '2001:db8::7', ports: ['tcp/22'], seconds: 5 },
    { command: 'revoke', whom: 'alice' },
  ])('passes on %j', async (request) => {
    await listen();
    expect(await askDaemon(path, request)).toEqual({ asked: request.command });
    expect(asked).toEqual([request]);
  });

  it('is its owner’s and its group’s alone', async () => {
    await listen();
    expect(statSync(path).mode & 0o777).toBe(0o660);
  });

  it('leaves the rights of files that are made later as they were', async () => {
    const before = process.umask();
    await listen();
    expect(process.umask()).toBe(before);
  });

  it('takes a request in pieces', async () => {
    await listen();
    const answer = await raw(
      path,
      '{"comm',
      'and":"revoke","whom":"',
      Buffer.from('é').subarray(0, 1),
      Buffer.from('é').subarray(1),
      '"}\n',
    );
    expect(JSON.parse(answer)).toEqual({ ok: true, result: { asked: 'revoke' } });
    expect(asked).toEqual([{ command: 'revoke', whom: 'é' }]);
  });

  it('answers one request a connection', async () => {
    await listen();
    const answer = await raw(path, '{"command":"list"}\n{"command":"flush"}\n');
    expect(answer.split('\n')).toHaveLength(2);
    expect(asked).toEqual([{ command: 'list' }]);
  });

  it('answers many at once', async () => {
    await listen();
    const answers = await Promise.all(Array.from({ length: 30 }, () => askDaemon(path, { command: 'list' })));
    expect(answers).toHaveLength(30);
  });

  it.each([
    ['no JSON', 'status', 'one JSON object a line'],
    ['an empty line', '', 'one JSON object a line'],
    ['bytes that are not text', '\u0000\ufffd', 'one JSON object a line'],
    ['a list', '[]', 'not known to this daemon'],
    ['nothing', 'null', 'not known to this daemon'],
    ['a text', '"status"', 'not known to this daemon'],
    ['no command', '{}', 'not known to this daemon'],
    ['another command', '{"command":"exec"}', 'not known to this daemon'],
    ['a command that every object has', '{"command":"toString"}', 'not known to this daemon'],
    ['a grant without an address', '{"command":"grant","ports":[]}', 'not known to this daemon'],
    ['a grant without ports', '{"command":"grant","address":"198.51.100.7"}', 'not known to this daemon'],
    ['a grant of ports by number', '{"command":"grant","address":"198.51.100.7","ports":[22]}', 'not known'],
    ['a grant of one text', '{"command":"grant","address":"198.51.100.7","ports":"tcp/22"}', 'not known'],
    ['seconds in words', '{"command":"grant","address":"198.51.100.7","ports":[],"seconds":"5"}', 'not known'],
    ['nobody to revoke', '{"command":"revoke"}', 'not known to this daemon'],
  ])('refuses %s', async (_, line, said) => {
    await listen();
    const answer = JSON.parse(await raw(path, `${line}\n`));
    expect(answer).toMatchObject({ ok: false, error: { code: 'refused', exit: ExitCode.usage } });
    expect(answer.error.what).toContain(said);
    expect(asked).toEqual([]);
  });

  it('refuses a line without an end rather than keep it', async () => {
    await listen();
    const answer = JSON.parse(await raw(path, 'x'.repeat(65_537)));
    expect(answer).toMatchObject({ ok: false, error: { code: 'refused' } });
    expect(JSON.stringify(answer).length).toBeLessThan(500);
  });

  it('passes on a problem as it is, and hides what is a fault of ours behind its own words', async () => {
    await listen(async ({ command }) => {
      if (command === 'list') throw refusedByDaemon('Not today.');
      throw new TypeError('x is undefined');
    });
    expect(await problemOf(() => askDaemon(path, { command: 'list' }))).toEqual({
      code: 'refused',
      what: 'Not today.',
      exit: ExitCode.usage,
    });
    expect(await problemOf(() => askDaemon(path, { command: 'flush' }))).toMatchObject({
      code: 'fault',
      what: 'x is undefined',
      exit: ExitCode.fault,
    });
  });

  it('outlives who asks and goes', async () => {
    let answer = () => {};
    const waiting = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await listen(async () => await waiting);
    const socket = connect(path);
    await new Promise((resolve) => socket.write('{"command":"list"}\n', resolve));
    socket.destroy();
    answer();
    expect(await askDaemon(path, { command: 'list' })).toBeUndefined();
  });
});

describe('a second daemon', () => {
  it('is told that there is one', async () => {
    await listen();
    const problem = await problemOf(() => listenForControl(path, echo));
    expect(problem).toMatchObject({ code: 'already-running', exit: ExitCode.inUse });
    expect(problem.why).toContain(path);
    expect(await askDaemon(path, { command: 'list' })).toEqual({ asked: 'list' });
  });

  it('takes the place of one that died', async () => {
    writeFileSync(path, 'left behind');
    await listen();
    expect(await askDaemon(path, { command: 'list' })).toEqual({ asked: 'list' });
  });

  it('says when it cannot listen', async () => {
    path = join(temporaryFolder(), 'no', 'control.sock');
    const before = process.umask();
    expect(await problemOf(() => listenForControl(path, echo))).toMatchObject({ code: 'file-unwritable' });
    expect(process.umask()).toBe(before);
  });
});

describe('who asks', () => {
  it('is told that no daemon answers', async () => {
    const problem = await problemOf(() => askDaemon(path, { command: 'status' }));
    expect(problem).toMatchObject({ code: 'not-running', exit: ExitCode.fault });
    expect(problem.next).toContain('systemctl start knockgate');
  });

  it.each(['', '{"ok":true,"res', '\n'])('is told so too when the daemon ends in the middle of %j', async (answer) => {
    const server = createServer((socket) => socket.end(answer)).listen(path);
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    expect(await problemOf(() => askDaemon(path, { command: 'status' }))).toMatchObject({ code: 'not-running' });
  });

  it('and may not is told which rights it takes', async () => {
    const folder = join(temporaryFolder(), 'closed');
    mkdirSync(folder);
    path = join(folder, 'control.sock');
    await listen();
    chmodSync(folder, 0);
    // Root may go everywhere: for a moment somebody else asks.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65534);
    const problem = await problemOf(() => askDaemon(path, { command: 'status' })).finally(() => {
      if (isRoot) process.seteuid?.(0);
      chmodSync(folder, 0o700);
    });
    expect(problem).toMatchObject({ code: 'control-forbidden', exit: ExitCode.privilege });
    expect(problem.next).toContain('the group knockgate');
  });
});
