import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { OpenPorts, openPortsFolder } from '../../../../src/ssh/hook/open-ports.ts';
import { windowsFolder } from '../../../../src/ssh/hook/open-window.ts';
import { temporaryFolder } from '../../client/support.ts';
import { bundleHelper, Hooked } from './hooked.ts';

let helper = '';
beforeAll(async () => {
  helper = await bundleHelper();
});

/** The block of the managed file does not apply: ssh connects by itself. */
const SSH_CONNECTS = { code: 1, out: '', err: '' };

describe('the hook before ssh connects', () => {
  it('asks for the host, and ends with the answer', async () => {
    const hooked = await Hooked.start(helper, () => 'done\n');
    // Whatever a terminal of the editor says that Node is to load first.
    const ran = await hooked.run(['ask', 'prod'], { NODE_OPTIONS: '--require /nowhere.js' });
    expect([ran, hooked.heard]).toEqual([SSH_CONNECTS, ['knock prod\n']]);
  });

  it('ends by itself when nobody answers', async () => {
    const hooked = await Hooked.start(helper, () => undefined);
    expect(await hooked.run(['ask', 'prod'])).toEqual(SSH_CONNECTS);
    // The program's end may arrive before its output.
    await vi.waitFor(() => expect(hooked.heard).toEqual(['knock prod\n']), 5000);
  });

  it.each([
    ['what was not expanded', ['ask', '%n'], {}],
    ['nothing', ['ask'], {}],
    ['a look at the configuration', ['ask', 'prod'], { KNOCKGATE_HOOK_OFF: '1' }],
  ])('does not ask for %s', async (_, args, env) => {
    const hooked = await Hooked.start(helper, () => 'done\n');
    expect([await hooked.run(args, env), hooked.heard]).toEqual([SSH_CONNECTS, []]);
  });

  it('ends without a word when the editor has gone', async () => {
    const hooked = await Hooked.start(helper, () => 'done\n');
    await hooked.close();
    expect(await hooked.run(['ask', 'prod'])).toEqual(SSH_CONNECTS);
  });
});

/*
 * Some SSH extensions (Open Remote - SSH by its library ssh-config, 4.4 to 5.3) read the configuration by themselves: they
 * run the command of `Match exec` by spawnSync, as the body of a function of a shell, in the process that is to answer. This
 * process does the same.
 */
describe('the hook that is run inside a window of the editor', () => {
  const evaluate = (hooked: Hooked, shell: string, verb: string) => {
    const command = `exec '${hooked.script.replaceAll("'", "'\\''")}' ${verb} prod`;
    return spawnSync(`function main {\n  ${command}\n}\nmain`, { shell });
  };

  it.each([
    ['/bin/sh', 'ask-or-carry', true],
    ['/bin/bash', 'ask-or-carry', true],
    ['/bin/sh', 'ask', true],
    ['/bin/sh', 'ask-or-carry', false],
  ])(
    'does not wait, and makes the block apply: %s, %s, in the window that answers: %s',
    async (shell, verb, answers) => {
      const hooked = await Hooked.start(helper, () => 'done\n');
      hooked.enterWindow(process.pid, answers);
      // This process cannot answer before spawnSync has returned.
      expect(evaluate(hooked, shell, verb).status).toBe(0);
      expect(hooked.heard).toEqual([]);
      await vi.waitFor(() => expect(hooked.heard).toEqual(['knock prod\n']), 5000);
    },
  );

  it('does not hold it up, however long the helper takes', async () => {
    const file = join(temporaryFolder(), 'pid');
    const lingering = `require('node:fs').writeFileSync(${JSON.stringify(file)}, String(process.pid)); setInterval(() => {}, 1000)`;
    const hooked = await Hooked.start(lingering, () => 'done\n');
    hooked.enterWindow(process.pid, true);
    expect(evaluate(hooked, '/bin/sh', 'ask-or-carry').status).toBe(0);
    await vi.waitFor(() => expect(existsSync(file) && readFileSync(file, 'utf8')).toMatch(/^\d+$/), 5000);
    process.kill(Number(readFileSync(file, 'utf8')));
  });

  it.each([
    ['a host with a ProxyCommand of its own, which another window answers', 'ask', process.pid],
    ['ssh', 'ask-or-carry', process.ppid],
  ])('is waited for by %s', async (_, verb, pid) => {
    const hooked = await Hooked.start(helper, () => undefined);
    hooked.enterWindow(pid, false);
    expect(evaluate(hooked, '/bin/sh', verb).status).toBe(1);
    await vi.waitFor(() => expect(hooked.heard).toEqual(['knock prod\n']), 5000);
  });
});

