import { l10n } from 'vscode';
import type { HostState } from '../knock/host-states.ts';
import { clockTime } from './clock-time.ts';

/** Texts of the lock in the status bar. */
export interface LockText {
  /** Codicon before the text. */
  readonly icon: string;
  readonly text: string;
  /** State alone, in a word or two. */
  readonly state: string;
  /** The same for a screen reader: no icons, whole words. */
  readonly spoken: string;
}

/**
 * Text of the lock: always a word, never an icon or a colour alone.
 * @param host undefined when there is no host to show yet
 */
export function lockText(host: string | undefined, state: HostState, wallMs: number): LockText {
  if (host === undefined) {
    const spoken = l10n.t('Knockgate: no host was knocked at yet');
    return { icon: 'lock', text: `$(lock) ${l10n.t('Knock')}`, state: l10n.t('closed'), spoken };
  }
  switch (state.kind) {
    case 'closed':
      return said('lock', host, l10n.t('closed'), l10n.t('closed'));
    case 'knocking':
      return said('sync~spin', host, l10n.t('knocking'), l10n.t('knocking'));
    case 'open':
      return openText(host, (state.untilMs - wallMs) / 1000);
    case 'sent':
      return said('send', host, l10n.t('knocked'), l10n.t('knocked; whether it opened is unknown'));
    case 'failed': {
      const reason = shortReason(state.problem.code);
      return said('warning', host, reason, l10n.t('failed: {0}', reason));
    }
  }
}

function said(icon: string, host: string, short: string, long: string): LockText {
  return {
    icon,
    text: `$(${icon}) ${host}: ${short}`,
    state: short,
    spoken: l10n.t('Knockgate, {0}: {1}', host, long),
  };
}

/** State in words, without a countdown: a screen reader would begin anew every second, and a changing tooltip cannot be read. */
export function steadyState(state: HostState): string {
  switch (state.kind) {
    case 'closed':
      return l10n.t('closed');
    case 'knocking':
      return l10n.t('knocking');
    case 'open':
      return l10n.t('open until {0}', clockTime(state.untilMs));
    case 'sent':
      return l10n.t('knocked');
    case 'failed':
      return l10n.t('failed: {0}', shortReason(state.problem.code));
  }
}

/** Time up to which the rest is shown in seconds; above, in minutes. */
const MOST_SECONDS = 90;
/**
 * Step of the countdown: the editor closes the tooltip of a row that is drawn again, so that nobody could read it. Lock and rows
 * show the same.
 */
const STEP_SECONDS = 10;

function openText(host: string, secondsLeft: number): LockText {
  const minutes = Math.ceil(secondsLeft / 60);
  if (secondsLeft > MOST_SECONDS)
    return said('unlock', host, l10n.t('open {0} min', minutes), l10n.t('open, {0} minutes left', minutes));
  const seconds = Math.max(0, Math.ceil(secondsLeft / STEP_SECONDS) * STEP_SECONDS);
  return said('unlock', host, l10n.t('open {0} s', seconds), l10n.t('open, {0} seconds left', seconds));
}

/** Reason why a knock failed, in a word or two. */
function shortReason(code: string): string {
  switch (code) {
    case 'name-not-found':
      return l10n.t('name not found');
    case 'no-route':
      return l10n.t('no route');
    case 'no-answer':
      return l10n.t('no answer');
    case 'port-closed':
      return l10n.t('refused');
    case 'slots-exhausted':
      return l10n.t('too many knocks');
    case 'host-keys-locked':
    case 'keys-locked':
      return l10n.t('keys locked');
    case 'host-keys-missing':
    case 'identity-unknown':
    case 'key-missing':
      return l10n.t('no key');
    case 'key-lost':
    case 'key-malformed':
      return l10n.t('key lost');
    case 'gate-further-in':
      return l10n.t('out of reach');
    case 'fwknop-only-ipv6':
    case 'fwknop-packet-too-long':
    case 'fwknop-source-unknown':
    case 'gate-key-unusable':
    case 'hosts-file-invalid':
      return l10n.t('wrong settings');
    default:
      return l10n.t('failed');
  }
}
