import { version } from '../../package.json';
import { inWords } from '../base/phrase.ts';
import { ExitCode, Problem } from '../base/problem.ts';
import { diagnose as diagnoseGate } from '../client/diagnose/diagnose.ts';
import { diagnoseByOpening } from '../client/diagnose/diagnose-by-opening.ts';
import type { Diagnosis, Step } from '../client/diagnose/diagnosis.ts';
import { readGreeting } from '../client/diagnose/greeting.ts';
import { asIssueText } from '../client/diagnose/report.ts';
import type { DiagnoseIo } from '../client/diagnose/walk.ts';
import { Ledger } from '../client/gate/ledger.ts';
import { sshPortOf } from '../client/gate/target.ts';
import { kindOf } from '../client/hosts/kinds.ts';
import { readSecretFile } from '../client/keys/identity.ts';
import { DIAGNOSE } from '../command-table/client/looking.ts';
import type { Arguments } from '../command-table/read-line.ts';
import { pairKeys } from '../spa/outer.ts';
import type { Command } from './command.ts';
import { type FoundHost, findHost } from './find-host.ts';
import { keysOfFiles } from './key-files.ts';
import { defaultName, nameOfKey } from './key-line.ts';
import { openIo } from './open-host.ts';
import { keyPath, ledgerPath } from './paths.ts';
import { readPsk, readPskFile } from './psk-files.ts';
import type { Shell, Tone } from './shell.ts';

/** Verdicts with which a connection works. */
const WELL: readonly string[] = [
  'open',
  'open-from-before',
  'not-hidden',
  'knock-port-blocked',
  'family-shut',
  'clock',
  'clock-set-right',
];

const TONES: Readonly<Record<Step['result'], Tone>> = { ok: 'good', 'not ok': 'bad', unknown: 'plain' };

export const diagnose: Command = {
  entry: DIAGNOSE,
  run: async (args, shell) => {
    const [name = ''] = args.positionals;
    const isQuiet = args.flag('json') || args.flag('issue');
    const tell = ({ name: step, result, finding }: Step) => {
      if (!isQuiet) shell.tell(`${result.padEnd(7)}  ${step.padEnd(16)}  ${inWords(finding)}`, TONES[result]);
    };
    const found = await walk(findHost(name, args, shell), args, shell, tell);
    const { code, what, next } = found.verdict;
    if (args.flag('json')) shell.print(JSON.stringify(record(found)));
    else if (args.flag('issue'))
      shell.print(asIssueText(found, { version, system: `${process.platform} ${process.arch}` }, false).trimEnd());
    else {
      const isWell = WELL.includes(code);
      if (found.clientLine !== undefined && !isWell) shell.tell(`\nThe gate must know this line: ${found.clientLine}`);
      shell.print(`\n${inWords(what)}`, isWell ? 'good' : 'bad');
      // The editor shows it as Markdown.
      shell.print(inWords(next).replaceAll('**', ''));
    }
    return WELL.includes(code) ? ExitCode.done : ExitCode.noAnswer;
  },
};

async function walk(
  { host, as }: FoundHost,
  args: Arguments,
  shell: Shell,
  tell: (step: Step) => void,
): Promise<Diagnosis> {
  const key = keyPath(args, shell);
  const ledger = new Ledger(ledgerPath(key), shell.clock, shell.crypto);
  const { clock, crypto, resolve, openRoute, probe, signal } = shell;
  const io: DiagnoseIo = { clock, crypto, resolve, openRoute, probe, ledger, readGreeting };
  const words = kindOf(host).diagnosis(host);
  if (words !== undefined) {
    const keys = keysOfFiles(key, undefined, as);
    const prepare = () => kindOf(host).prepare(host, keys, openIo(as, ledger, shell), signal);
    return await diagnoseByOpening({ host, sshPort: undefined, words, prepare }, io, signal, tell);
  }
  if (host.kind !== 'gate') throw new RangeError(`${host.kind}: a kind without a diagnosis`);
  const pskFile = args.value('psk-file');
  const privateKey = () => readSecretFile(key, shell.owner);
  const keyName = () => {
    try {
      return nameOfKey(key, privateKey(), shell);
    } catch (error) {
      // The diagnosis says what is wrong with the key.
      if (!(error instanceof Problem)) throw error;
      return defaultName(key, shell);
    }
  };
  const subject = {
    host,
    sshPort: sshPortOf(host),
    pair: async () => {
      const own = privateKey();
      const psk = pskFile === undefined ? readPsk(host, shell) : readPskFile(pskFile, shell);
      return pairKeys(crypto, 'client', own, host.gate.key, psk);
    },
    hasPsk: pskFile !== undefined || host.pskFile !== undefined,
    keyName: keyName(),
    openedMs: undefined,
  };
  return await diagnoseGate(subject, io, signal, tell);
}

function record({ host, verdict, steps, clientLine }: Diagnosis): Record<string, unknown> {
  return {
    host,
    code: verdict.code,
    what: inWords(verdict.what),
    next: inWords(verdict.next),
    steps: steps.map(({ name, result, finding }) => ({ name, result, finding: inWords(finding) })),
    clientLine: clientLine ?? null,
  };
}
