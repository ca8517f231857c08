import { type Disposable, EventEmitter, l10n, type TreeDataProvider, type TreeItem, window, workspace } from 'vscode';
import type { Doors } from '../doors.ts';
import type { Parts } from '../parts.ts';
import { HOSTS_SETTING } from '../settings.ts';
import { hostItem } from './host-item.ts';
import { type HostRow, hostRows } from './host-rows.ts';

/** The rows, and word of when they are others. */
class HostTree implements TreeDataProvider<HostRow> {
  private readonly parts: Pick<Parts, 'hosts' | 'sshAliases' | 'states' | 'clock'> & {
    readonly doors: Pick<Doors, 'behind'>;
  };
  private readonly changed = new EventEmitter<undefined>();
  private readonly closing = new Map<string, NodeJS.Timeout>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(parts: HostTree['parts']) {
    this.parts = parts;
  }

  getChildren(row?: HostRow): HostRow[] {
    const { hosts, sshAliases, doors } = this.parts;
    return row === undefined ? hostRows(hosts(), sshAliases(), (name) => doors.behind(name)) : [];
  }

  getTreeItem(row: HostRow): TreeItem {
    return hostItem(row, this.parts.states);
  }

  refresh(): void {
    this.changed.fire(undefined);
  }

  /** Shows a host's new state, and once more when its door closes by itself. */
  follow(host: string): void {
    clearTimeout(this.closing.get(host));
    this.closing.delete(host);
    const state = this.parts.states.get(host);
    if (state.kind === 'open') {
      const leftMs = state.untilMs - this.parts.clock.wallMs();
      this.closing.set(
        host,
        setTimeout(() => this.follow(host), leftMs),
      );
    }
    this.refresh();
  }

  dispose(): void {
    for (const timer of this.closing.values()) clearTimeout(timer);
    this.changed.dispose();
  }
}

/** The view "Hosts", with what brings it up to date. */
export function showHostsView(parts: HostTree['parts'] & Pick<Parts, 'onRefreshHosts'>): Disposable[] {
  const tree = new HostTree(parts);
  const view = window.createTreeView('knockgate.hosts', { treeDataProvider: tree });
  const refresh = () => {
    // An empty view has a text of its own, from the manifest.
    const isWithoutGate = parts.hosts().hosts.size === 0 && tree.getChildren().length > 0;
    view.message = isWithoutGate ? l10n.t('No host has a gate yet. Add one with +.') : '';
    tree.refresh();
  };
  refresh();
  return [
    tree,
    view,
    parts.onRefreshHosts(refresh),
    parts.states.onDidChange((host) => tree.follow(host)),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(HOSTS_SETTING) || event.affectsConfiguration('remote.SSH')) refresh();
    }),
    // The SSH configuration is edited elsewhere: it is read again when somebody looks.
    view.onDidChangeVisibility(({ visible }) => {
      if (visible) refresh();
    }),
  ];
}
