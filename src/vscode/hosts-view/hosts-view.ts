import { type Disposable, EventEmitter, l10n, type TreeDataProvider, type TreeItem, window, workspace } from 'vscode';
import { recentFolders } from '../hosts/recent-folders.ts';
import type { Doors } from '../knock/doors.ts';
import type { Parts } from '../parts.ts';
import { HOSTS_SETTING } from '../settings.ts';
import { SSH_EXTENSIONS } from '../ssh/ssh-extensions.ts';
import { lockText } from '../status/status-text.ts';
import { hostDetails } from './host-details.ts';
import { hostItem, partItem } from './host-item.ts';
import { folderRows, type HostRow, hostRows, type PartRow } from './host-rows.ts';

const COUNT_EVERY_MS = 1000;

/** Settings that the list of hosts depends on. */
const SECTIONS = [HOSTS_SETTING, ...new Set(SSH_EXTENSIONS.flatMap(({ sections }) => sections))];

interface Shown extends Pick<Parts, 'hosts' | 'sshAliases' | 'states' | 'clock' | 'onRefreshHosts'> {
  readonly doors: Pick<Doors, 'behind'>;
  readonly keyring: Pick<Parts['keyring'], 'hasPsk'>;
  readonly hostSecrets: Pick<Parts['hostSecrets'], 'has'>;
  readonly sshHook: Pick<Parts['sshHook'], 'isOn'>;
  readonly globalState: Pick<Parts['globalState'], 'get'>;
}

type Row = HostRow | PartRow;

/** Rows, and an event when they change. */
class HostTree implements TreeDataProvider<Row> {
  private readonly shown: Shown;
  private readonly changed = new EventEmitter<Row | undefined>();
  /** Rows that the editor has: it knows a row by the object that it was given last. */
  private rows: readonly HostRow[] = [];
  private timer: NodeJS.Timeout | undefined;
  private isVisible = false;
  readonly onDidChangeTreeData = this.changed.event;

  constructor(shown: Shown) {
    this.shown = shown;
  }

  getChildren(row?: Row): Row[] {
    if (row === undefined) return [...this.readRows()];
    if (row.kind !== 'gated') return [];
    const { states, keyring, hostSecrets, sshHook, hosts, globalState } = this.shown;
    const facts = {
      answer: states.lastAnswer(row.host),
      hasPsk: keyring.hasPsk(row.host),
      hasKeys: hostSecrets.has(row.host),
      hookIsOn: sshHook.isOn,
    };
    const details = hostDetails(row.configured, facts);
    return [
      ...folderRows(row.host, hosts(), recentFolders(globalState)),
      ...details.map((detail): PartRow => ({ kind: 'detail', host: row.host, detail })),
    ];
  }

  getTreeItem(row: Row): TreeItem {
    if (row.kind === 'detail' || row.kind === 'folder') return partItem(row);
    return hostItem(row, this.shown.states, this.shown.clock.wallMs());
  }

  /** Whether there is no row: then the editor shows a text of the manifest. */
  get isEmpty(): boolean {
    return this.readRows().length === 0;
  }

  private readRows(): readonly HostRow[] {
    const { hosts, sshAliases, doors } = this.shown;
    this.rows = hostRows(hosts(), sshAliases(), (name) => doors.behind(name));
    return this.rows;
  }

  refresh(): void {
    this.changed.fire(undefined);
    this.count();
  }

  /** Shows a host's new state, and counts the seconds while its port is open. */
  follow(host: string): void {
    this.redraw(host);
    this.count();
  }

  /** Notes whether the view is visible. */
  setVisible(isVisible: boolean): void {
    this.isVisible = isVisible;
    this.count();
  }

  private redraw(host: string): void {
    const row = this.rows.find((each) => each.host === host);
    if (row !== undefined) this.changed.fire(row);
  }

  /** Texts of the rows of open hosts, by their names. */
  private countdown(): ReadonlyMap<string, string> {
    const { states, clock } = this.shown;
    const open = this.rows.filter(({ host }) => states.get(host).kind === 'open');
    return new Map(open.map(({ host }) => [host, lockText(host, states.get(host), clock.wallMs()).state]));
  }

  /** Counts while the view is visible and a port is open. */
  private count(): void {
    const isWanted = this.isVisible && this.countdown().size > 0;
    if (!isWanted) {
      clearInterval(this.timer);
      this.timer = undefined;
    } else this.timer ??= this.startCounting();
  }

  private startCounting(): NodeJS.Timeout {
    let said = this.countdown();
    return setInterval(() => {
      const says = this.countdown();
      // A row without a countdown has just closed.
      for (const host of new Set([...said.keys(), ...says.keys()]))
        if (said.get(host) !== says.get(host)) this.redraw(host);
      said = says;
      this.count();
    }, COUNT_EVERY_MS);
  }

  dispose(): void {
    clearInterval(this.timer);
    this.changed.dispose();
  }
}

/** Shows the view "Hosts", and keeps it up to date. */
export function showHostsView(shown: Shown): Disposable[] {
  const tree = new HostTree(shown);
  const view = window.createTreeView('knockgate.hosts', { treeDataProvider: tree });
  const refresh = () => {
    // The manifest has a text for the empty view.
    const { hosts, broken } = shown.hosts();
    const isWithoutGate = hosts.size + broken.size === 0 && !tree.isEmpty;
    view.message = isWithoutGate
      ? l10n.t('No gate yet. Set one up with the shield, or paste a gate’s line with +.')
      : '';
    tree.refresh();
  };
  tree.setVisible(view.visible);
  refresh();
  return [
    tree,
    view,
    shown.onRefreshHosts(refresh),
    shown.states.onDidChange((host) => tree.follow(host)),
    workspace.onDidChangeConfiguration((event) => {
      if (SECTIONS.some((section) => event.affectsConfiguration(section))) refresh();
    }),
    // The SSH configuration is edited elsewhere: it is read again when the view is looked at.
    view.onDidChangeVisibility(({ visible }) => {
      tree.setVisible(visible);
      if (visible) refresh();
    }),
  ];
}