/** Every run of the editor's program leaves a byte in a file. */
async function counted(answer: () => string | undefined): Promise<{ hooked: Hooked; starts: () => number }> {
  const file = join(temporaryFolder(), 'starts');
  writeFileSync(file, '');
  const counting = `require('node:fs').appendFileSync(${JSON.stringify(file)}, 'x');\n${helper}`;
  return { hooked: await Hooked.start(counting, answer), starts: () => statSync(file).size };
}

describe('the hook without Node', () => {
  /** No process has it: the largest that Linux gives is 4194304. */
  const DEAD = 99_999_999;

  it('ends at once when all windows of the editor have died', async () => {
    const { hooked, starts } = await counted(() => 'done\n');
    hooked.enterWindow(DEAD, true);
    hooked.enterWindow(DEAD + 1, false);
    expect(await hooked.run(['ask', 'prod'])).toEqual(SSH_CONNECTS);
    expect(starts()).toBe(0);
  });

  it.each<[string, (hooked: Hooked) => void]>([
    ['one window is left', (hooked) => hooked.enterWindow(process.ppid, true)],
    ['the folder of the windows is missing', (hooked) => rmSync(windowsFolder(hooked.socket), { recursive: true })],
    ['something else is in that folder', (hooked) => writeFileSync(join(windowsFolder(hooked.socket), 'x'), '')],
  ])('asks when %s', async (_, change) => {
    const { hooked, starts } = await counted(() => 'done\n');
    hooked.enterWindow(DEAD, true);
    change(hooked);
    expect(await hooked.run(['ask', 'prod'])).toEqual(SSH_CONNECTS);
    expect([starts(), hooked.heard]).toEqual([1, ['knock prod\n']]);
  });

  it('asks when process ids say nothing, as in a container', async () => {
    const hooked = await Hooked.start(helper, () => 'done\n', 'pid:[1]');
    hooked.enterWindow(DEAD, true);
    expect(await hooked.run(['ask', 'prod'])).toEqual(SSH_CONNECTS);
    expect(hooked.heard).toEqual(['knock prod\n']);
  });

  const fromNow = (seconds: number) => Date.now() + seconds * 1000;
  const tell = (hooked: Hooked, untilMs: number, trustedUntilMs: number) =>
    new OpenPorts(hooked.socket).tell(new Map([['prod', { untilMs, trustedUntilMs }]]));

  it('ends at once when the port was seen open a short while ago', async () => {
    const { hooked, starts } = await counted(() => 'done\n');
    tell(hooked, fromNow(20), fromNow(9));
    expect(await hooked.run(['ask', 'prod'])).toEqual(SSH_CONNECTS);
    expect(starts()).toBe(0);
    expect(await hooked.run(['ask', 'other'])).toEqual(SSH_CONNECTS);
    expect(hooked.heard).toEqual(['knock other\n']);
  });

  it('does not wait while the port is open, and the editor checks meanwhile', async () => {
    // Nobody answers: ssh would wait.
    const file = join(temporaryFolder(), 'pid');
    const lingering = `require('node:fs').writeFileSync(${JSON.stringify(file)}, String(process.pid)); setInterval(() => {}, 1000)`;
    const hooked = await Hooked.start(lingering, () => undefined);
    tell(hooked, fromNow(20), fromNow(-1));
    expect(await hooked.run(['ask', 'prod'])).toEqual(SSH_CONNECTS);
    await vi.waitFor(() => expect(existsSync(file) && readFileSync(file, 'utf8')).toMatch(/^\d+$/), 5000);
    process.kill(Number(readFileSync(file, 'utf8')));
  });

  it.each<[string, string]>([
    ['is over', `${Math.floor(fromNow(-5) / 1000)} ${Math.floor(fromNow(-15) / 1000)}\n`],
    ['is from a clock that was set back', `${Math.floor(fromNow(-1) / 1000)} ${Math.floor(fromNow(3600) / 1000)}\n`],
    ['is half written', '17\n'],
    ['says something else', '$(reboot) `reboot`\n'],
    ['is empty', ''],
  ])('waits for the editor when the note of an open door %s', async (_, note) => {
    const hooked = await Hooked.start(helper, () => 'done\n');
    mkdirSync(openPortsFolder(hooked.socket));
    writeFileSync(join(openPortsFolder(hooked.socket), 'prod'), note);
    expect(await hooked.run(['ask', 'prod'])).toEqual(SSH_CONNECTS);
    expect(hooked.heard).toEqual(['knock prod\n']);
  });
});
