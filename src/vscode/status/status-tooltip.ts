import { l10n, MarkdownString } from 'vscode';
import { inWords as phraseInWords } from '../../base/phrase.ts';
import { type AnyHost, kindOf } from '../../client/hosts/kinds.ts';
import type { Answer, HostState } from '../knock/host-states.ts';
import { clockTime } from './clock-time.ts';
import { steadyState } from './status-text.ts';

/** Commands that the tooltip links to. */
const LINKED = [
  'knockgate.knockHost',
  'knockgate.diagnoseHost',
  'knockgate.knockAndConnect',
  'knockgate.showLog',
  'knockgate.copyPublicKey',
  'knockgate.setHostKeys',
];

/** Text of the lock when pointed at: host, gate, last answer, and what can be done. */
export function lockTooltip(host: AnyHost, state: HostState, answer: Answer | undefined): MarkdownString {
  const tooltip = new MarkdownString('', true);
  tooltip.isTrusted = { enabledCommands: LINKED };
  const lines = [`**${escaped(host.name)}**: ${inWords(state)}`];
  if (state.kind === 'open') lines.push(howSureOfEnd(host));
  if (state.kind === 'open' && state.answer === undefined)
    lines.push(l10n.t('Another window, or the command line, knocked.'));
  lines.push(whatIsKnockedAt(host));
  if (answer !== undefined) lines.push(...answerLines(answer));
  if (state.kind === 'failed')
    lines.push(...[state.problem.why, state.problem.next].flatMap((text) => paragraph(text)));
  if (state.kind === 'closed') lines.push(l10n.t('Connections that are open stay open; new ones need a knock.'));
  lines.push(links(host, state));
  tooltip.appendMarkdown(lines.join('\n\n'));
  return tooltip;
}

function whatIsKnockedAt(host: AnyHost): string {
  const { addressesOf, how } = kindOf(host);
  return l10n.t('Knocks at {0} ({1})', code(addressesOf(host).join(', ')), escaped(phraseInWords(how(host))));
}

/** Says how certain the end is: no server says for how long it has opened. */
function howSureOfEnd(host: AnyHost): string {
  return 'duration' in host && host.duration > 0
    ? l10n.t('That is the time that was asked for. The server may grant less and does not say so.')
    : l10n.t('That is the usual time. The server may have another one and does not say so.');
}

/** State in words. The tooltip has room to explain a knock without an answer. */
function inWords(state: HostState): string {
  return state.kind === 'sent' ? l10n.t('knocked; whether it opened is unknown') : steadyState(state);
}

function answerLines({ address, port, afterMs, knocks, sourceClaimed, atMs }: Answer): string[] {
  const time = clockTime(atMs);
  const where = code(`${address} tcp/${port}`);
  const last =
    knocks === 0
      ? l10n.t('Last knock: {0}; {1} was open already', time, where)
      : l10n.t('Last knock: {0}; {1} opened after {2} ms', time, where, Math.round(afterMs));
  return sourceClaimed ? [last, l10n.t('The knock was good for this computer’s own address only.')] : [last];
}

function links(host: AnyHost, state: HostState): string {
  const argument = encodeURIComponent(JSON.stringify([host.name]));
  const knock = `[${l10n.t('Knock')}](command:knockgate.knockHost?${argument})`;
  const connect = `[${l10n.t('Knock and Connect')}](command:knockgate.knockAndConnect?${argument})`;
  const copyKey = `[${l10n.t('Copy Public Key')}](command:knockgate.copyPublicKey)`;
  const setKeys = `[${l10n.t('Set Keys')}](command:knockgate.setHostKeys?${argument})`;
  const keys = host.kind === 'gate' ? [copyKey] : kindOf(host).sharesKeys(host) ? [setKeys] : [];
  const showLog = `[${l10n.t('Show Log')}](command:knockgate.showLog)`;
  const diagnose = `[${l10n.t('Diagnose')}](command:knockgate.diagnoseHost?${argument})`;
  const next = state.kind === 'failed' ? [knock, diagnose, ...keys, showLog] : [knock, connect, showLog];
  return next.join(' · ');
}

/** Markdown of a text of ours, which may have several lines: it shows the text as it is. */
function paragraph(text: string | undefined): string[] {
  return text === undefined ? [] : [escaped(text).replaceAll('\n', '  \n')];
}

/** Markdown of any text: code stays code, and nothing else is markup, least of all an address. */
function escaped(text: string): string {
  // Only single backquotes are left, which pair here as they do in Markdown.
  const parts = text.replace(/`{2,}/g, "'").split(/(`[^`\n]*`)/);
  return parts.map((part, i) => (i % 2 === 1 ? part : part.replace(/[!-/:-@[-`{-~]/g, '\\$&'))).join('');
}

/** Markdown of a name or address, which has no backquotes. */
function code(text: string): string {
  return `\`${text}\``;
}
