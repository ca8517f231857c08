import fc from 'fast-check';
import { stringify } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { parseGateConfig } from '../../../../server-helper/config/gate-config.ts';
import { FILE, problemOf, SHORTEST } from '../support.ts';

const LEAST = '[[action]]\nname = "wake"\nopen = ["/bin/wake", "{source}"]\nuser = "nobody"\n';
const MAY = `${SHORTEST}actions = ["wake"]\n`;

const wrong = async (text: string) => (await problemOf(() => parseGateConfig(text, FILE))).what;

describe('[[action]]', () => {
  it('has a default for everything but its name, command and user; and nobody may ask for it who is not named', () => {
    const { actions, clients } = parseGateConfig(SHORTEST + LEAST, FILE);
    expect(actions).toEqual([
      {
        name: 'wake',
        open: ['/bin/wake', '{source}'],
        close: undefined,
        user: 'nobody',
        timeout: 10,
        command: 'wake',
        line: 6,
      },
    ]);
    expect(clients[0]?.actions).toEqual([]);
    expect(parseGateConfig(MAY + LEAST, FILE).clients[0]?.actions).toEqual(['wake']);
  });

  it('takes every field', () => {
    const more = 'close = ["/bin/sleep", "{seconds}"]\ntimeout = 300\ncommand = "wake up; now"\n';
    expect(parseGateConfig(MAY + LEAST + more, FILE).actions[0]).toMatchObject({
      close: ['/bin/sleep', '{seconds}'],
      timeout: 300,
      command: 'wake up; now',
    });
  });

  it.each([
    [MAY, 'may ask for wake, and there is no [[action]]'],
    [MAY + LEAST + LEAST, 'the name wake is taken by line 7'],
    [`${LEAST}${LEAST.replace('"wake"', '"other"')}command = "wake"\n`, 'command of other is that of wake'],
    [LEAST.replace('name = "wake"\n', ''), 'needs a name'],
    [LEAST.replace('user = "nobody"\n', ''), 'needs a user'],
    [LEAST.replace('nobody', '-u'), 'the name of a user'],
    [LEAST.replace('"/bin/wake"', '"wake"'), 'the absolute path of a program'],
    [LEAST.replace('"/bin/wake"', '"/bin/{client}"'), 'the absolute path of a program'],
    [LEAST.replace('"/bin/wake", "{source}"', ''), 'the absolute path of a program'],
    [`${LEAST}close = []\n`, 'the absolute path of a program'],
    [LEAST.replace('{source}', '{port}'), 'no other placeholders'],
    [LEAST.replace('["/bin/wake", "{source}"]', '"/bin/sh -c id"'), 'open should be'],
    [`${LEAST}timeout = 0\n`, 'timeout should be'],
    [`${LEAST}command = "ä"\n`, 'printable ASCII'],
    [`${LEAST}shell = true\n`, 'unknown key shell'],
    [LEAST.replace('[[action]]', '[action]'), 'write [[action]], with two brackets'],
  ])('is refused: %j', async (text, expected) => {
    expect(await wrong(text.includes('[gate]') ? text : `[gate]\n${text}`)).toContain(expected);
  });

  it('takes whatever is in an argument as it is, or refuses it with its line', async () => {
    const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), fc.array(fc.string()));
    const field = fc.constantFrom('name', 'open', 'close', 'user', 'timeout', 'command');
    await fc.assert(
      fc.asyncProperty(field, value, fc.array(fc.string({ unit: 'grapheme' })), async (key, bad, words) => {
        const table = { name: 'a', user: 'nobody', open: ['/bin/x', ...words.filter((each) => !/[{}\0]/.test(each))] };
        const good = parseGateConfig(stringify({ gate: {}, action: [table] }), FILE);
        expect(good.actions[0]?.open).toEqual(table.open);
        try {
          const [action] = parseGateConfig(stringify({ gate: {}, action: [{ ...table, [key]: bad }] }), FILE).actions;
          expect(action?.open[0]).toMatch(/^\//);
        } catch (error) {
          expect(String(error)).toMatch(/gate\.toml:[0-9]+: /);
        }
      }),
    );
  });
});
