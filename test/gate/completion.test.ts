import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT } from '../../src/command-table/client/program.ts';
import { completionFor } from '../../src/command-table/completion/completion.ts';
import { commandsOf, optionsOf } from '../../src/command-table/entry.ts';
import { GATE } from '../../src/command-table/gate/program.ts';
import { scratch } from '../rig/cleanup.ts';
import { must } from '../rig/process.ts';
import { Typist } from '../rig/typist.ts';

const HOSTS = '[prod]\ngate = "knockgate1 gate RTM4bLSdPTyQ7wCcCOyXbWFBXpNtlqQSpyo4WHS9Gyo 32 192.0.2.1 443 prod"\n';

/** Lines that are typed, and something that is proposed for each. */
const TYPED: readonly (readonly [line: string, proposed: readonly string[], not: string])[] = [
  ['knockgate ', ['knock', 'deploy', 'completion', 'help'], '--port'],
  ['knockgate knock ', ['prod'], 'knock'],
  ['knockgate knock --force ', ['prod'], 'knock'],
  ['knockgate knock --port 22 ', ['prod'], '22'],
  ['knockgate knock prod --', ['--port', '--timeout', '--json'], '--hide'],
  ['knockgate help ', ['knock', 'exit-codes'], '--port'],
  ['knockgate deploy --ssh ', ['system', 'library'], 'prod'],
  ['knockgate gate ', ['prod'], 'status'],
  ['knockgate gate prod ', ['status', 'client', 'rotate'], 'prod'],
  ['knockgate gate --ssh system prod client ', ['add', 'list', 'remove'], 'status'],
  ['knockgate gate prod client add --', ['--psk-file', '--identity', '--json'], '--days'],
  ['knockgate completion ', ['bash', 'zsh', 'fish'], 'prod'],
];

describe('completion', () => {
  const { dir, discard } = scratch('completion');
  const env = { ...process.env, HOME: dir, PATH: `${join(dir, 'bin')}:${process.env.PATH}`, XDG_CONFIG_HOME: '' };
  const script = (shell: string, name = 'knockgate') => join(dir, `${name}.${shell}`);

  beforeAll(() => {
    mkdirSync(join(dir, 'bin'));
    mkdirSync(join(dir, '.config/knockgate'), { recursive: true });
    symlinkSync(resolve('dist/knockgate.cjs'), join(dir, 'bin/knockgate'));
    writeFileSync(join(dir, '.config/knockgate/hosts.toml'), HOSTS);
    for (const shell of ['bash', 'zsh', 'fish'])
      for (const program of [CLIENT, GATE])
        writeFileSync(script(shell, program.name), completionFor(shell, program) ?? '');
  });
  afterAll(discard);

  /** Proposals of bash, asked as it asks itself. */
  const bash = async (line: string, name = 'knockgate') => {
    const words = line.split(' ');
    const ask = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }; _${name}; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return (await must(['bash', '-c', ask, 'bash', script('bash', name), ...words], { env })).split('\n');
  };

  const fish = async (line: string, name = 'knockgate') => {
    const said = await must(
      ['fish', '--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', script('fish', name), line],
      { env },
    );
    return said.split('\n').map((each) => each.split('\t')[0] ?? '');
  };

  describe.each([
    ['bash', bash],
    ['fish', fish],
  ])('of %s', (_, ask) => {
    it.each(TYPED)('proposes for "%s": %j', async (line, proposed, not) => {
      const found = await ask(line);
      expect(found).toEqual(expect.arrayContaining([...proposed]));
      expect(found).not.toContain(not);
    });

    it.each(commandsOf(CLIENT).map((command) => [command.name, command] as const))(
      'has every option of knockgate %s',
      async (name, command) => {
        const options = optionsOf(CLIENT, command).map((option) => `--${option.name}`);
        if (options.length > 0) expect(await ask(`knockgate ${name} --`)).toEqual(expect.arrayContaining(options));
      },
    );

    it.each(commandsOf(GATE).map((command) => [command.name, command] as const))(
      'has every option of knockgated %s',
      async (name, command) => {
        const options = optionsOf(GATE, command).map((option) => `--${option.name}`);
        expect(await ask(`knockgated ${name} --`, 'knockgated')).toEqual(expect.arrayContaining(options));
      },
    );
  });

  it('of zsh works at a terminal: commands, hosts, options, and the words for the gate', async () => {
    const at = new Typist('zsh -f', { env });
    at.type("PS1='ready> '; autoload -Uz compinit; compinit -u -D\r");
    at.type(`source ${script('zsh')}; source ${script('zsh', 'knockgated')}; echo loaded\r`);
    await at.sees(/\nloaded/);
    const proposes = async (line: string, what: RegExp) => {
      at.type(`\u0015${line}\t`);
      await at.sees(what);
    };
    await proposes('knockgate ', /deploy +-- Set up a gate/);
    await proposes('knockgate knock ', /prod/);
    await proposes('knockgate knock prod --', /--timeout +-- how long to wait/);
    await proposes('knockgate gate prod client ', /remove +-- Let a client knock no more/);
    await proposes('knockgate deploy --ssh s', /ystem/);
    await proposes('knockgated client add --', /--psk-file +-- /);
    at.type('\u0015exit\r');
    expect(await at.ends()).toBe(0);
  });
});
