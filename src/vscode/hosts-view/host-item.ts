import { l10n, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from 'vscode';
import { kindOf } from '../../client/hosts/kinds.ts';
import type { HostState, HostStates } from '../knock/host-states.ts';
import { gateFurtherIn } from '../problems.ts';
import { lockText, steadyState } from '../status/status-text.ts';
import { lockTooltip } from '../status/status-tooltip.ts';
import type { HostRow, PartRow } from './host-rows.ts';

/** Words beside the name of a host in its row. */
interface Words {
  /** Short, so that it is not cut off beside the icons. */
  readonly description: string;
  /** The same for a screen reader, which need not be short. */
  readonly spoken: string;
}

/** Row of a host: name and state in words; an icon beside the words, never instead of them. */
export function hostItem(row: HostRow, states: HostStates, wallMs: number): TreeItem {
  const item = new TreeItem(row.host);
  item.id = row.host;
  item.contextValue = contextOf(row);
  if (row.kind === 'gated') item.collapsibleState = TreeItemCollapsibleState.Collapsed;
  const words = dress(item, row, states, wallMs);
  item.description = words.description;
  item.accessibilityInformation = { label: `${row.host}, ${words.spoken}` };
  return item;
}

/** Gives a row its icon, its tooltip and its words. */
function dress(item: TreeItem, row: HostRow, states: HostStates, wallMs: number): Words {
  if (row.kind === 'broken') {
    item.iconPath = new ThemeIcon('warning', new ThemeColor('list.warningForeground'));
    item.tooltip = row.problem.message;
    return same(l10n.t('wrong settings'));
  }
  if (row.kind === 'plain') {
    item.iconPath = new ThemeIcon('server');
    item.tooltip = l10n.t('{0} is in the SSH configuration; no gate is known for it.', row.host);
    return same(l10n.t('no gate'));
  }
  if (row.behind !== undefined) {
    // As long as ssh takes that route, there is nothing to knock at.
    item.iconPath = new ThemeIcon('circle-slash');
    item.tooltip = gateFurtherIn(row.host, row.behind).message;
    return { description: l10n.t('behind {0}', row.behind), spoken: l10n.t('out of reach, behind {0}', row.behind) };
  }
  const state = states.get(row.host);
  item.iconPath = iconOf(state);
  item.tooltip = lockTooltip(row.configured, state, states.lastAnswer(row.host));
  return { description: lockText(row.host, state, wallMs).state, spoken: steadyState(state) };
}

const same = (text: string): Words => ({ description: text, spoken: text });

/** Context value that the menus of a row depend on. */
function contextOf(row: HostRow): string {
  if (row.kind !== 'gated' || row.configured.kind === 'gate') return `host.${row.kind}`;
  return `host.gated.${row.configured.kind}${kindOf(row.configured).sharesKeys(row.configured) ? '.keys' : ''}`;
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

/** Row below that of a host. */
export function partItem(row: PartRow): TreeItem {
  const { label, value, icon, tooltip } = row.kind === 'detail' ? row.detail : folderParts(row);
  const item = new TreeItem(label);
  // A folder may have been opened by several users.
  item.id = [row.host, row.kind, label, ...(row.kind === 'folder' ? [value] : [])].join('/');
  item.description = value;
  item.iconPath = new ThemeIcon(icon);
  item.tooltip = tooltip;
  item.contextValue = row.kind;
  item.accessibilityInformation = { label: value === '' ? label : `${label}: ${value}` };
  if (row.kind === 'folder') item.command = { title: tooltip, command: 'knockgate.openFolder', arguments: [row] };
  return item;
}

function folderParts({ host, folder: { path, user, port } }: PartRow & { kind: 'folder' }) {
  const who = [user === undefined ? [] : `${user}@`, port === undefined ? [] : `:${port}`].flat().join('');
  return { label: path, value: who, icon: 'folder', tooltip: l10n.t('Knock at {0} and open {1}', host, path) };
}
