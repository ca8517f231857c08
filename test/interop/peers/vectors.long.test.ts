import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { must } from '../../rig/process.ts';
import aldaba from '../../vectors/aldaba.json' with { type: 'json' };
import pyknock from '../../vectors/pyknock.json' with { type: 'json' };
import xtPknock from '../../vectors/xt-pknock.json' with { type: 'json' };

/** Whether the stand-in in Python does something for each of these packets. */
async function judged(file: string, cases: readonly object[]): Promise<boolean[]> {
  const input = cases.map((each) => `${JSON.stringify(each)}\n`).join('');
  const stdout = await must(['python3', fileURLToPath(new URL(`./${file}`, import.meta.url))], { input });
  const verdicts = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return verdicts.map(({ does }) => does !== undefined && does !== '' && does !== 'nothing');
}

const accepted = (vectors: readonly { name: string; accepted: boolean }[]) =>
  vectors.map((vector) => [vector.name, vector.accepted]);
const named = (vectors: readonly { name: string }[], does: readonly boolean[]) =>
  vectors.map(({ name }, i) => [name, does[i]]);

// The servers themselves cannot be had: the vectors hold what the real ones did.
describe('the stand-ins in Python judge the vectors as the real servers did', () => {
  it('of pyknock', async () => {
    const cases = pyknock.vectors.map(({ psk, hex }) => {
      const [first = '', repeated] = hex.split(' ');
      const whole = repeated === undefined ? first : first.repeat(104).slice(0, 2 * 4096);
      return { secret: psk, now: pyknock.server_time, hex: whole };
    });
    const does = await judged('pyknock_server.py', cases);
    expect(named(pyknock.vectors, does)).toEqual(accepted(pyknock.vectors));
    const real = pyknock.real_client.map(({ hex }) => ({ secret: pyknock.psk_text, now: pyknock.server_time, hex }));
    expect(await judged('pyknock_server.py', real)).toEqual(real.map(() => true));
  });

  it('of Aldaba, in every mode of AES that they have', async () => {
    const vectors = aldaba.spa.filter(
      ({ name }) => name !== 'other udp port' && name !== 'replay after a server restart, same clock',
    );
    const common = { secret: aldaba.passphrase, now: aldaba.server_time };
    const does = await judged(
      'aldaba_server.py',
      vectors.map(({ hex }) => ({ ...common, mode: 'cbc', hex })),
    );
    expect(named(vectors, does)).toEqual(accepted(vectors));
    const ofAes = aldaba.spa_ciphers.filter(({ cipher }) => cipher.startsWith('AES'));
    const real = ofAes.map(({ cipher, hex }) => ({ ...common, mode: cipher.split('-')[1] ?? 'cbc', hex }));
    expect(await judged('aldaba_server.py', real)).toEqual(real.map(() => true));
  });

  it('of xt_pknock, where no earlier packet counts, and the release counts minutes since 1970', async () => {
    const vectors = xtPknock.vectors.flatMap(
      ({ build, name, opensecret, payload_hex: hex, src, real_s: now, ...more }) => {
        const isAlone = !['close secret on closed', 'open then close', 'other port'].includes(name);
        if (build !== 'master' || !isAlone || opensecret === undefined || hex === undefined) return [];
        return [
          { name, accepted: more.allowed_afterwards === true, case: { secret: opensecret, source: src, now, hex } },
        ];
      },
    );
    const does = await judged(
      'xt_pknock_server.py',
      vectors.map((vector) => vector.case),
    );
    expect(named(vectors, does)).toEqual(accepted(vectors));
    expect(vectors.length).toBeGreaterThan(8);
  });
});
