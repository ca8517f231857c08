import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bundleHelper, ended, Hooked } from './hooked.ts';

let helper = '';
beforeAll(async () => {
  helper = await bundleHelper();
});

/** A server on loopback that does something with each connection; where it listens. */
async function server(serve: (socket: Socket) => void, host = '127.0.0.1'): Promise<string> {
  const listening = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    serve(socket);
  }).listen(0, host);
  await once(listening, 'listening');
  onTestFinished(() => {
    listening.close();
  });
  return String((listening.address() as AddressInfo).port);
}

const echo = (socket: Socket) => {
  socket.write('hello\n');
  socket.pipe(socket);
};

/** A port that nobody listens at. */
async function freePort(): Promise<string> {
  const listening = createServer().listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  await new Promise((resolve) => listening.close(resolve));
  return String(port);
}

describe('the ProxyCommand of the hook', () => {
  it('waits until the port is open, then carries both ways to the end', async () => {
    let isOpen = false;
    const early: string[] = [];
    const port = await server((socket) => {
      if (!isOpen) early.push('connected before the port was open');
      echo(socket);
    });
    const hooked = await Hooked.start(helper, () => {
      isOpen = true;
      return 'done\n';
    });
    const child = hooked.spawn(['carry', 'prod', '127.0.0.1', port]);
    const done = ended(child);
    child.stdin?.end('and back\n');
    expect(await done).toEqual({ code: 0, out: 'hello\nand back\n', err: '' });
    expect([hooked.heard, early]).toEqual([[`open prod ${port}\n`], []]);
  });

  it('connects without a word when the editor is closed, and asks for nothing when the hook is off', async () => {
    const port = await server(echo);
    const hooked = await Hooked.start(helper, () => undefined);
    const carry = async (env: Record<string, string>) => {
      const child = hooked.spawn(['carry', 'prod', '127.0.0.1', port], env);
      child.stdin?.end();
      return ended(child);
    };
    const plainly = { code: 0, out: 'hello\n', err: '' };
    expect([await carry({ KNOCKGATE_HOOK_OFF: '1' }), hooked.heard]).toEqual([plainly, []]);
    await hooked.close();
    expect(await carry({})).toEqual(plainly);
  });

  it('closes its output when the server does, though its input goes on', async () => {
    const port = await server((socket) => socket.end('bye\n'));
    const hooked = await Hooked.start(helper, () => 'done\n');
    const child = hooked.spawn(['carry', 'prod', '127.0.0.1', port]);
    const done = ended(child);
    if (child.stdout) await once(child.stdout, 'end');
    child.stdin?.end();
    expect(await done).toMatchObject({ code: 0, err: '' });
  });

  it('tries the addresses of a name in turn', async () => {
    // Most systems have ::1 for this name as well, where nobody listens.
    const port = await server(echo, '127.0.0.1');
    const hooked = await Hooked.start(helper, () => 'done\n');
    const child = hooked.spawn(['carry', 'prod', 'localhost', port]);
    child.stdin?.end();
    expect(await ended(child)).toMatchObject({ code: 0, out: 'hello\n' });
  });

  it('says what went wrong', async () => {
    const hooked = await Hooked.start(helper, () => 'done\n');
    const complaint = async (host: string, port: string) => {
      const child = hooked.spawn(['carry', 'prod', host, port]);
      child.stdin?.on('error', () => {});
      child.stdin?.write('hello\n');
      return ended(child);
    };
    const free = await freePort();
    expect(await complaint('127.0.0.1', free)).toEqual({
      code: 1,
      out: '',
      err: `knockgate: prod: no connection to port ${free} of 127.0.0.1: 127.0.0.1 refused it.\n`,
    });
    expect(await complaint('nowhere.invalid', '22')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^knockgate: prod: no address was found for nowhere\.invalid \(E?[A-Z_]+\)\.\n$/),
    });
    const breaking = await server((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await complaint('127.0.0.1', breaking)).toMatchObject({
      code: 1,
      err: 'knockgate: prod: the connection broke (ECONNRESET).\n',
    });
  });

  it.each([
    ['prod', '-oX', '22'],
    ['prod', 'a\u001b[2J', '22'],
    ['prod', 'a b', '22'],
    ['prod', '$(id)', '22'],
    ['prod', '%h', '%p'],
    ['prod', '127.0.0.1', '0'],
    ['prod', '127.0.0.1', '65536'],
    ['prod', '127.0.0.1', ''],
    ['%n', '127.0.0.1', '22'],
  ])('refuses what ssh would not hand over: %j', async (...args) => {
    const hooked = await Hooked.start(helper, () => 'done\n');
    expect(await hooked.run(['carry', ...args])).toEqual({
      code: 1,
      out: '',
      err: 'knockgate: the SSH configuration must run this program with the name of a host, %h and %p.\n',
    });
    expect(hooked.heard).toEqual([]);
  });

  it('goes on after a hang-up while its connection is used, and ends when it is not', async () => {
    // This server closes nothing by itself, like one that is out of reach.
    const port = await server((socket) => {
      socket.write('hello\n');
      socket.on('data', (data) => socket.write(data));
    });
    const hooked = await Hooked.start(helper, () => 'done\n');
    const child = hooked.spawn(['carry', 'prod', '127.0.0.1', port]);
    const done = ended(child);
    const heard: string[] = [];
    child.stdout?.on('data', (data) => heard.push(String(data)));
    await expect.poll(() => heard.join('')).toBe('hello\n');
    for (const signal of ['SIGHUP', 'SIGINT'] as const) {
      child.kill(signal);
      child.stdin?.write('still here\n');
      await expect.poll(() => heard.join('').endsWith('still here\n')).toBe(true);
      heard.length = 0;
    }
    child.stdin?.end();
    expect(await done).toMatchObject({ code: 0, err: '' });
  });
});
