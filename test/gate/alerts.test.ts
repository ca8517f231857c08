import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../rig/netns.ts';
import { Alarmed, USER } from './alerts/alarmed.ts';

describe('an alert', () => {
  let alarmed: Alarmed;
  beforeAll(async () => {
    alarmed = await Alarmed.make({ name: 'alert' });
    alarmed.configure([
      { name: 'flushed', events: ['firewall-lost'] },
      { name: 'other', events: ['clock'] },
      { name: 'bad', events: ['flood'] },
    ]);
    await alarmed.startUnit();
    await alarmed.scene.gate.start();
  });
  afterAll(async () => {
    await alarmed?.end();
  });

  it('with a fault keeps no gate from starting, and is named', async () => {
    const { gate } = alarmed.scene;
    const { detail } = await gate.audit(({ event }) => event === 'skipped');
    expect(detail).toMatch(
      /^an \[\[alert\]\]: .*gate\.toml:[0-9]+: events: "flood" is invalid\. .*running without it$/,
    );
    const checked = await gate.cli(['check'], { asRoot: true });
    expect([checked.code, checked.stderr]).toEqual([3, expect.stringContaining('events: "flood" is invalid')]);
  });

  it('of a table that was flushed runs once, as its user, and is told what happened', async () => {
    const { gate, pair } = alarmed.scene;
    const since = gate.events.length;
    await run(pair.target, ['nft', 'flush', 'ruleset']);
    const { uid, environment, words, input } = await alarmed.run('flushed');
    expect(uid).toBe((await run(pair.target, ['id', '-u', USER])).stdout.trim());
    expect(words).toEqual(['a word; id']);
    const given = Object.entries(environment).filter(([name]) => name.startsWith('KNOCKGATE_'));
    const host = environment.KNOCKGATE_GATE;
    expect(Object.fromEntries(given)).toEqual({
      KNOCKGATE_GATE: host,
      KNOCKGATE_ALERT: 'flushed',
      KNOCKGATE_EVENTS: 'firewall-lost',
      KNOCKGATE_COUNT: '1',
    });
    expect(JSON.parse(input)).toMatchObject({
      gate: host,
      alert: 'flushed',
      events: [{ event: 'firewall-lost', count: 1, entries: [{ detail: 'the table was flushed' }] }],
    });
    expect(await gate.audit(({ event }) => event.startsWith('alert-'), 10_000, since)).toMatchObject({
      event: 'alert-sent',
      action: 'flushed',
    });
    expect([alarmed.runs('flushed').length, alarmed.runs('other').length]).toEqual([1, 0]);
  });

  it('that gate.toml does not have is refused by the unit, if somebody controls the daemon', async () => {
    const time = '2027-01-15T08:00:15.000Z';
    const events = JSON.stringify([{ event: 'clock', count: 1, first: time, last: time, entries: [] }]);
    const answers = await Promise.all(
      [`mail ${events}`, `bad ${events}`, `../other ${events}`, 'other []', 'other $(id)'].map((rest) =>
        askUnit(alarmed.socket, `knockgate1 alert ${rest}`),
      ),
    );
    const none = 'refused gate.toml has no such alert\n';
    const unread = 'refused this is not a request\n';
    expect(answers).toEqual([none, none, unread, unread, unread]);
    expect(alarmed.runs('other')).toEqual([]);
  });
});

/** Sends a line to the unit. @returns its answer */
function askUnit(path: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    socket.on('end', () => resolve(text)).on('error', reject);
    socket.write(`${line}\n`);
  });
}
