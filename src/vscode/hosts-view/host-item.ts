import { l10n, ThemeColor, ThemeIcon, TreeItem } from 'vscode';
import { type AnyHost, sharesKeys } from '../../client/any-host.ts';
import { clockTime } from '../clock-time.ts';
import type { Answer, HostState, HostStates } from '../host-states.ts';
import { shortReason } from '../lock-text.ts';
import { lockTooltip } from '../lock-tooltip.ts';
import { gateFurtherIn } from '../problems.ts';
import type { HostRow } from './host-rows.ts';

/** How a row is shown: name, state in words, last result; an icon beside the words, never instead of them. */
export function hostItem(row: HostRow, states: HostStates): TreeItem {
  const item = new TreeItem(row.host);
  item.id = row.host;
  item.contextValue = contextOf(row);
  switch (row.kind) {
    case 'gated':
      if (row.behind === undefined) showGated(item, row.configured, states);
      else showOutOfReach(item, row.host, row.behind);
      break;
    case 'broken':
      item.description = l10n.t('wrong settings');
      item.iconPath = new ThemeIcon('warning', new ThemeColor('list.warningForeground'));
      item.tooltip = row.problem.message;
      break;
    case 'plain':
      item.description = l10n.t('no gate');
      item.iconPath = new ThemeIcon('server');
      item.tooltip = l10n.t('{0} is in the SSH configuration; no gate is known for it.', row.host);
  }
  item.accessibilityInformation = { label: `${row.host}, ${item.description}` };
  return item;
}

/** What the menus of a row go by. */
function contextOf(row: HostRow): string {
  if (row.kind !== 'gated' || row.configured.kind === 'gate') return `host.${row.kind}`;
  return `host.gated.${row.configured.kind}${sharesKeys(row.configured) ? '.keys' : ''}`;
}

function showGated(item: TreeItem, host: AnyHost, states: HostStates): void {
  const state = states.get(host.name);
  const answer = states.lastAnswer(host.name);
  item.description = inWords(state, answer);
  item.iconPath = iconOf(state);
  item.tooltip = lockTooltip(host, state, answer);
}

/** Behind a jump host: as long as ssh goes that way, there is nothing to knock at. */
function showOutOfReach(item: TreeItem, host: string, behind: string): void {
  item.description = l10n.t('out of reach, behind {0}', behind);
  item.iconPath = new ThemeIcon('circle-slash');
  item.tooltip = gateFurtherIn(host, behind).message;
}

function inWords(state: HostState, answer: Answer | undefined): string {
  switch (state.kind) {
    case 'closed':
      if (answer === undefined) return l10n.t('closed');
      return l10n.t('closed; last opened at {0}', clockTime(answer.atMs));
    case 'knocking':
      return l10n.t('knocking');
    case 'open': {
      const until = clockTime(state.untilMs);
      if (answer === undefined || answer.knocks === 0) return l10n.t('open until {0}', until);
      return l10n.t('open until {0}, after {1} ms', until, Math.round(answer.afterMs));
    }
    case 'sent':
      return l10n.t('knocked');
    case 'failed':
      return l10n.t('failed: {0}', shortReason(state.problem.code));
  }
}

function iconOf(state: HostState): ThemeIcon {
  switch (state.kind) {
    case 'closed':
      return new ThemeIcon('lock');
    case 'knocking':
      return new ThemeIcon('sync~spin');
    case 'open':
      return new ThemeIcon('unlock', new ThemeColor('charts.green'));
    case 'sent':
      return new ThemeIcon('send');
    case 'failed':
      return new ThemeIcon('warning', new ThemeColor('list.warningForeground'));
  }
}
